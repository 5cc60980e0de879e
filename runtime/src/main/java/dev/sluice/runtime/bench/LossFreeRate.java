package dev.sluice.runtime.bench;

/// A rate at which nothing was lost.
///
/// The generator may offer less than is asked of it: a hypervisor keeps it from running at times,
/// and so does a forwarder on its own CPU. Who wants the same load again asks for the same.
///
/// @param asked of the generator, in million packets per second; 0 if every rate lost
/// @param offered by it
record LossFreeRate(double asked, double offered) {
  static final LossFreeRate NONE = new LossFreeRate(0, 0);

  private static final double NEARLY = 0.9;

  /// A trial at a rate.
  @FunctionalInterface
  interface Attempt {
    /// Tries it.
    ///
    /// @return the rate that was really offered and carried without a loss; 0 if something was lost
    double at(double mpps) throws BenchException;
  }

  /// Whether so much was offered that it tells of what was asked for.
  static boolean isNearly(double offered, double asked) {
    return NEARLY * asked <= offered;
  }

  /// Searches between nothing and a rate that is tried first, by halving (RFC 2544, section 26.1).
  ///
  /// Where much less is offered than was asked for, less is asked for: the generator stumbles over
  /// itself there, and may well offer more when it is asked for less.
  ///
  /// @param highest in million packets per second, more than 0
  /// @param resolution how far the result may lie below the true rate, where what is asked for is
  ///   offered
  /// @return the highest that was offered
  static LossFreeRate find(double highest, double resolution, Attempt attempt)
      throws BenchException {
    LossFreeRate best = NONE.orBetter(highest, attempt.at(highest));
    double good = isNearly(best.offered, highest) ? highest : 0;
    double bad = highest;
    while (resolution < bad - good) {
      double middle = (good + bad) / 2;
      double offered = attempt.at(middle);
      best = best.orBetter(middle, offered);
      if (isNearly(offered, middle)) {
        good = middle;
      } else {
        bad = middle;
      }
    }
    return best;
  }

  /// What was hardly offered at all is not asked for again, but what came of it.
  private LossFreeRate orBetter(double nextAsked, double nextOffered) {
    if (nextOffered <= offered) {
      return this;
    }
    double again = isNearly(nextOffered, nextAsked) ? nextAsked : nextOffered;
    return new LossFreeRate(again, nextOffered);
  }
}
