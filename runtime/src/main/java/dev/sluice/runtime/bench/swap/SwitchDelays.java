package dev.sluice.runtime.bench.swap;

import java.util.Arrays;
import org.HdrHistogram.Histogram;

/// Delays of frames, parted by whether they were made near a switch of chains or far from any. A
/// delay waits for some seconds until it is known whether there was one. Not for concurrent use.
final class SwitchDelays {
  /// How near a frame must be made to a switch, before or after it.
  static final long NEAR_NANOS = 50_000_000;

  /// By then every switch near to a frame is known.
  private static final long SETTLED_NANOS = 2_000_000_000;

  private static final int MOST_WAITING = 1 << 20;
  private static final int DIGITS = 3;

  private final Histogram near = new Histogram(DIGITS);
  private final Histogram far = new Histogram(DIGITS);
  private final long[] made = new long[MOST_WAITING];
  private final long[] delays = new long[MOST_WAITING];
  private long oldest;
  private long next;
  private long[] switches = new long[1024];
  private int switchCount;

  /// Takes in a delay.
  void note(long madeNanos, long nanos) {
    if (next - oldest == MOST_WAITING) {
      settleOldest();
    }
    int at = slot(next++);
    made[at] = madeNanos;
    delays[at] = nanos;
  }

  /// Takes in when chains were switched, in the order of time.
  void switched(long nanos) {
    if (switchCount == switches.length) {
      switches = Arrays.copyOf(switches, 2 * switches.length);
    }
    switches[switchCount++] = nanos;
  }

  /// Sorts out what has waited long enough.
  void settle(long nowNanos) {
    while (oldest < next && made[slot(oldest)] < nowNanos - SETTLED_NANOS) {
      settleOldest();
    }
  }

  /// Sorts out everything: no switch will be added any more.
  void settleAll() {
    settle(Long.MAX_VALUE);
  }

  private void settleOldest() {
    int at = slot(oldest++);
    (isNear(made[at]) ? near : far).recordValue(Math.max(0, delays[at]));
  }

  private static int slot(long position) {
    return (int) (position & (MOST_WAITING - 1));
  }

  private boolean isNear(long nanos) {
    int found = Arrays.binarySearch(switches, 0, switchCount, nanos);
    int after = found >= 0 ? found : -found - 1;
    return (after < switchCount && switches[after] - nanos <= NEAR_NANOS)
        || (after > 0 && nanos - switches[after - 1] <= NEAR_NANOS);
  }

  /// Delays in nanoseconds of frames made near a switch.
  Histogram near() {
    return near;
  }

  /// Delays in nanoseconds of all others.
  Histogram far() {
    return far;
  }
}
