package dev.sluice.wire;

import java.security.SecureRandom;
import java.util.stream.LongStream;

/// How long fuzz tests run, and from which seeds. The tests of other modules may use it.
///
/// Two system properties lengthen a run or repeat one: `sluice.fuzz.frames`, how many frames each
/// seed makes, and `sluice.fuzz.seed`, the one seed to run. Every failure names its seed.
public final class FuzzRun {
  /// The seed of every run, so that what was found once stays found.
  public static final long REGRESSION_SEED = 20_261_122L;

  private FuzzRun() {}

  /// The seed that was asked for; else the fixed one, and one that nobody has run before.
  public static LongStream seeds() {
    Long asked = Long.getLong("sluice.fuzz.seed");
    return asked == null
        ? LongStream.of(REGRESSION_SEED, new SecureRandom().nextLong())
        : LongStream.of(asked);
  }

  /// How many frames to make of each seed.
  ///
  /// @param usual as many as take a second or so
  public static int frames(int usual) {
    return Integer.getInteger("sluice.fuzz.frames", usual);
  }

  /// What to say of a failure, so that it can be repeated.
  public static String hint(long seed, long round) {
    return "frame " + round + " of -Dsluice.fuzz.seed=" + seed;
  }
}
