package dev.sluice.kernel;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// A number below /proc/sys/net that was changed and is put back.
///
/// The file stays open: its path means the network namespace of whichever thread opens it, but the
/// open file always the one it was opened in, so that any thread can put the number back.
final class KernelSetting implements AutoCloseable {
  private final RandomAccessFile file;
  private final String before;

  private KernelSetting(RandomAccessFile file, String before) {
    this.file = file;
    this.before = before;
  }

  /// Sets a number, in the network namespace of this thread, unless it is so already.
  ///
  /// @param name below /proc/sys, as `net/ipv4/conf/eth1/forwarding`
  /// @throws KernelException if it cannot be set, naming the command that sets it
  static KernelSetting set(String name, int value) throws KernelException {
    Path path = Path.of("/proc/sys", name);
    String wanted = Integer.toString(value);
    try {
      String present = Files.readString(path).strip();
      if (present.equals(wanted)) {
        return unchanged(path);
      }
      RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw");
      try {
        write(file, wanted);
      } catch (IOException e) {
        file.close();
        throw e;
      }
      return new KernelSetting(file, present);
    } catch (IOException e) {
      throw new KernelException(
          path
              + " cannot be set to "
              + value
              + " ("
              + e.getMessage()
              + "): set it yourself with"
              + " `echo "
              + value
              + " > "
              + path
              + "`.");
    }
  }

  /// Whether the kernel has such a number; it has none for IPv6 where it is built without.
  static boolean exists(String name) {
    return Files.exists(Path.of("/proc/sys", name));
  }

  /// Puts the number back, if the interface is still there. To be called once.
  @Override
  public void close() {
    try (file) {
      if (!before.isEmpty()) {
        write(file, before);
      }
    } catch (IOException _) {
      // ENOENT: the interface is gone, and its settings with it.
    }
  }

  private static KernelSetting unchanged(Path path) throws IOException {
    return new KernelSetting(new RandomAccessFile(path.toFile(), "r"), "");
  }

  private static void write(RandomAccessFile file, String value) throws IOException {
    file.seek(0);
    file.write(value.getBytes(StandardCharsets.US_ASCII));
  }
}
