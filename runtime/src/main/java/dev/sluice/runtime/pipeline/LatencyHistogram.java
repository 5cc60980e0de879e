package dev.sluice.runtime.pipeline;

import java.util.concurrent.atomic.AtomicLongArray;

/// Times of one handler instance, in nanoseconds. Written by its WorkThread alone, without a locked
/// instruction; read by any thread.
///
/// Buckets are exact up to 15 ns, and from there each power of two is cut into 16, so that a value
/// is told to within a sixteenth; what is longer than 2^36 ns, about 68 s, is in the last.
final class LatencyHistogram {
  private static final int SUB_BITS = 4;
  private static final int SUBS = 1 << SUB_BITS;
  private static final int LAST_POWER = 36;

  static final int BUCKETS = (LAST_POWER - SUB_BITS + 2) * SUBS;

  private static final int MOST_AT = BUCKETS;

  /// The buckets, then the longest time of all.
  private final AtomicLongArray counts = new AtomicLongArray(BUCKETS + 1);

  void add(long nanos) {
    int at = bucket(nanos);
    counts.setOpaque(at, counts.getPlain(at) + 1);
    if (nanos > counts.getPlain(MOST_AT)) {
      counts.setOpaque(MOST_AT, nanos);
    }
  }

  /// The bucket that a time falls into; one below zero counts as zero.
  static int bucket(long nanos) {
    if (nanos < SUBS) {
      return (int) Math.max(0, nanos);
    }
    int power = Long.SIZE - 1 - Long.numberOfLeadingZeros(nanos);
    if (power > LAST_POWER) {
      return BUCKETS - 1;
    }
    int sub = (int) (nanos >>> (power - SUB_BITS)) & (SUBS - 1);
    return (power - SUB_BITS + 1) * SUBS + sub;
  }

  /// The longest time of a bucket.
  static long longest(int bucket) {
    if (bucket < SUBS) {
      return bucket;
    }
    int shift = bucket / SUBS - 1;
    return ((long) (SUBS + bucket % SUBS + 1) << shift) - 1;
  }

  /// What it holds now.
  Timing reading() {
    long[] now = new long[BUCKETS];
    for (int i = 0; i < BUCKETS; i++) {
      now[i] = counts.getOpaque(i);
    }
    return new Timing(now, counts.getOpaque(MOST_AT));
  }
}
