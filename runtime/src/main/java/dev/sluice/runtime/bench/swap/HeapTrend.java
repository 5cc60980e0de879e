package dev.sluice.runtime.bench.swap;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/// How much of the heap is in use right after a garbage collection, over the number of swaps: what
/// each swap leaves behind for good is the slope. Of the first half of the swaps nothing counts:
/// meanwhile what is kept of so many bundles at most (counters, events, generations) fills, and
/// what lives long grows old. Not for concurrent use.
public final class HeapTrend {
  private final List<Sample> samples = new ArrayList<>();

  private record Sample(long swaps, long bytes) {}

  /// Takes in what was in use after a collection.
  public void add(long swaps, long bytes) {
    samples.add(new Sample(swaps, bytes));
  }

  /// Samples that count so far.
  public int size() {
    return later().size();
  }

  private List<Sample> later() {
    long most = samples.stream().mapToLong(Sample::swaps).max().orElse(0);
    return samples.stream().filter(sample -> most <= 2 * sample.swaps).toList();
  }

  /// Bytes a swap, by linear regression (least squares); none unless there are samples at three
  /// numbers of swaps.
  public OptionalDouble bytesPerSwap() {
    List<Sample> counted = later();
    if (counted.stream().mapToLong(Sample::swaps).distinct().count() < 3) {
      return OptionalDouble.empty();
    }
    double meanSwaps = counted.stream().mapToLong(Sample::swaps).average().orElseThrow();
    double meanBytes = counted.stream().mapToLong(Sample::bytes).average().orElseThrow();
    double both = 0;
    double square = 0;
    for (Sample sample : counted) {
      both += (sample.swaps - meanSwaps) * (sample.bytes - meanBytes);
      square += (sample.swaps - meanSwaps) * (sample.swaps - meanSwaps);
    }
    return OptionalDouble.of(both / square);
  }
}
