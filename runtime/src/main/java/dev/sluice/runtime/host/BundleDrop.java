package dev.sluice.runtime.host;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// Brings an operator's file into `bundles/`, where others may write too: nothing there is followed
/// or written over that is not the same bundle's. Any thread.
final class BundleDrop {
  private static final String BESIDE = ".ctl";

  private final Path folder;
  private final BundleStore store;

  BundleDrop(Path folder, BundleStore store) {
    this.folder = folder;
    this.store = store;
    removeLeftovers();
  }

  /// What a gateway was copying into the folder when it was killed.
  private void removeLeftovers() {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, ".*" + BESIDE)) {
      for (Path file : files) {
        Files.deleteIfExists(file);
      }
    } catch (IOException | DirectoryIteratorException e) {
      // It costs disk, and nothing else: names with a dot are passed over.
      System.getLogger(BundleDrop.class.getName())
          .log(System.Logger.Level.DEBUG, "a copy cannot be removed", e);
    }
  }

  /// The place of a bundle that does not run.
  ///
  /// @throws RefusedException if another bundle's file is there
  Path target(Path file, BundleStore.Received received) throws RefusedException {
    String symbolicName = received.headers().symbolicName();
    String name = String.valueOf(file.getFileName()).replaceAll("^\\.+", "");
    String stem = name.isEmpty() ? symbolicName : name;
    Path target = folder.resolve(stem.endsWith(".jar") ? stem : stem + ".jar");
    refuseOthers(target, symbolicName);
    return target;
  }

  /// Refuses to write over the file of another bundle, in the chain or not, which would remove it.
  private void refuseOthers(Path target, String symbolicName) throws RefusedException {
    if (!Files.isRegularFile(target)) {
      return;
    }
    String other;
    try (BundleStore.Received there = store.receive(target)) {
      other = there.headers().symbolicName();
    } catch (RefusedException e) {
      return; // no bundle, so nobody's
    }
    if (!other.equals(symbolicName)) {
      throw isOf(target, other, symbolicName);
    }
  }

  static RefusedException isOf(Path target, String other, String symbolicName) {
    return new RefusedException(
        target
            + " is the file of the bundle "
            + other
            + "; allowed: another name for a file of "
            + symbolicName
            + ", such as "
            + symbolicName
            + ".jar");
  }

  /// A copy in the folder, to be moved into its place. It goes if it was not.
  record Beside(Path file) implements AutoCloseable {
    @Override
    public void close() {
      file.toFile().delete(); // one that stays is removed by the next gateway
    }
  }

  /// Copies into the folder, under a name that nobody else can have taken, down to the disk.
  Beside beside(BundleStore.Received received) throws IOException {
    Path beside = Files.createTempFile(folder, ".", BESIDE, PrivateFolder.OWN_FILE);
    try (FileChannel in = FileChannel.open(received.copy(), StandardOpenOption.READ);
        FileChannel out =
            FileChannel.open(beside, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)) {
      long bytes = in.size();
      for (long at = 0; at < bytes; ) {
        at += in.transferTo(at, bytes - at, out);
      }
      out.force(true);
      return new Beside(beside);
    } catch (IOException e) {
      beside.toFile().delete();
      throw e;
    }
  }
}
