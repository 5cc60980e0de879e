package dev.sluice.runtime.pipeline;

/// Looks closely at the first packets of a batch: its steps time each handler, and some frames are
/// kept for rehearsals.
final class MeasuredLoop {
  /// Packets of a batch that are measured, so that a large batch is not held up.
  private static final int MOST_MEASURED = 32;

  /// Frames of a batch that are kept.
  private static final int MOST_KEPT = 4;

  private final ChainStep first;
  private final RecentFrames recent;

  /// @param first step of a chain whose steps measure
  MeasuredLoop(ChainStep first, RecentFrames recent) {
    this.first = first;
    this.recent = recent;
  }

  /// Runs at least one packet, if there is one.
  ///
  /// @return the first one that it leaves to the caller
  int run(FrameRun batch, int from, int to, WorkThread worker) {
    int end = Math.min(from + MOST_MEASURED, to);
    for (int i = from; i < Math.min(from + MOST_KEPT, end); i++) {
      recent.keep(batch.at(i));
    }
    for (int i = from; i < end; i++) {
      Frame frame = batch.at(i);
      worker.begin(frame);
      worker.end(frame, first.receive(frame, worker));
    }
    return end;
  }
}
