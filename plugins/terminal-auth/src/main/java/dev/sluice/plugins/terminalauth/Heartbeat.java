package dev.sluice.plugins.terminalauth;

/// Whether somebody looks after the sessions: ends those that are over, revoked or under attack. If
/// nobody has for five seconds, of whatever version of the bundle, no session counts as live.
///
/// It goes by the ticks of the gate that asks, not by a time that the other side has written: while
/// the whole process stands still, the gate does not tick either. For one WorkThread.
final class Heartbeat {
  private static final long MISSED_NANOS = 5_000_000_000L;

  /// Most that one tick counts for; in force they come every ten milliseconds or so.
  private static final long MOST_OF_A_TICK_NANOS = 100_000_000L;

  private final Admission admission;
  private long seen;
  private long tickNanos;
  private long missedNanos;

  Heartbeat(Admission admission, long nowNanos) {
    this.admission = admission;
    this.seen = admission.heartbeat();
    this.tickNanos = nowNanos;
  }

  void tick(long nowNanos) {
    long heard = admission.heartbeat();
    missedNanos =
        heard == seen ? missedNanos + Math.min(nowNanos - tickNanos, MOST_OF_A_TICK_NANOS) : 0;
    seen = heard;
    tickNanos = nowNanos;
  }

  /// Whether sessions are to be relied on.
  boolean isHeard() {
    return missedNanos < MISSED_NANOS;
  }
}
