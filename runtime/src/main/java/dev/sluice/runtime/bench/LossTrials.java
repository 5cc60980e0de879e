package dev.sluice.runtime.bench;

/// How `bench loss` judges a rate, and `bench latency` too, which needs such a rate to begin with.
///
/// @param seconds of one trial
/// @param resolution in million packets per second
/// @param tolerance percent of the frames that may be lost, 0 by RFC 2544
record LossTrials(double seconds, double resolution, double tolerance) {
  /// A loss while others used more than this says nothing about the system, and is tried again.
  private static final double QUIET_SECONDS = 0.02;

  private static final double REALLY_OFFERED = 0.99;
  private static final double ABOVE_SATURATED = 1.1;

  /// The highest loss-free rate of a system that forwards.
  double lossFree(Loadable lane, int bytes) throws BenchException {
    double most = lane.saturate(bytes, seconds).deliveredMpps() * ABOVE_SATURATED;
    return LossFreeRate.find(
        Math.max(resolution, most), resolution, mpps -> isCarried(lane, bytes, mpps));
  }

  private boolean isCarried(Loadable lane, int bytes, double mpps) throws BenchException {
    for (int attempt = 0; attempt <= Undisturbed.REPEATS; attempt++) {
      Trial trial = lane.pace(bytes, mpps, seconds);
      if (passes(trial, mpps)) {
        return true;
      }
      if (trial.otherSeconds() <= QUIET_SECONDS) {
        return false;
      }
    }
    return false;
  }

  /// A generator that was slowed by the forwarder on its own CPU did not offer the rate, so nothing
  /// was shown to carry it.
  boolean passes(Trial trial, double mpps) {
    return trial.lossPercent() <= tolerance && REALLY_OFFERED * mpps <= trial.offeredMpps();
  }
}
