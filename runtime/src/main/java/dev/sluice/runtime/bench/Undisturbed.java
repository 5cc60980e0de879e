package dev.sluice.runtime.bench;

/// Repeats what was measured while others kept the machine busy.
final class Undisturbed {
  static final int REPEATS = 2;

  private Undisturbed() {}

  /// Something that can be measured again.
  @FunctionalInterface
  interface Measurement {
    Trial run() throws BenchException;
  }

  /// Measures up to three times.
  ///
  /// @return the first undisturbed trial, else the least disturbed
  static Trial of(Measurement measurement) throws BenchException {
    Trial best = measurement.run();
    for (int repeat = 0; repeat < REPEATS && best.isDisturbed(); repeat++) {
      Trial next = measurement.run();
      if (next.otherSeconds() < best.otherSeconds()) {
        best = next;
      }
    }
    return best;
  }
}
