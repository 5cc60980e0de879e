package dev.sluice.runtime.host;

import dev.sluice.plugin.EventLog;
import dev.sluice.plugin.EventLog.Severity;
import dev.sluice.runtime.pipeline.PipelineCounters;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/// Tells the operator that the kernel drops frames of a port, which counter shows it, and which
/// setting helps: at once, and then at most every ten seconds with what has been dropped meanwhile.
/// One thread at a time.
final class DropWatch {
  private static final long PERIOD_NANOS = 10_000_000_000L;

  /// `struct xdp_statistics` of `include/uapi/linux/if_xdp.h`: what a lack of room is counted by.
  private static final Map<String, String> REMEDIES =
      Map.of(
          "rx_ring_full", "raise ring-frames",
          "rx_fill_ring_empty_descs", "raise pool-frames, or ring-frames");

  private static final String ANY_REMEDY = "raise ring-frames";

  private final EventLog events;
  private final LongSupplier nanos;
  private final Map<String, Told> told = new HashMap<>();

  /// @param at when, by [#nanos]
  /// @param port as it was then
  private record Told(long at, PipelineCounters.Port port) {}

  DropWatch(EventLog events, LongSupplier nanos) {
    this.events = events;
    this.nanos = nanos;
  }

  /// Compares with what was told last.
  void look(PipelineCounters.Port port) {
    Told last = told.get(port.name());
    long now = nanos.getAsLong();
    long before = last == null ? 0 : last.port().kernelDropped();
    if (port.kernelDropped() > before && (last == null || now - last.at() >= PERIOD_NANOS)) {
      tell(port, port.kernelDropped() - before, last == null ? Map.of() : last.port().statistics());
      told.put(port.name(), new Told(now, port));
    }
  }

  private void tell(PipelineCounters.Port port, long more, Map<String, Long> before) {
    String counter = "kernelDropped";
    long most = 0;
    for (String name : REMEDIES.keySet()) {
      long growth = port.statistics().getOrDefault(name, 0L) - before.getOrDefault(name, 0L);
      if (growth > most) {
        most = growth;
        counter = name;
      }
    }
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("port", port.name());
    fields.put("frames", more);
    fields.put("counter", counter);
    fields.put("remedy", REMEDIES.getOrDefault(counter, ANY_REMEDY));
    events.report(Severity.WARNING, "kernel-drops", fields);
  }
}
