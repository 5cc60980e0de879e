package dev.sluice.runtime.bench;

import java.util.Collection;
import java.util.List;

/// Lowest, middle and highest of several figures.
record Spread(double min, double median, double max) {
  /// The spread of at least one figure; of an even number the median is the mean of the middle two.
  static Spread of(Collection<Double> figures) {
    List<Double> sorted = figures.stream().sorted().toList();
    if (sorted.isEmpty()) {
      throw new IllegalArgumentException("no figures");
    }
    int middle = sorted.size() / 2;
    double median =
        sorted.size() % 2 == 1
            ? sorted.get(middle)
            : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    return new Spread(sorted.getFirst(), median, sorted.getLast());
  }
}
