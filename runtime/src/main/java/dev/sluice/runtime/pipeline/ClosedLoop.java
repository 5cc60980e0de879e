package dev.sluice.runtime.pipeline;

import dev.sluice.plugin.DropReason;

/// The loop that lets nothing pass.
record ClosedLoop() implements BatchLoop {
  static final ChainStep STEP = (_, _) -> DropReason.NO_CHAIN.verdict();

  @Override
  public void run(FrameRun batch, int from, int to, WorkThread worker) {
    for (int i = from; i < to; i++) {
      Frame frame = batch.at(i);
      worker.begin(frame);
      worker.end(frame, DropReason.NO_CHAIN.verdict());
    }
  }
}
