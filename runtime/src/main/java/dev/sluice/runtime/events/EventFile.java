package dev.sluice.runtime.events;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The log file: appended to, made with mode 0640, and found again after a rotation has moved it
/// away. One thread at a time.
final class EventFile implements AutoCloseable {
  private final Path path;
  private @Nullable OutputStream out;
  private @Nullable Object inode;

  EventFile(Path path) {
    this.path = path;
  }

  /// Appends one line; it is on its way to the disk after [#flush].
  void append(String line) throws IOException {
    OutputStream open = out;
    if (open == null) {
      open = open();
    }
    open.write(line.getBytes(StandardCharsets.UTF_8));
    open.write('\n');
  }

  void flush() throws IOException {
    if (out != null) {
      out.flush();
    }
  }

  /// Lets go of a file that is no longer at its path; the next line makes a new one.
  void followRotation() throws IOException {
    if (out != null && !Objects.equals(inode, inodeOnDisk())) {
      close();
    }
  }

  private OutputStream open() throws IOException {
    Path folder = path.toAbsolutePath().getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
    OutputStream opened =
        new BufferedOutputStream(
            Channels.newOutputStream(
                Files.newByteChannel(
                    path,
                    Set.of(StandardOpenOption.CREATE, StandardOpenOption.APPEND),
                    PosixFilePermissions.asFileAttribute(
                        PosixFilePermissions.fromString("rw-r-----")))),
            1 << 16);
    out = opened;
    inode = inodeOnDisk();
    return opened;
  }

  private @Nullable Object inodeOnDisk() throws IOException {
    return Files.exists(path)
        ? Files.readAttributes(path, BasicFileAttributes.class).fileKey()
        : null;
  }

  @Override
  public void close() throws IOException {
    OutputStream open = out;
    out = null;
    if (open != null) {
      open.close();
    }
  }
}
