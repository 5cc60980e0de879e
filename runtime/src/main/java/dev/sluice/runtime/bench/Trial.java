package dev.sluice.runtime.bench;

/// What one system did with one load for a while.
///
/// @param offeredMpps million packets per second that the generator really sent
/// @param deliveredMpps that reached the sink
/// @param lossPercent of what was sent, 0..100; -1 where it was not counted
/// @param cpuSecondsPerMillion CPU seconds of the forwarder for a million delivered packets
/// @param otherSeconds of CPU time that others used meanwhile
/// @param late bursts that left too late by more than a tick
record Trial(
    double offeredMpps,
    double deliveredMpps,
    double lossPercent,
    double cpuSecondsPerMillion,
    double otherSeconds,
    long late) {

  /// Whether others used so much of the machine that the figures say little.
  boolean isDisturbed() {
    return OtherLoad.MOST_SECONDS < otherSeconds;
  }
}
