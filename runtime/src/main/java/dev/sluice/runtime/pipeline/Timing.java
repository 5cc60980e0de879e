package dev.sluice.runtime.pipeline;

/// How long a bundle's handlers took for the packets that were measured, one batch in
/// [ChainLoop#EVERY]. Immutable.
///
/// While code is new it is interpreted, and the first measurements are those of that.
public final class Timing {
  /// Of a handler that was not measured yet.
  public static final Timing NONE = new Timing(new long[LatencyHistogram.BUCKETS], 0);

  private final long[] counts;
  private final long most;

  Timing(long[] counts, long most) {
    this.counts = counts;
    this.most = most;
  }

  /// Packets measured.
  public long count() {
    long sum = 0;
    for (long count : counts) {
      sum += count;
    }
    return sum;
  }

  /// The time that so many of a hundred packets did not exceed, to within a sixteenth above, in
  /// nanoseconds; 0 if none was measured.
  ///
  /// @param percent above 0, at most 100
  public long percentile(double percent) {
    if (!(percent > 0 && percent <= 100)) {
      throw new IllegalArgumentException("percentile " + percent + ": allowed: above 0, up to 100");
    }
    long wanted = (long) Math.ceil(count() * percent / 100);
    long seen = 0;
    for (int i = 0; i < counts.length && wanted > 0; i++) {
      seen += counts[i];
      if (seen >= wanted) {
        return i == counts.length - 1 ? most : Math.min(LatencyHistogram.longest(i), most);
      }
    }
    return 0;
  }

  /// The longest time since the handler came, in nanoseconds.
  public long max() {
    return most;
  }

  /// What was measured here and there.
  Timing plus(Timing other) {
    return new Timing(combined(other, 1), Math.max(most, other.most));
  }

  /// What was measured since an earlier reading of the same row; the longest time is that since the
  /// handler came all the same.
  public Timing since(Timing before) {
    return new Timing(combined(before, -1), most);
  }

  private long[] combined(Timing other, int sign) {
    long[] both = new long[counts.length];
    for (int i = 0; i < both.length; i++) {
      both[i] = Math.max(0, counts[i] + sign * other.counts[i]);
    }
    return both;
  }

  @Override
  public String toString() {
    return "p50 "
        + percentile(50)
        + " ns, p99 "
        + percentile(99)
        + " ns, max "
        + most
        + " ns of "
        + count();
  }
}
