package dev.sluice.runtime.pipeline;

import org.jctools.queues.MessagePassingQueue;
import org.jctools.queues.varhandle.SpscVarHandleArrayQueue;

/// The paper's Recv Queue: from the one ReadThread to one WorkThread, lock-free, bounded. When it
/// is full the ReadThread drops, as `recv-queue-full`. A frame put in happens-before it is taken
/// out.
final class RecvQueue {
  private final MessagePassingQueue<Frame> queue;
  private final Bell consumer;
  private final DepthMark depth = new DepthMark();

  /// @param consumer of the WorkThread, rung after frames were put in
  RecvQueue(int capacity, Bell consumer) {
    this(new SpscVarHandleArrayQueue<>(capacity), consumer);
  }

  /// For benchmarks, which put other queues in place.
  RecvQueue(MessagePassingQueue<Frame> queue, Bell consumer) {
    this.queue = queue;
    this.consumer = consumer;
  }

  /// For the ReadThread: takes the frames in order.
  ///
  /// @return how many it took
  int offer(FrameRun run) {
    int taken = run.offerTo(queue);
    if (taken > 0) {
      consumer.ring();
    }
    return taken;
  }

  /// For the WorkThread: collects up to `limit` frames.
  int drain(FrameRun into, int limit) {
    int count = queue.drain(into, limit);
    if (count > 0) {
      depth.drained(count, count == limit ? queue.size() : 0);
    }
    return count;
  }

  /// For the WorkThread: what it found in a turn that came through no queue ([Fusion]), for
  /// display.
  void found(int count) {
    depth.drained(count, 0);
  }

  /// Frames in it, for display.
  int depth() {
    return queue.size();
  }

  /// How full it is, and was since the last reading; for any thread.
  QueueDepth depthReading(String name) {
    return depth.reading(name, queue.size(), queue.capacity());
  }

  /// For the WorkThread.
  boolean isEmpty() {
    return queue.isEmpty();
  }
}
