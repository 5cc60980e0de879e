package dev.sluice.runtime.host;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import org.jspecify.annotations.Nullable;

/// Rings when something in a folder changes, so that the next look at it need not wait. Only a
/// hint: where the kernel cannot tell, as on some network file systems, looks come by themselves.
final class FolderBell implements AutoCloseable {
  private final @Nullable WatchService watch;

  /// Listens from now on.
  ///
  /// @param ring called on a thread of this bell; must not block
  FolderBell(Path folder, Runnable ring) {
    this.watch = open(folder);
    if (watch != null) {
      Thread.ofPlatform().name("bundles-watch").daemon().start(() -> listen(watch, ring));
    }
  }

  private static @Nullable WatchService open(Path folder) {
    try {
      WatchService opened = FileSystems.getDefault().newWatchService();
      folder.register(
          opened,
          StandardWatchEventKinds.ENTRY_CREATE,
          StandardWatchEventKinds.ENTRY_MODIFY,
          StandardWatchEventKinds.ENTRY_DELETE);
      return opened;
    } catch (IOException | UnsupportedOperationException e) {
      return null; // looks come by themselves
    }
  }

  private static void listen(WatchService watch, Runnable ring) {
    try {
      for (WatchKey key = watch.take(); ; key = watch.take()) {
        key.pollEvents();
        ring.run();
        if (!key.reset()) {
          return; // the folder is gone
        }
      }
    } catch (ClosedWatchServiceException | InterruptedException e) {
      // Which is how it ends; nobody interrupts this thread.
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    if (watch != null) {
      try {
        watch.close();
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }
  }
}
