package dev.sluice.runtime.probe;

import dev.sluice.kernel.XdpSupport;
import dev.sluice.runtime.events.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;

/// What was found, for people and for programs.
///
/// @param hugePagesNeeded that a gateway with these ports would use
record ProbeReport(Machine machine, List<Finding> findings, long hugePagesNeeded) {
  private static final String UNKNOWN = "?";

  /// A table and, below it, sentences.
  String table() {
    StringBuilder out = new StringBuilder();
    out.append(
        row("INTERFACE", "DRIVER", "XDP", "ZERO-COPY", "QUEUES", "MTU (MOST)", "PLAIN NAME IS"));
    findings.forEach(finding -> out.append(row(finding)));
    out.append('\n');
    for (Finding finding : findings) {
      tell(out, finding.name() + ": ", finding.reason());
      offloads(out, finding);
      finding.advice().forEach(sentence -> tell(out, finding.name() + ": ", sentence));
    }
    machineLines(out);
    return out.toString();
  }

  private static String row(Object... cells) {
    return String.format(Locale.ROOT, "%-15s %-12s %-14s %-9s %-7s %-11s %s%n", cells);
  }

  private static String row(Finding finding) {
    if (finding.support().isEmpty()) {
      return row(finding.name(), UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN);
    }
    XdpSupport found = finding.support().get();
    String behind = found.genericXdp() ? "behind driver" : "no";
    String backend = finding.backend();
    return row(
        finding.name(),
        found.driver().isEmpty() ? UNKNOWN : found.driver(),
        !finding.tried() ? UNKNOWN : found.nativeXdp() ? "in driver" : behind,
        !finding.tried() ? UNKNOWN : found.zeroCopy() ? "yes" : "no",
        found.receiveQueues() + "/" + found.transmitQueues(),
        found.mtu() + " (" + found.mostMtu() + ")",
        backend.isEmpty() ? UNKNOWN : backend + ":" + finding.name());
  }

  private static void offloads(StringBuilder out, Finding finding) {
    finding
        .support()
        .map(XdpSupport::offloads)
        .filter(offloads -> !offloads.isEmpty())
        .ifPresent(offloads ->
            tell(
                out, finding.name() + ": ", "offloads that are on: " + String.join(" ", offloads)));
  }

  private void machineLines(StringBuilder out) {
    tell(out, "kernel: ", machine.kernel());
    tell(
        out,
        "capabilities: ",
        machine.missing().isEmpty()
            ? "all that a gateway needs: " + String.join(" ", machine.present())
            : "missing: " + String.join(" ", machine.missing()));
    if (!machine.canTry()) {
      tell(out, "not found out: ", "whether XDP works, and what a plain name is: " + obstacle());
    }
    OptionalLong free = machine.hugePagesFree();
    tell(
        out,
        "huge pages: ",
        (free.isPresent() ? Long.toString(free.getAsLong()) : "an unknown number of")
            + " free of 2 MiB, a gateway with these ports uses "
            + hugePagesNeeded
            + "; ordinary pages serve too");
    if (free.isPresent() && free.getAsLong() < hugePagesNeeded) {
      tell(
          out,
          "huge pages: ",
          "`sysctl vm.nr_hugepages=" + hugePagesNeeded + "` makes forwarding a few percent faster");
    }
  }

  private String obstacle() {
    return machine.obstacle();
  }

  private static void tell(StringBuilder out, String about, String sentence) {
    if (!sentence.isEmpty()) {
      out.append(about).append(sentence).append('\n');
    }
  }

  /// One JSON object; what is not known is left out.
  String json() {
    Map<String, Object> hugePages = new LinkedHashMap<>();
    machine.hugePagesFree().ifPresent(free -> hugePages.put("free", free));
    hugePages.put("needed", hugePagesNeeded);
    Map<String, Object> about = new LinkedHashMap<>();
    about.put("kernel", machine.kernel());
    about.put("hugePages", hugePages);
    about.put("capabilities", machine.present());
    about.put("missingCapabilities", machine.missing());
    about.put("userNamespace", machine.userNamespace());
    List<Map<String, Object>> interfaces = new ArrayList<>();
    findings.forEach(finding -> interfaces.add(members(finding)));
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("machine", about);
    all.put("interfaces", interfaces);
    return Json.text(all);
  }

  private static Map<String, Object> members(Finding finding) {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("interface", finding.name());
    members.put("fit", finding.unfit().isEmpty());
    finding
        .support()
        .ifPresent(found -> {
          members.put("driver", found.driver());
          members.put("driverVersion", found.driverVersion());
          members.put("receiveQueues", found.receiveQueues());
          members.put("transmitQueues", found.transmitQueues());
          members.put("mtu", found.mtu());
          members.put("mostMtu", found.mostMtu());
          members.put("offloads", found.offloads());
          if (finding.tried()) {
            members.put("nativeXdp", found.nativeXdp());
            members.put("genericXdp", found.genericXdp());
            members.put("zeroCopy", found.zeroCopy());
          }
        });
    if (!finding.backend().isEmpty()) {
      members.put("plainName", finding.backend());
      members.put("reason", finding.reason());
    }
    members.put("advice", finding.advice());
    return members;
  }
}
