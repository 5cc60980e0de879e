package dev.sluice.runtime.pipeline;

import org.jctools.queues.varhandle.SpscVarHandleArrayQueue;

/// The paper's Recv Queue: from the one ReadThread to one WorkThread, lock-free, bounded. When it
/// is full the ReadThread drops, as `recv-queue-full`. A frame put in happens-before it is taken
/// out.
final class RecvQueue {
  private final SpscVarHandleArrayQueue<Frame> queue;

  RecvQueue(int capacity) {
    this.queue = new SpscVarHandleArrayQueue<>(capacity);
  }

  /// For the ReadThread: takes the frames in order.
  ///
  /// @return how many it took
  int offer(FrameRun run) {
    return run.offerTo(queue);
  }

  /// For the WorkThread: collects up to `limit` frames.
  int drain(FrameRun into, int limit) {
    return queue.drain(into, limit);
  }
}
