package dev.sluice.runtime.pipeline;

/// Runs the first packets of a batch and looks closely at them.
interface SampledLoop {
  /// Runs at least one packet of a batch that has any.
  ///
  /// @return how many it ran; the rest is left to the caller
  int run(FrameRun batch, WorkThread worker);
}
