package dev.sluice.runtime.host;

import dev.sluice.plugin.EventLog;
import dev.sluice.plugin.EventLog.Severity;
import dev.sluice.runtime.pipeline.PipelineCounters;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Tells the operator when a port's link comes, goes, or is gone for good, when its interface gets
/// another name, and when the kernel drops its frames; and which bundle's handlers fail. Looked at
/// now and then, so that nothing is written for a packet. One thread at a time.
final class PortWatch {
  private final EventLog events;
  private final DropWatch drops;
  private final Map<String, PipelineCounters.Port> before = new HashMap<>();
  private final Map<String, Long> failures = new HashMap<>();

  PortWatch(EventLog events) {
    this.events = events;
    this.drops = new DropWatch(events, System::nanoTime);
  }

  /// Compares with the look before.
  void look(PipelineCounters counters) {
    for (PipelineCounters.Port port : counters.devices()) {
      PipelineCounters.Port then = before.put(port.name(), port);
      link(port, then == null ? "UP" : then.link());
      if (then != null && !then.interfaceName().equals(port.interfaceName())) {
        renamed(port, then.interfaceName());
      }
      drops.look(port);
    }
    failedHandlers(counters.handlers());
  }

  private void link(PipelineCounters.Port port, String then) {
    if (then.equals(port.link())) {
      return;
    }
    switch (port.link()) {
      case "UP" -> tellLink(Severity.INFO, "port-up", port);
      case "GONE" ->
          events.report(
              Severity.ALARM,
              "port-removed",
              Map.of(
                  "port",
                  port.name(),
                  "effect",
                  "nothing passes by it, even if it comes back, until the gateway is restarted"));
      default -> tellLink(Severity.WARNING, "port-down", port);
    }
  }

  private void tellLink(Severity severity, String event, PipelineCounters.Port port) {
    events.report(severity, event, Map.of("port", port.name(), "link", port.link()));
  }

  private void renamed(PipelineCounters.Port port, String then) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("port", port.name());
    fields.put("before", then);
    fields.put("now", port.interfaceName());
    fields.put("effect", "traffic goes on; the next start needs the new name in sluice.cfg");
    events.report(Severity.WARNING, "port-renamed", fields);
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
