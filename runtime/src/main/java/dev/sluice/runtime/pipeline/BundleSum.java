package dev.sluice.runtime.pipeline;

import dev.sluice.plugin.DropReason;
import java.util.Map;
import java.util.TreeMap;

/// Counts of several handlers of one bundle added up. Not for concurrent use.
final class BundleSum {
  private final String title;
  private final Map<String, Long> dropped = new TreeMap<>();
  private long passed;
  private long answered;
  private long taken;
  private long failed;
  private long ticksFailed;
  private long rescued;
  private Timing timing = Timing.NONE;

  BundleSum(String title) {
    this.title = title;
  }

  void add(HandlerCounters counters) {
    passed += counters.count(HandlerCounters.PASSED);
    answered += counters.count(HandlerCounters.ANSWERED);
    taken += counters.count(HandlerCounters.TAKEN);
    failed += counters.count(HandlerCounters.FAILED);
    ticksFailed += counters.count(HandlerCounters.TICK_FAILED);
    rescued += counters.count(HandlerCounters.RESCUED);
    for (DropReason reason : DropReason.all()) {
      add(reason.name(), counters.dropped(reason.index()));
    }
    timing = timing.plus(counters.latency().reading());
  }

  void add(BundleSum other) {
    passed += other.passed;
    answered += other.answered;
    taken += other.taken;
    failed += other.failed;
    ticksFailed += other.ticksFailed;
    rescued += other.rescued;
    other.dropped.forEach(this::add);
    timing = timing.plus(other.timing);
  }

  private void add(String reason, long packets) {
    if (packets > 0) {
      dropped.merge(reason, packets, Long::sum);
    }
  }

  BundleCounters row(int place) {
    return new BundleCounters(
        title,
        place,
        passed,
        answered,
        taken,
        Map.copyOf(dropped),
        failed,
        ticksFailed,
        rescued,
        timing);
  }
}
