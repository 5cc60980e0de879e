package dev.sluice.runtime.pipeline;

/// Runs one WorkThread's batch through one generation's chain.
interface BatchLoop {
  /// Runs some of it.
  ///
  /// @param from first packet that is to be run
  /// @param to the one behind the last
  void run(FrameRun batch, int from, int to, WorkThread worker);
}
