package dev.sluice.runtime.pipeline;

import java.lang.invoke.MethodHandles;

/// Bytecode for the measured half of a loop: its steps time each handler, and some frames are kept
/// for rehearsals.
final class MeasuredLoopTemplate implements SampledLoop {
  /// Packets of a batch that are measured, so that a large batch is not held up.
  private static final int MOST_MEASURED = 32;

  /// Frames of a batch that are kept.
  private static final int MOST_KEPT = 4;

  /// What a loop is made of.
  record Parts(ChainStep first, Lane lane) {}

  private static final Parts PARTS = parts();
  private static final ChainStep FIRST = PARTS.first();
  private static final RecentFrames RECENT = PARTS.lane().recent();

  private static Parts parts() {
    try {
      return MethodHandles.classData(MethodHandles.lookup(), "_", Parts.class);
    } catch (IllegalAccessException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  @Override
  public int run(FrameRun batch, WorkThread worker) {
    int count = Math.min(MOST_MEASURED, batch.count());
    for (int i = 0; i < Math.min(MOST_KEPT, count); i++) {
      RECENT.keep(batch.at(i));
    }
    for (int i = 0; i < count; i++) {
      Frame frame = batch.at(i);
      worker.begin(frame);
      worker.end(frame, FIRST.receive(frame, worker));
    }
    return count;
  }
}
