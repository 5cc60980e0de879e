package dev.sluice.runtime.bench;

/// How `bench loss` judges a rate, and `bench latency` too, which needs such a rate to begin with.
///
/// @param seconds of one trial
/// @param resolution in million packets per second
/// @param tolerance percent of the frames that may be lost, 0 by RFC 2544
record LossTrials(double seconds, double resolution, double tolerance) {
  /// A loss while others used more than this says nothing about the system, and is tried again.
  private static final double QUIET_SECONDS = 0.02;

  private static final double ABOVE_SATURATED = 1.1;
  private static final double LOWERED = 0.95;

  /// To a fifth of what the search found.
  private static final int MOST_LOWERED = 30;

  /// The highest loss-free rate of a system that forwards.
  double lossFree(Loadable lane, int bytes) throws BenchException {
    double most = lane.saturate(bytes, seconds).deliveredMpps() * ABOVE_SATURATED;
    return LossFreeRate.find(
        Math.max(resolution, most), resolution, mpps -> carried(lane, bytes, mpps));
  }

  /// The highest rate that is loss-free for a longer time, as RFC 2544 wants it (section 24: 60
  /// seconds): so many trials in a row as make that time. Where one of them loses, the rate is
  /// lowered and all of them begin anew; on machines that are shared, a short trial may have met
  /// the quickest moment of the day.
  ///
  /// @param longSeconds of all trials in a row; 0 for no more than one trial has shown
  /// @return the mean of what was offered then, 0 if there is no such rate
  double lossFreeFor(Loadable lane, int bytes, double longSeconds) throws BenchException {
    double mpps = lossFree(lane, bytes);
    int wanted = (int) Math.ceil(longSeconds / seconds);
    int inARow = 0;
    int lowered = 0;
    double offered = 0;
    while (inARow < wanted && lowered <= MOST_LOWERED && resolution <= mpps) {
      // Whoever disturbed it: a loss that is tried again until it is none shows nothing.
      Trial trial = lane.pace(bytes, mpps, seconds);
      if (passes(trial)) {
        inARow++;
        offered += trial.offeredMpps();
      } else {
        inARow = 0;
        offered = 0;
        mpps *= LOWERED;
        lowered++;
      }
    }
    if (inARow < wanted) {
      return 0;
    }
    return wanted == 0 ? mpps : offered / wanted;
  }

  private double carried(Loadable lane, int bytes, double mpps) throws BenchException {
    for (int attempt = 0; attempt <= Undisturbed.REPEATS; attempt++) {
      Trial trial = lane.pace(bytes, mpps, seconds);
      if (passes(trial)) {
        return trial.offeredMpps();
      }
      if (trial.otherSeconds() <= QUIET_SECONDS) {
        return 0;
      }
    }
    return 0;
  }

  /// Whether a trial shows that what it offered is carried. That may be less than was asked for: a
  /// hypervisor keeps the generator from running at times, and so does a forwarder on its own CPU.
  boolean passes(Trial trial) {
    return 0 < trial.offeredMpps() && trial.lossPercent() <= tolerance;
  }
}
