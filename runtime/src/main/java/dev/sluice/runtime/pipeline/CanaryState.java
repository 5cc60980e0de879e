package dev.sluice.runtime.pipeline;

/// How the trial of a link stands.
///
/// @param packets judged on trial by all WorkThreads so far
/// @param wanted packets that the guard asked for
/// @param cause of the first failure
/// @param message a clause that tells the cause, as `threw java.lang.Error: why`; empty while there
///   is none
/// @param failedAt running number of the packet that the handler first failed at, from 1; 0 while
///   there is none, and for a tick that came before any packet
public record CanaryState(
    Phase phase, long packets, long wanted, Cause cause, String message, long failedAt) {

  /// Where a trial is.
  public enum Phase {
    /// Its time is not over.
    RUNNING,
    /// Its time is over, and too few packets came: it goes on until more come or the host decides.
    WAITING,
    /// Its time is over, and nothing failed.
    PASSED,
    /// Something failed: the fallback judges every packet.
    FAILED
  }

  /// Why a trial failed.
  public enum Cause {
    NONE,
    THREW,
    TICK_THREW,
    NO_VERDICT,
    MISUSED,
    SLOW,
    STUCK
  }

  /// Whether a trial was passed with fewer packets than the guard asked for.
  public boolean byTimeAlone() {
    return phase == Phase.PASSED && packets < wanted;
  }
}
