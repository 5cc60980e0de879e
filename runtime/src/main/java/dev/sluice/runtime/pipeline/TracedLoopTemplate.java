package dev.sluice.runtime.pipeline;

import dev.sluice.plugin.Verdict;
import java.lang.invoke.MethodHandles;

/// Bytecode for the loop that is in force while a trace runs.
final class TracedLoopTemplate implements BatchLoop {
  /// What a loop is made of.
  record Parts(ChainStep first, TraceLane trace) {}

  private static final Parts PARTS = parts();
  private static final ChainStep FIRST = PARTS.first();
  private static final TraceLane TRACE = PARTS.trace();

  private static Parts parts() {
    try {
      return MethodHandles.classData(MethodHandles.lookup(), "_", Parts.class);
    } catch (IllegalAccessException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  @Override
  public void run(FrameRun batch, WorkThread worker) {
    int count = batch.count();
    for (int i = 0; i < count; i++) {
      Frame frame = batch.at(i);
      worker.begin(frame);
      TRACE.begin(frame);
      Verdict verdict = FIRST.receive(frame, worker);
      boolean owned = worker.owns(frame);
      TRACE.end(frame, verdict, owned);
      worker.end(frame, verdict);
    }
  }
}
