package dev.sluice.runtime.pipeline;

import org.jctools.queues.varhandle.MpscVarHandleArrayQueue;
import org.jspecify.annotations.Nullable;

/// The paper's Send Queue: from any thread to the one SendThread, lock-free, bounded. When it is
/// full the frame is dropped by whoever offered it, as `send-queue-full`. A frame put in
/// happens-before it is taken out.
final class SendQueue {
  private final MpscVarHandleArrayQueue<Frame> queue;

  SendQueue(int capacity) {
    this.queue = new MpscVarHandleArrayQueue<>(capacity);
  }

  /// For any thread.
  boolean offer(Frame frame) {
    return queue.offer(frame);
  }

  /// For any thread: takes the frames in order, with no other thread's between those of one fill.
  ///
  /// @return how many it took
  int offer(FrameRun run) {
    return run.offerTo(queue);
  }

  /// For the SendThread: collects up to `limit` frames.
  int drain(FrameRun into, int limit) {
    return queue.drain(into, limit);
  }

  /// For the SendThread, or whoever comes after it: the oldest frame, or null if there is none. It
  /// waits for one that is just being put in, so that none is overlooked.
  @Nullable Frame poll() {
    return queue.poll();
  }

  /// Frames in it, for display.
  int depth() {
    return queue.size();
  }
}
