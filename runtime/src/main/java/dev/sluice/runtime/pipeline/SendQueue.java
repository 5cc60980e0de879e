package dev.sluice.runtime.pipeline;

import org.jctools.queues.MessagePassingQueue;
import org.jctools.queues.varhandle.MpscVarHandleArrayQueue;
import org.jspecify.annotations.Nullable;

/// The paper's Send Queue: from any thread to the one SendThread, lock-free, bounded. When it is
/// full the frame is dropped by whoever offered it, as `send-queue-full`. A frame put in
/// happens-before it is taken out.
final class SendQueue {
  private final MessagePassingQueue<Frame> queue;
  private final Bell consumer;
  private final DepthMark depth = new DepthMark();

  /// @param consumer of the SendThread, rung after frames were put in
  SendQueue(int capacity, Bell consumer) {
    this(new MpscVarHandleArrayQueue<>(capacity), consumer);
  }

  /// For benchmarks, which put other queues in place.
  SendQueue(MessagePassingQueue<Frame> queue, Bell consumer) {
    this.queue = queue;
    this.consumer = consumer;
  }

  /// For any thread.
  boolean offer(Frame frame) {
    boolean taken = queue.offer(frame);
    if (taken) {
      consumer.ring();
    }
    return taken;
  }

  /// For any thread: takes the frames in order, with no other thread's between those of one fill.
  ///
  /// @return how many it took
  int offer(FrameRun run) {
    int taken = run.offerTo(queue);
    if (taken > 0) {
      consumer.ring();
    }
    return taken;
  }

  /// For the SendThread: collects up to `limit` frames.
  int drain(FrameRun into, int limit) {
    int count = queue.drain(into, limit);
    if (count > 0) {
      depth.drained(count, count == limit ? queue.size() : 0);
    }
    return count;
  }

  /// How full it is, and was since the last reading; for any thread.
  QueueDepth depthReading(String name) {
    return depth.reading(name, queue.size(), queue.capacity());
  }

  /// For the SendThread: whether nothing was put in that is not taken out. What is just being put
  /// in counts as put in.
  boolean isEmpty() {
    return queue.isEmpty();
  }

  /// For the SendThread, or whoever comes after it: the oldest frame, or null if there is none. It
  /// waits for one that is just being put in, so that none is overlooked.
  @Nullable Frame poll() {
    return queue.poll();
  }

  /// For the SendThread: what it found in a turn that came through no queue ([Fusion]), for
  /// display.
  void found(int count) {
    depth.drained(count, 0);
  }

  /// Frames in it, for display.
  int depth() {
    return queue.size();
  }
}
