package dev.sluice.runtime.host;

import dev.sluice.runtime.pipeline.PipelineCounters;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Looks whether a handler in the chain ran out of memory. Whatever else one throws has its packet
/// dropped, and that is all: whoever can send packets that a bundle fails at must not be able to
/// have it taken out. For the deploying thread alone.
final class FailureWatch {
  private static final String OUT_OF_MEMORY = OutOfMemoryError.class.getName();

  private final Supplier<List<PipelineCounters.Handler>> handlers;
  private Map<Place, PipelineCounters.Handler> before = Map.of();

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
        failed(deployer, containment, row);
      }
    }
    before = now;
  }

  private static void failed(
      Deployer deployer, Containment containment, PipelineCounters.Handler row) {
    if (!row.failure().startsWith(OUT_OF_MEMORY)) {
      return;
    }
    Stream<Deployment> standingBy =
        deployer.onTrial().stream().flatMap(trial -> Stream.ofNullable(trial.old()));
    Stream.concat(deployer.deployed().stream(), standingBy)
        .filter(each -> !each.isQuarantined() && each.stored().title().equals(row.bundle()))
        .findFirst()
        .ifPresent(culprit ->
            containment.outOfOrder(
                deployer, culprit, "it used up the memory of the process: " + row.failure()));
  }
}
