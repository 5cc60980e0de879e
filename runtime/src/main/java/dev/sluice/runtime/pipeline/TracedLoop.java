package dev.sluice.runtime.pipeline;

import dev.sluice.plugin.Verdict;

/// The loop that is in force while a trace runs.
final class TracedLoop implements BatchLoop {
  private final ChainStep first;
  private final TraceLane trace;

  /// @param first step of a chain whose steps tell the trace
  TracedLoop(ChainStep first, TraceLane trace) {
    this.first = first;
    this.trace = trace;
  }

  @Override
  public void run(FrameRun batch, int from, int to, WorkThread worker) {
    for (int i = from; i < to; i++) {
      Frame frame = batch.at(i);
      worker.begin(frame);
      trace.begin(frame);
      Verdict verdict = first.receive(frame, worker);
      boolean owned = worker.owns(frame);
      trace.end(frame, verdict, owned);
      worker.end(frame, verdict);
    }
  }
}
