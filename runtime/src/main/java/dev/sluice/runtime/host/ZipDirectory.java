package dev.sluice.runtime.host;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.jar.JarFile;
import java.util.zip.ZipException;

/// The central directory of a ZIP file, read before anything reads the file that believes what its
/// end record says: 22 bytes may claim a directory of gigabytes, which [java.util.zip.ZipFile]
/// would take into memory. Source: PKWARE APPNOTE.TXT 6.3.10, sections 4.3.12 and 4.3.16.
final class ZipDirectory {
  /// Longest one that is read, in bytes: room for more entries than 64 MiB of classes have.
  static final int MAX_BYTES = 8 << 20;

  private static final int END = 0x06054b50;
  private static final int END_BYTES = 22;
  private static final int CENTRAL = 0x02014b50;
  private static final int CENTRAL_BYTES = 46;
  private static final byte[] MANIFEST = JarFile.MANIFEST_NAME.getBytes(StandardCharsets.US_ASCII);

  private final ByteBuffer entries;

  private ZipDirectory(ByteBuffer entries) {
    this.entries = entries;
  }

  /// Reads it.
  ///
  /// @throws ZipException if the file has none, or a longer one than is allowed
  static ZipDirectory read(FileChannel file) throws IOException {
    long end = file.size() - END_BYTES;
    ByteBuffer record = end < 0 ? littleEndian(END_BYTES) : read(file, end, END_BYTES);
    if (record.getInt(0) != END || record.getShort(20) != 0) {
      throw new ZipException("its last 22 bytes are no end record (a comment is not allowed)");
    }
    long bytes = Integer.toUnsignedLong(record.getInt(12));
    if (bytes > MAX_BYTES) {
      throw new ZipException("its directory has " + bytes + " bytes; allowed: up to " + MAX_BYTES);
    }
    if (bytes > end) {
      throw new ZipException("its directory has " + bytes + " bytes, more than the file");
    }
    return new ZipDirectory(read(file, end - bytes, (int) bytes));
  }

  private static ByteBuffer read(FileChannel file, long from, int bytes) throws IOException {
    ByteBuffer buffer = littleEndian(bytes);
    while (buffer.hasRemaining()) {
      if (file.read(buffer, from + buffer.position()) < 0) {
        throw new ZipException("it became shorter while it was read");
      }
    }
    return buffer.flip();
  }

  private static ByteBuffer littleEndian(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /// Whether it is entry behind entry to its end, a manifest among them.
  boolean hasManifest() {
    boolean found = false;
    int at = 0;
    while (at + CENTRAL_BYTES <= entries.limit() && entries.getInt(at) == CENTRAL) {
      int name = u16(at + 28);
      int next = at + CENTRAL_BYTES + name + u16(at + 30) + u16(at + 32);
      if (next > entries.limit()) {
        return false;
      }
      found |= entries.slice(at + CENTRAL_BYTES, name).equals(ByteBuffer.wrap(MANIFEST));
      at = next;
    }
    return found && at == entries.limit();
  }

  private int u16(int at) {
    return Short.toUnsignedInt(entries.getShort(at));
  }
}
