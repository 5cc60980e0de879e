package dev.sluice.runtime.bench;

/// The highest rate at which nothing is lost, found by halving (RFC 2544, section 26.1).
final class LossFreeRate {
  private LossFreeRate() {}

  /// Whether a rate is carried.
  @FunctionalInterface
  interface Carried {
    boolean at(double mpps) throws BenchException;
  }

  /// Searches between nothing and a rate that is tried first.
  ///
  /// @param highest in million packets per second, more than 0
  /// @param resolution how far the result may lie below the true rate
  /// @return a rate that was carried, 0 if none was
  static double find(double highest, double resolution, Carried carried) throws BenchException {
    if (carried.at(highest)) {
      return highest;
    }
    double good = 0;
    double bad = highest;
    while (resolution < bad - good) {
      double middle = (good + bad) / 2;
      if (carried.at(middle)) {
        good = middle;
      } else {
        bad = middle;
      }
    }
    return good;
  }
}
