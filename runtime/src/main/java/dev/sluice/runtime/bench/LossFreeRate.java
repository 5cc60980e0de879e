package dev.sluice.runtime.bench;

/// The highest rate at which nothing is lost, found by halving (RFC 2544, section 26.1).
final class LossFreeRate {
  private static final double NEARLY_OFFERED = 0.9;

  private LossFreeRate() {}

  /// A trial at a rate.
  @FunctionalInterface
  interface Attempt {
    /// Tries it.
    ///
    /// @return the rate that was really offered and carried without a loss, which may be less than
    ///   what was asked for; 0 if something was lost
    double at(double mpps) throws BenchException;
  }

  /// Searches between nothing and a rate that is tried first.
  ///
  /// Where much less is offered than was asked for, less is asked for: the generator stumbles over
  /// itself there, and may well offer more when it is asked for less.
  ///
  /// @param highest in million packets per second, more than 0
  /// @param resolution how far the result may lie below the true rate, where what is asked for is
  ///   offered
  /// @return the highest rate that was offered and carried, 0 if none was
  static double find(double highest, double resolution, Attempt attempt) throws BenchException {
    double best = attempt.at(highest);
    double good = NEARLY_OFFERED * highest <= best ? highest : 0;
    double bad = highest;
    while (resolution < bad - good) {
      double middle = (good + bad) / 2;
      double carried = attempt.at(middle);
      best = Math.max(best, carried);
      if (NEARLY_OFFERED * middle <= carried) {
        good = middle;
      } else {
        bad = middle;
      }
    }
    return best;
  }
}
