package dev.sluice.plugins.terminalauth;

/// For how long a number has not changed, as whoever looks now and then can tell. Any thread.
final class Standstill {
  private long seen;
  private boolean looked;
  private long sinceNanos;

  /// Looks.
  ///
  /// @return nanoseconds since a look that found another number, or the first
  synchronized long lasts(long number, long nowNanos) {
    if (!looked || number != seen) {
      looked = true;
      seen = number;
      sinceNanos = nowNanos;
    }
    return nowNanos - sinceNanos;
  }
}
