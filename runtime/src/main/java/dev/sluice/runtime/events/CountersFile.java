package dev.sluice.runtime.events;

import dev.sluice.plugin.EventLog;
import dev.sluice.runtime.supervisor.FatalErrors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Keeps a file with the newest counters, replaced as a whole several times a second, so that other
/// programs can read it at any moment.
public final class CountersFile implements AutoCloseable {
  private static final long PERIOD_MS = 200;

  private final Path path;
  private final Path next;
  private final Counters.Source source;
  private final EventLog events;
  private final Thread thread;
  private final CountDownLatch closing = new CountDownLatch(1);
  private boolean failing;

  private CountersFile(Path path, Counters.Source source, EventLog events) {
    this.path = path;
    this.next = path.resolveSibling(path.getFileName() + ".next");
    this.source = source;
    this.events = events;
    this.thread =
        Thread.ofPlatform()
            .name("counters")
            .uncaughtExceptionHandler(FatalErrors.handler())
            .daemon()
            .unstarted(this::run);
  }

  /// Starts to write.
  public static CountersFile start(Path path, Counters.Source source, EventLog events) {
    CountersFile file = new CountersFile(path, source, events);
    file.thread.start();
    return file;
  }

  private void run() {
    try {
      do {
        replace();
      } while (!closing.await(PERIOD_MS, TimeUnit.MILLISECONDS));
      replace();
    } catch (InterruptedException e) {
      // Nobody interrupts this thread but to end it.
      Thread.currentThread().interrupt();
    }
  }

  private void replace() {
    try {
      Files.writeString(next, text(source.snapshot()));
      Files.move(next, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      failing = false;
    } catch (IOException e) {
      // The disk may come back: told once each time it fails anew.
      deleteNext();
      if (!failing) {
        failing = true;
        events.report(
            EventLog.Severity.WARNING,
            "counters-not-written",
            Map.of("file", path, "cause", e.toString()));
      }
    }
  }

  /// A file that cannot be put in place must not be left lying beside it.
  private void deleteNext() {
    try {
      Files.deleteIfExists(next);
    } catch (IOException e) {
      // The disk that did not take the file does not give it back either; the next one replaces it.
      next.toFile().deleteOnExit();
    }
  }

  /// The file's content: one JSON object and a line end.
  static String text(Counters counters) {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("received", counters.received());
    members.put("forwarded", counters.forwarded());
    members.put("answered", counters.answered());
    members.put("held", counters.held());
    members.put("sentData", counters.sentData());
    members.put("dropped", counters.dropped());
    members.put("packetThreadsAllocatedBytes", counters.packetThreadsAllocatedBytes());
    members.put("generation", counters.generation());
    members.put("chain", counters.chain());
    members.put("devices", counters.devices());
    StringBuilder text = new StringBuilder(512);
    Json.value(text, members);
    return text.append('\n').toString();
  }

  /// Writes the last state and ends.
  @Override
  public void close() {
    closing.countDown();
    try {
      thread.join(2000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
