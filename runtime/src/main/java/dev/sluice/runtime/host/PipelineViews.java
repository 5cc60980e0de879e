package dev.sluice.runtime.host;

import dev.sluice.runtime.control.PipelineView;
import dev.sluice.runtime.pipeline.BundleCounters;
import dev.sluice.runtime.pipeline.PipelineCounters;
import dev.sluice.runtime.pipeline.QueueDepth;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/// The packet path as an operator sees it.
final class PipelineViews {
  private static final long NOT_KNOWN = -1;

  private PipelineViews() {}

  /// One reading.
  ///
  /// @param stages of the bundles in the chain, by symbolic name and version
  static PipelineView of(
      PipelineCounters now, List<QueueDepth> depths, Map<String, String> stages) {
    List<PipelineView.Step> steps =
        now.bundles().stream()
            .sorted(Comparator.comparingInt(PipelineViews::placeOrLast))
            .map(bundle -> step(bundle, stages.getOrDefault(bundle.title(), "")))
            .toList();
    return new PipelineView(roles(now, depths), steps, totals(now));
  }

  private static int placeOrLast(BundleCounters bundle) {
    return bundle.place() < 0 ? Integer.MAX_VALUE : bundle.place();
  }

  private static PipelineView.Step step(BundleCounters bundle, String stage) {
    boolean measured = bundle.timing().count() > 0;
    return new PipelineView.Step(
        bundle.title(),
        stage,
        bundle.in(),
        bundle.passed(),
        bundle.answered(),
        bundle.taken(),
        bundle.droppedTotal(),
        bundle.failed(),
        bundle.rescued(),
        bundle.dropped(),
        measured ? bundle.timing().percentile(50) : NOT_KNOWN,
        measured ? bundle.timing().percentile(99) : NOT_KNOWN,
        measured ? bundle.timing().max() : NOT_KNOWN);
  }

  private static List<PipelineView.Role> roles(PipelineCounters now, List<QueueDepth> depths) {
    List<PipelineView.Role> roles = new ArrayList<>();
    roles.add(role("ReadThread", now.received()));
    for (QueueDepth depth : depths) {
      if (depth.name().startsWith("recv-")) {
        roles.add(queue("RecvQueue " + depth.name().substring("recv-".length()), depth));
      }
    }
    roles.add(role("WorkThreads", now.chain().given()));
    for (QueueDepth depth : depths) {
      if (depth.name().equals("send")) {
        roles.add(queue("SendQueue", depth));
      }
    }
    roles.add(role("SendThread", now.forwarded() + now.dataSent()));
    return roles;
  }

  private static PipelineView.Role role(String name, long frames) {
    return new PipelineView.Role(name, frames, NOT_KNOWN, NOT_KNOWN, NOT_KNOWN);
  }

  private static PipelineView.Role queue(String name, QueueDepth depth) {
    return new PipelineView.Role(name, NOT_KNOWN, depth.now(), depth.capacity(), depth.highest());
  }

  private static PipelineView.Totals totals(PipelineCounters now) {
    long inFlight = now.inFlight();
    return new PipelineView.Totals(
        now.received(),
        now.forwarded(),
        now.answered(),
        now.droppedTotal(),
        now.held(),
        inFlight,
        now.dropped(),
        inFlight == 0 ? now.imbalances().isEmpty() : inFlight > 0);
  }
}
