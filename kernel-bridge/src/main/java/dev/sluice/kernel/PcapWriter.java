package dev.sluice.kernel;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// Writes frames to a classic capture file with times in nanoseconds. One thread.
///
/// After the first failure it writes no more and says so: the file ends with a whole record or in
/// the one that failed.
final class PcapWriter implements AutoCloseable {
  private static final int BUFFER_BYTES = 1 << 18;
  private static final long FLUSH_NANOS = 100_000_000;

  private final FileChannel channel;
  private final ByteBuffer buffer =
      ByteBuffer.allocateDirect(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
  private final MemorySegment bytes = MemorySegment.ofBuffer(buffer);
  private final WallClock clock = new WallClock();
  private long flushedAt = System.nanoTime();
  private volatile boolean failed;

  /// Creates a file, or empties the one that is there, and writes its header.
  ///
  /// @throws KernelException if it cannot be written
  PcapWriter(Path file) throws KernelException {
    try {
      this.channel =
          FileChannel.open(
              file,
              StandardOpenOption.CREATE,
              StandardOpenOption.WRITE,
              StandardOpenOption.TRUNCATE_EXISTING);
    } catch (IOException e) {
      throw new KernelException("The capture file " + file + " cannot be written: " + e + ".");
    }
    buffer.putInt(Pcap.MAGIC_NANOSECONDS).putShort((short) 2).putShort((short) 4);
    buffer.putLong(0).putInt(Pcap.MOST_CAPTURED_BYTES).putInt(Pcap.LINKTYPE_ETHERNET);
    drain();
    if (failed) {
      close();
      throw new KernelException("The capture file " + file + " cannot be written.");
    }
  }

  /// Appends a frame with the present time.
  ///
  /// @return false if the file could not be written
  boolean write(MemorySegment frame, int length) {
    if (buffer.remaining() < Pcap.RECORD_HEADER_BYTES + length) {
      drain();
    }
    if (failed) {
      return false;
    }
    long now = clock.nanos();
    buffer.putInt((int) (now / 1_000_000_000)).putInt((int) (now % 1_000_000_000));
    buffer.putInt(length).putInt(length);
    int at = buffer.position();
    MemorySegment.copy(frame, JAVA_BYTE, 0, bytes, JAVA_BYTE, at, length);
    buffer.position(at + length);
    return true;
  }

  /// Hands what is buffered to the kernel, if that was not done in the last 100 ms.
  void flush() {
    if (buffer.position() > 0 && System.nanoTime() - flushedAt >= FLUSH_NANOS) {
      drain();
    }
  }

  /// Whether writing has failed. Any thread.
  boolean failed() {
    return failed;
  }

  @Override
  public void close() {
    drain();
    try {
      channel.close();
    } catch (IOException _) {
      failed = true;
    }
  }

  private void drain() {
    flushedAt = System.nanoTime();
    buffer.flip();
    try {
      while (!failed && buffer.hasRemaining()) {
        channel.write(buffer);
      }
    } catch (IOException _) {
      failed = true; // the frames that come are counted as not sent, and the link says GONE
    }
    buffer.clear();
  }
}
