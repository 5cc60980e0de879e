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
  LossFreeRate lossFree(Loadable lane, int bytes) throws BenchException {
    double most = lane.saturate(bytes, seconds).deliveredMpps() * ABOVE_SATURATED;
    return LossFreeRate.find(
        Math.max(resolution, most), resolution, mpps -> carried(lane, bytes, mpps));
  }

  /// The highest rate that is loss-free for a longer time, as RFC 2544 wants it (section 24: 60
  /// seconds): so many trials in a row as make that time. Where one of them loses, the rate is
  /// lowered and all of them begin anew; on machines that are shared, a short trial may have met
  /// the quickest moment of the day. A trial that offered much less than it was to shows nothing,
  /// and is made again, as long as there are not more of them than others.
  ///
  /// @param longSeconds of all trials in a row; 0 for no more than one trial has shown
  /// @return what was asked for then, and the mean of what was offered
  LossFreeRate lossFreeFor(Loadable lane, int bytes, double longSeconds) throws BenchException {
    LossFreeRate found = lossFree(lane, bytes);
    int wanted = (int) Math.ceil(longSeconds / seconds);
    if (wanted == 0) {
      return found;
    }
    double mpps = found.asked();
    int lowered = 0;
    while (lowered <= MOST_LOWERED && resolution <= mpps) {
      double offered = offeredInARow(lane, bytes, mpps, wanted);
      if (0 < offered) {
        return new LossFreeRate(mpps, offered);
      }
      mpps *= LOWERED;
      lowered++;
    }
    return LossFreeRate.NONE;
  }

  /// The mean of what so many trials in a row have offered, or 0 if one of them lost something:
  /// whoever disturbed it, for a loss that is tried again until it is none shows nothing.
  private double offeredInARow(Loadable lane, int bytes, double mpps, int wanted)
      throws BenchException {
    double offered = 0;
    int inARow = 0;
    for (int tried = 0; inARow < wanted && tried < 2 * wanted; tried++) {
      Trial trial = lane.pace(bytes, mpps, seconds);
      if (!passes(trial)) {
        return 0;
      }
      if (LossFreeRate.isNearly(trial.offeredMpps(), mpps)) {
        offered += trial.offeredMpps();
        inARow++;
      }
    }
    return inARow < wanted ? 0 : offered / wanted;
  }

  /// What was offered at most without a loss, or 0. A trial that was disturbed is made again.
  private double carried(Loadable lane, int bytes, double mpps) throws BenchException {
    double best = 0;
    for (int attempt = 0; attempt <= Undisturbed.REPEATS; attempt++) {
      Trial trial = lane.pace(bytes, mpps, seconds);
      if (passes(trial)) {
        best = Math.max(best, trial.offeredMpps());
        if (LossFreeRate.isNearly(best, mpps)) {
          return best;
        }
      } else if (trial.otherSeconds() <= QUIET_SECONDS) {
        return best;
      }
    }
    return best;
  }

  /// Whether a trial shows that what it offered is carried.
  boolean passes(Trial trial) {
    return 0 < trial.offeredMpps() && trial.lossPercent() <= tolerance;
  }
}
