package dev.sluice.runtime.pipeline;

/// Runs one WorkThread's batch through one generation's chain.
interface BatchLoop {
  void run(FrameRun batch, WorkThread worker);
}
