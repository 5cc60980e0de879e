package dev.sluice.runtime.pipeline;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;

/// The JDK's bounded queue under one lock, to be measured. It takes out in batches; it has no way
/// to put in more than one at a time.
final class LockedQueue extends BatchQueue {
  private final ArrayBlockingQueue<Frame> queue;
  private final int capacity;

  /// For the one consumer.
  private final List<Frame> taken;

  LockedQueue(int capacity) {
    this.queue = new ArrayBlockingQueue<>(capacity);
    this.capacity = capacity;
    this.taken = new ArrayList<>(capacity);
  }

  /// For one producer at a time: what it has seen to be free stays so.
  @Override
  public int fill(Supplier<Frame> supplier, int limit) {
    int count = Math.min(limit, queue.remainingCapacity());
    for (int i = 0; i < count; i++) {
      queue.add(supplier.get());
    }
    return count;
  }

  @Override
  public int drain(Consumer<Frame> consumer, int limit) {
    int count = queue.drainTo(taken, limit);
    for (int i = 0; i < count; i++) {
      consumer.accept(taken.get(i));
    }
    taken.clear();
    return count;
  }

  @Override
  public int size() {
    return queue.size();
  }

  @Override
  public int capacity() {
    return capacity;
  }
}
