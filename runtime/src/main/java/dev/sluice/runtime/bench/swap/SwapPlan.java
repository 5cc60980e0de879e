package dev.sluice.runtime.bench.swap;

import java.time.Duration;
import java.util.List;

/// What a [SwapRun] is to do.
///
/// @param swaps good versions, each replacing the one before
/// @param bad kinds of bad bundles that are mixed in, in turn; may be empty
/// @param badEvery good versions between one bad bundle and the next
/// @param outcomeLimit how long the gateway may take to tell what became of a bundle
/// @param settle how long traffic flows before the first swap and after the last, so that there are
///   delays far from any
/// @param pause between an outcome and the next deployment
public record SwapPlan(
    int swaps,
    List<BadBundle> bad,
    int badEvery,
    Duration outcomeLimit,
    Duration settle,
    Duration pause) {
  public SwapPlan {
    bad = List.copyOf(bad);
    if (swaps < 1 || badEvery < 1) {
      throw new IllegalArgumentException(swaps + " swaps, a bad one every " + badEvery);
    }
  }

  /// Versions that a run of this plan can need, 0 and the one in force before it counted: a witness
  /// must know as many.
  public int versions() {
    return 2 + swaps + badCount();
  }

  /// Bad bundles that are deployed.
  public int badCount() {
    return bad.isEmpty() ? 0 : swaps / badEvery;
  }
}
