package dev.sluice.kernel;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// Reads the records of a classic capture file one after the other. One thread.
///
/// A record that does not add up ends the file: where the next one begins is no longer known.
final class PcapReader implements AutoCloseable {
  private static final int BUFFER_BYTES = 1 << 20;

  private final FileChannel channel;
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
  private final MemorySegment bytes = MemorySegment.ofBuffer(buffer);
  private final long nanosPerFraction;
  private boolean ended;
  private boolean broken;

  /// Opens a file and reads its header.
  ///
  /// @throws KernelException if it cannot be read or is no such file, naming the remedy
  PcapReader(Path file) throws KernelException {
    try {
      this.channel = FileChannel.open(file, StandardOpenOption.READ);
    } catch (IOException e) {
      throw new KernelException("The capture file " + file + " cannot be opened: " + e + ".");
    }
    try {
      this.nanosPerFraction = readHeader(file);
    } catch (KernelException e) {
      close();
      throw e;
    }
  }

  /// Whether there is a record to look at; the methods below speak of it until [#advance].
  boolean ready() {
    if (ended) {
      return false;
    }
    if (!fill(Pcap.RECORD_HEADER_BYTES)) {
      end(buffer.hasRemaining());
      return false;
    }
    long captured = unsigned(Pcap.CAPTURED_AT);
    if (captured > Pcap.MOST_CAPTURED_BYTES || !fill(Pcap.RECORD_HEADER_BYTES + (int) captured)) {
      end(true);
      return false;
    }
    return true;
  }

  /// Nanoseconds since 1970-01-01 UTC.
  long timeNanos() {
    return unsigned(0) * 1_000_000_000 + unsigned(Pcap.FRACTION_AT) * nanosPerFraction;
  }

  /// Bytes of the frame that the file holds.
  int capturedBytes() {
    return (int) unsigned(Pcap.CAPTURED_AT);
  }

  /// Whether the file holds the frame to its end.
  boolean whole() {
    return unsigned(Pcap.CAPTURED_AT) >= unsigned(Pcap.ORIGINAL_AT);
  }

  /// Copies the frame, which must fit.
  void copy(MemorySegment into) {
    long from = (long) buffer.position() + Pcap.RECORD_HEADER_BYTES;
    MemorySegment.copy(bytes, JAVA_BYTE, from, into, JAVA_BYTE, 0, capturedBytes());
  }

  /// Goes on to the next record.
  void advance() {
    buffer.position(buffer.position() + Pcap.RECORD_HEADER_BYTES + capturedBytes());
  }

  /// Whether there will be no more records.
  boolean ended() {
    return ended;
  }

  /// Whether the file ended in the middle of a record or with one that does not add up.
  boolean broken() {
    return broken;
  }

  @Override
  public void close() {
    ended = true;
    try {
      channel.close();
    } catch (IOException _) {
      // It was only read from: nothing is lost.
    }
  }

  private long readHeader(Path file) throws KernelException {
    buffer.limit(0);
    if (!fill(Pcap.FILE_HEADER_BYTES)) {
      throw refused(file, "it is shorter than the 24 bytes of a header");
    }
    int magic = buffer.getInt(buffer.position());
    if (magic == Pcap.MAGIC_PCAPNG) {
      throw refused(file, "it is a pcapng file: convert it with `editcap -F pcap IN OUT`");
    }
    boolean reversed =
        Integer.reverseBytes(magic) == Pcap.MAGIC_MICROSECONDS
            || Integer.reverseBytes(magic) == Pcap.MAGIC_NANOSECONDS;
    if (reversed) {
      buffer.order(ByteOrder.LITTLE_ENDIAN);
      magic = Integer.reverseBytes(magic);
    }
    if (magic != Pcap.MAGIC_MICROSECONDS && magic != Pcap.MAGIC_NANOSECONDS) {
      throw refused(file, "it does not begin as a pcap file does");
    }
    int version = Short.toUnsignedInt(buffer.getShort(Pcap.MAJOR_VERSION_AT));
    if (version != 2) {
      throw refused(file, "its version is " + version + ", not 2");
    }
    int linkType = buffer.getInt(Pcap.LINKTYPE_AT) & 0xffff; // FCS bits above
    if (linkType != Pcap.LINKTYPE_ETHERNET) {
      throw refused(file, "its link type is " + linkType + ", not 1 (Ethernet)");
    }
    buffer.position(Pcap.FILE_HEADER_BYTES);
    return magic == Pcap.MAGIC_NANOSECONDS ? 1 : 1000;
  }

  private static KernelException refused(Path file, String why) {
    return new KernelException("The capture file " + file + " is refused: " + why + ".");
  }

  /// Sees to it that so many bytes are in the buffer.
  ///
  /// @return false if the file has not so many left
  private boolean fill(int needed) {
    if (buffer.remaining() >= needed) {
      return true;
    }
    buffer.compact();
    try {
      while (buffer.position() < needed && channel.read(buffer) > 0) {}
    } catch (IOException _) {
      broken = true; // the caller finds too few bytes and ends the file
    }
    buffer.flip();
    return buffer.remaining() >= needed;
  }

  private void end(boolean inTheMiddle) {
    ended = true;
    broken |= inTheMiddle;
  }

  private long unsigned(int at) {
    return Integer.toUnsignedLong(buffer.getInt(buffer.position() + at));
  }
}
