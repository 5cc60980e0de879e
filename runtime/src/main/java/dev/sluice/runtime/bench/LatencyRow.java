package dev.sluice.runtime.bench;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;

/// Rows of `bench latency`: percentiles in microseconds.
final class LatencyRow {
  private static final int DIGITS = 3;
  private static final double NANOS_PER_MICRO = 1000;

  private LatencyRow() {}

  /// Counts delays exactly to three digits.
  ///
  /// @param nanos those below 0, which no clock measures, count as 0
  static Histogram histogram(long[] nanos) {
    Histogram histogram = new Histogram(DIGITS);
    for (long delay : nanos) {
      histogram.recordValue(Math.max(0, delay));
    }
    return histogram;
  }

  /// A row to which more may be added.
  static Map<String, Object> of(BenchSystem system, String load, Histogram delays)
      throws BenchException {
    if (delays.getTotalCount() == 0) {
      throw new BenchException("no delay was measured at load " + load);
    }
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("system", system.label());
    row.put("load", load);
    row.put("p50", micros(delays.getValueAtPercentile(50)));
    row.put("p90", micros(delays.getValueAtPercentile(90)));
    row.put("p99", micros(delays.getValueAtPercentile(99)));
    row.put("p999", micros(delays.getValueAtPercentile(99.9)));
    row.put("p9999", micros(delays.getValueAtPercentile(99.99)));
    row.put("max", micros(delays.getMaxValue()));
    row.put("count", delays.getTotalCount());
    return row;
  }

  private static double micros(long nanos) {
    return Report.rounded(nanos / NANOS_PER_MICRO, DIGITS);
  }

  /// For a person.
  static String table(List<Map<String, Object>> rows) {
    Table table =
        new Table(
            "system",
            "load",
            "p50",
            "p90",
            "p99",
            "p99.9",
            "p99.99",
            "max",
            "count",
            "stalls",
            "late",
            "loss %",
            "JVM pause",
            "B/packet",
            "others s");
    for (Map<String, Object> row : rows) {
      table.add(
          Table.cell(row, "system", 0),
          Table.cell(row, "load", 0),
          Table.cell(row, "p50", 1),
          Table.cell(row, "p90", 1),
          Table.cell(row, "p99", 1),
          Table.cell(row, "p999", 1),
          Table.cell(row, "p9999", 1),
          Table.cell(row, "max", 1),
          Table.cell(row, "count", 0),
          Table.cell(row, "stalls", 0),
          Table.cell(row, "late", 0),
          Table.cell(row, "lossPercent", 3),
          Table.cell(row, "longestJvmPause", 1),
          Table.cell(row, "allocatedBytesPerPacket", 3),
          Table.others(row));
    }
    return table + "in microseconds; load 'one': one packet in flight, there and back";
  }
}
