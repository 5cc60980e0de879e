package dev.sluice.runtime.events;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
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
  private long unwritten;

  EventFile(Path path) {
    this.path = path;
  }

  /// Appends lines; they are on their way to the disk after [#flush].
  ///
  /// @param events how many they tell of
  void append(String lines, long events) throws IOException {
    unwritten += events;
    OutputStream open = out;
    if (open == null) {
      open = open();
    }
    open.write(lines.getBytes(StandardCharsets.UTF_8));
    open.write('\n');
  }

  void flush() throws IOException {
    if (out != null) {
      out.flush();
      unwritten = 0;
    }
  }

  /// Gives up a file that failed: a stream may be cut in mid-line, so the next line opens it anew.
  ///
  /// @return how many events were not known to have reached it
  long abandon() {
    long gone = unwritten;
    unwritten = 0;
    try {
      close();
    } catch (IOException e) {
      return gone; // which is why it is given up
    }
    return gone;
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
    if (endsInMidLine()) {
      opened.write('\n');
    }
    out = opened;
    inode = inodeOnDisk();
    return opened;
  }

  /// Whether a full disk, or a crash, cut off the last line: the next must not be glued to it.
  private boolean endsInMidLine() throws IOException {
    if (!Files.isRegularFile(path) || !Files.isReadable(path) || Files.size(path) == 0) {
      return false;
    }
    try (SeekableByteChannel end = Files.newByteChannel(path)) {
      ByteBuffer last = ByteBuffer.allocate(1);
      end.position(end.size() - 1).read(last);
      return last.get(0) != '\n';
    }
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
      unwritten = 0;
    }
  }
}
