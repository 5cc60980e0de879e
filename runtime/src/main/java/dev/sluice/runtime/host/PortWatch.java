package dev.sluice.runtime.host;

import dev.sluice.plugin.EventLog;
import dev.sluice.plugin.EventLog.Severity;
import dev.sluice.runtime.pipeline.PipelineCounters;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Tells the operator when a port's link comes, goes, or is gone for good; and which bundle's
/// handlers fail. Looked at now and then, so that nothing is written for a packet. One thread at a
/// time.
final class PortWatch {
  private final EventLog events;
  private final Map<String, String> links = new HashMap<>();
  private final Map<String, Long> failures = new HashMap<>();

  PortWatch(EventLog events) {
    this.events = events;
  }

  /// Compares with the look before.
  void look(PipelineCounters counters) {
    for (PipelineCounters.Port port : counters.devices()) {
      String before = links.put(port.name(), port.link());
      boolean up = port.link().equals("UP");
      if (before == null ? !up : !before.equals(port.link())) {
        events.report(
            up ? Severity.INFO : Severity.WARNING,
            up ? "port-up" : "port-down",
            Map.of("port", port.name(), "link", port.link()));
      }
    }
    failedHandlers(counters.handlers());
  }

  private void failedHandlers(List<PipelineCounters.Handler> handlers) {
    Map<String, Long> now = new HashMap<>();
    Map<String, String> causes = new HashMap<>();
    for (PipelineCounters.Handler handler : handlers) {
      now.merge(handler.bundle(), handler.failed(), Long::sum);
      if (!handler.failure().isEmpty()) {
        causes.put(handler.bundle(), handler.failure());
      }
    }
    now.forEach((bundle, count) -> {
      if (count > failures.getOrDefault(bundle, 0L)) {
        events.report(
            Severity.ALARM,
            "handler-failed",
            Map.of(
                "bundle", bundle,
                "packets", count,
                "cause", causes.getOrDefault(bundle, "not known")));
      }
    });
    failures.clear();
    failures.putAll(now);
  }
}
