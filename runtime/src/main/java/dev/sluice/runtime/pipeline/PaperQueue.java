package dev.sluice.runtime.pipeline;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/// The queue of the paper's section 3: a ring with a head and a tail for producers and another two
/// for consumers. Whoever puts in moves the producers' head by compare-and-set, copies, and waits
/// until the tail has come to where the head was; taking out is the mirror. For any number of
/// threads on both sides, in batches.
///
/// Here to be measured. A thread that loses its core between head and tail stops all who come after
/// it, which the queues in use do not suffer.
final class PaperQueue extends BatchQueue {
  private static final VarHandle AT = MethodHandles.arrayElementVarHandle(int[].class);

  /// The four counters, each on a cache line of its own; they run on beyond the ring's size.
  private static final int LINE = 32;

  private static final int PUT_HEAD = LINE;
  private static final int PUT_TAIL = 2 * LINE;
  private static final int TAKE_HEAD = 3 * LINE;
  private static final int TAKE_TAIL = 4 * LINE;

  private final int[] counters = new int[5 * LINE];
  private final @Nullable Frame[] ring;
  private final int mask;

  /// @param capacity a power of two
  PaperQueue(int capacity) {
    if (capacity <= 0 || Integer.bitCount(capacity) != 1) {
      throw new IllegalArgumentException("capacity " + capacity + ": allowed: powers of two");
    }
    this.ring = new Frame[capacity];
    this.mask = capacity - 1;
  }

  private int read(int counter) {
    return (int) AT.getVolatile(counters, counter);
  }

  @Override
  public int fill(Supplier<Frame> supplier, int limit) {
    int head;
    int count;
    do {
      head = read(PUT_HEAD);
      count = Math.min(limit, ring.length - (head - read(TAKE_TAIL)));
      if (count <= 0) {
        return 0;
      }
    } while (!AT.compareAndSet(counters, PUT_HEAD, head, head + count));
    for (int i = 0; i < count; i++) {
      ring[(head + i) & mask] = supplier.get();
    }
    pass(PUT_TAIL, head, count);
    return count;
  }

  @Override
  public int drain(Consumer<Frame> consumer, int limit) {
    int head;
    int count;
    do {
      head = read(TAKE_HEAD);
      count = Math.min(limit, read(PUT_TAIL) - head);
      if (count <= 0) {
        return 0;
      }
    } while (!AT.compareAndSet(counters, TAKE_HEAD, head, head + count));
    for (int i = 0; i < count; i++) {
      Frame frame = ring[(head + i) & mask];
      if (frame == null) {
        throw new IllegalStateException("slot " + (head + i) + " is empty");
      }
      consumer.accept(frame);
    }
    pass(TAKE_TAIL, head, count);
    return count;
  }

  /// The paper's write barrier and its wait for those who came before.
  private void pass(int tail, int head, int count) {
    while (read(tail) != head) {
      Thread.onSpinWait();
    }
    AT.setRelease(counters, tail, head + count);
  }

  @Override
  public int size() {
    return Math.max(0, read(PUT_TAIL) - read(TAKE_HEAD));
  }

  @Override
  public int capacity() {
    return ring.length;
  }
}
