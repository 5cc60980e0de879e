package dev.sluice.runtime.pipeline;

import java.util.Map;

/// What became of the packets that one bundle's handlers were given since the gateway began, on all
/// WorkThreads, whatever chains the bundle was in.
///
/// @param title symbolic name and version, or `(earlier)` for bundles that left long ago
/// @param place in the chain in force, from 0; a bundle that stands in for one on trial has the
///   same; -1 for one that has left
/// @param passed given to the next handler, or to the egress behind the last
/// @param taken handed over: sent on or held
/// @param dropped by the name of the reason, only those counted at least once
/// @param failed packets that the handler threw at, or had no verdict for
/// @param ticksFailed ticks that threw
/// @param rescued packets that another bundle judged in the place of this one, which failed on
///   trial; they are counted there, and not in [#in]
/// @param timing of the packets that were measured
public record BundleCounters(
    String title,
    int place,
    long passed,
    long answered,
    long taken,
    Map<String, Long> dropped,
    long failed,
    long ticksFailed,
    long rescued,
    Timing timing) {

  /// Packets that it judged.
  public long in() {
    return passed + ended();
  }

  /// Packets that it judged and that went no further.
  public long ended() {
    return answered + taken + droppedTotal() + failed;
  }

  /// All drops together.
  public long droppedTotal() {
    return dropped.values().stream().mapToLong(Long::longValue).sum();
  }
}
