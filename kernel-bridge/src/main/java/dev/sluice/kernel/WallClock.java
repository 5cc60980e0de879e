package dev.sluice.kernel;

import java.time.Instant;

/// The time of day in nanoseconds, without an object per reading: the wall clock as it stood when
/// this was made, carried on by the monotonic clock.
final class WallClock {
  private final long base;

  WallClock() {
    Instant now = Instant.now();
    this.base = now.getEpochSecond() * 1_000_000_000 + now.getNano() - System.nanoTime();
  }

  /// Nanoseconds since 1970-01-01 UTC.
  long nanos() {
    return base + System.nanoTime();
  }
}
