package dev.sluice.kernel;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicLong;

/// Copies of frames on their way from one thread to one other: a bounded ring, which refuses when
/// it is full. It allocates at construction only.
final class ByteRing {
  private final int slots;
  private final int[] lengths;
  private final MemorySegment bytes;

  /// Frames ever put in; written by the one that offers.
  private final AtomicLong head = new AtomicLong();

  /// Frames ever taken out; written by the one that polls.
  private final AtomicLong tail = new AtomicLong();

  /// An empty ring.
  ///
  /// @param slots frames it holds, a power of two
  ByteRing(int slots) {
    this.slots = slots;
    this.lengths = new int[slots];
    this.bytes = Arena.ofAuto().allocate((long) slots * FramePool.FRAME_BYTES, 64);
  }

  /// Puts a copy of the first `length` bytes of `frame` in.
  ///
  /// @param length 1..[FramePool#FRAME_BYTES]
  /// @return false if the ring is full
  boolean offer(MemorySegment frame, int length) {
    long at = head.getPlain(); // only this thread writes it
    // Acquire pairs with the release in poll(): the slot has been read before it is written again.
    if (at - tail.getAcquire() == slots) {
      return false;
    }
    MemorySegment.copy(frame, JAVA_BYTE, 0, bytes, JAVA_BYTE, offset(at), length);
    lengths[slot(at)] = length;
    head.setRelease(at + 1); // publishes length and bytes to poll()
    return true;
  }

  /// Copies the oldest frame out, or as much of it as `into` holds.
  ///
  /// @return its length, or 0 if there is none
  int poll(MemorySegment into) {
    long at = tail.getPlain(); // only this thread writes it
    // Acquire pairs with the release in offer(): the bytes are there.
    if (at == head.getAcquire()) {
      return 0;
    }
    int length = lengths[slot(at)];
    long copied = Math.min(length, into.byteSize());
    MemorySegment.copy(bytes, JAVA_BYTE, offset(at), into, JAVA_BYTE, 0, copied);
    tail.setRelease(at + 1); // gives the slot back to offer()
    return length;
  }

  /// Forgets what is in the ring. By the thread that polls.
  void clear() {
    tail.setRelease(head.getAcquire());
  }

  boolean isEmpty() {
    return tail.getAcquire() == head.getAcquire();
  }

  private int slot(long position) {
    return (int) (position & (slots - 1));
  }

  private long offset(long position) {
    return (long) slot(position) * FramePool.FRAME_BYTES;
  }
}
