package dev.sluice.runtime.pipeline;

/// What one WorkThread's loops have in common from one generation to the next.
///
/// @param worker index of the WorkThread
/// @param recent frames that its measured batches began with
record Lane(int worker, LoopCounters counters, RecentFrames recent) {
  /// One for a WorkThread of a pipeline with so many.
  static Lane of(int worker, int workers) {
    return new Lane(worker, new LoopCounters(), RecentFrames.shared(workers));
  }
}
