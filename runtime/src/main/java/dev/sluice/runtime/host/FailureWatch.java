package dev.sluice.runtime.host;

import dev.sluice.runtime.pipeline.PipelineCounters;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Looks at what the handlers in the chain throw. Each packet on which one throws is dropped, and
/// that is all where some packets are to blame; this is for bundles that are to blame themselves.
/// For the deploying thread alone.
final class FailureWatch {
  /// Packets in a row that all failed, before the bundle counts as broken.
  private static final long MOST_IN_A_ROW = 100;

  private static final String OUT_OF_MEMORY = OutOfMemoryError.class.getName();

  private final Supplier<List<PipelineCounters.Handler>> handlers;
  private Map<Place, PipelineCounters.Handler> before = Map.of();
  private final Map<Place, Long> inARow = new HashMap<>();

  private record Place(String bundle, int worker) {}

  /// @param handlers reads the counters
  FailureWatch(Supplier<List<PipelineCounters.Handler>> handlers) {
    this.handlers = handlers;
  }

  /// Looks once.
  void look(Deployer deployer, Containment containment) {
    Map<Place, PipelineCounters.Handler> now = new HashMap<>();
    for (PipelineCounters.Handler row : handlers.get()) {
      Place place = new Place(row.bundle(), row.workThread());
      now.put(place, row);
      PipelineCounters.@Nullable Handler last = before.get(place);
      long failed = row.failed() - (last == null ? 0 : last.failed());
      if (failed > 0) {
        failed(deployer, containment, row, inARow(place, row, last, failed));
      }
    }
    inARow.keySet().retainAll(now.keySet());
    before = now;
  }

  private long inARow(
      Place place,
      PipelineCounters.Handler row,
      PipelineCounters.@Nullable Handler last,
      long failed) {
    boolean alone = last == null ? judged(row) == 0 : judged(row) == judged(last);
    long sum = alone ? inARow.getOrDefault(place, 0L) + failed : 0;
    inARow.put(place, sum);
    return sum;
  }

  private static long judged(PipelineCounters.Handler row) {
    return row.passed() + row.dropped() + row.answered() + row.taken();
  }

  private void failed(
      Deployer deployer, Containment containment, PipelineCounters.Handler row, long inARow) {
    Optional<Deployment> culprit =
        deployer.deployed().stream()
            .filter(each -> !each.isQuarantined() && each.stored().title().equals(row.bundle()))
            .findFirst();
    if (culprit.isEmpty()) {
      return;
    }
    if (row.failure().startsWith(OUT_OF_MEMORY)) {
      containment.outOfOrder(
          deployer, culprit.get(), "it used up the memory of the process: " + row.failure());
    } else if (inARow >= MOST_IN_A_ROW && containment.hasBetter(culprit.get())) {
      containment.outOfOrder(deployer, culprit.get(), "it fails on every packet: " + row.failure());
    }
  }
}
