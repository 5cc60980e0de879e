package dev.sluice.runtime.pipeline;

import java.util.concurrent.atomic.AtomicInteger;

/// The most frames that a queue's consumer has found in it since somebody asked. One thread writes
/// it, without a locked instruction; a reader that starts anew at the very moment of a write may
/// see the mark of before once more, or miss one.
final class DepthMark {
  private final AtomicInteger most = new AtomicInteger();

  /// For the consumer.
  ///
  /// @param count frames it took at once
  /// @param left frames that were still there; it need only be asked for when as many were taken as
  ///   may be taken at once
  void drained(int count, int left) {
    int found = count + left;
    if (found > most.getPlain()) {
      most.setOpaque(found);
    }
  }

  /// Reads, and starts anew.
  QueueDepth reading(String name, int now, int capacity) {
    return new QueueDepth(name, now, Math.max(now, most.getAndSet(0)), capacity);
  }
}
