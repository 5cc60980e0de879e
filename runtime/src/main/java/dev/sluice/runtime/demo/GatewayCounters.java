package dev.sluice.runtime.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What the gateway has counted, from the file it writes five times a second.
///
/// @param kernelDropped frames that the kernel dropped before the gateway could receive them
/// @param dropped frames by reason
/// @param generation number of the chain in force
/// @param chain symbolic name and version of each handler's bundle, in order
record GatewayCounters(
    long received,
    long forwarded,
    long answered,
    long held,
    long sentData,
    long kernelDropped,
    Map<String, Long> dropped,
    long generation,
    List<String> chain) {
  /// Reasons that can only be the gateway's own fault: what is dropped for them between two chains
  /// is lost by the change.
  private static final Set<String> OWN_FAULTS =
      Set.of(
          "no-chain",
          "handler-failed",
          "handler-misuse",
          "handler-stuck",
          "hash-failed",
          "recv-queue-full",
          "send-queue-full",
          "device-refused",
          "no-egress",
          "stopping");

  private static final Pattern MEMBER = Pattern.compile("\"([^\"]+)\":(-?\\d+)");
  private static final Pattern KERNEL_DROPPED = Pattern.compile("\"kernelDropped\":(\\d+)");
  private static final Pattern TEXT = Pattern.compile("\"([^\"]*)\"");

  /// Reads the file as it is now.
  static GatewayCounters read(Path file) throws StepException {
    try {
      return parse(Files.readString(file));
    } catch (IOException e) {
      throw new StepException("the gateway's counters cannot be read: " + e, e);
    }
  }

  /// Reads the one object that the file holds.
  static GatewayCounters parse(String json) throws StepException {
    Map<String, Long> dropped = new LinkedHashMap<>();
    Matcher members = MEMBER.matcher(part(json, "dropped", '{', '}'));
    while (members.find()) {
      dropped.put(members.group(1), Long.parseLong(members.group(2)));
    }
    List<String> chain =
        TEXT.matcher(part(json, "chain", '[', ']')).results().map(m -> m.group(1)).toList();
    return new GatewayCounters(
        number(json, "received"),
        number(json, "forwarded"),
        number(json, "answered"),
        number(json, "held"),
        number(json, "sentData"),
        KERNEL_DROPPED.matcher(json).results().mapToLong(m -> Long.parseLong(m.group(1))).sum(),
        dropped,
        number(json, "generation"),
        chain);
  }

  private static String part(String json, String name, char open, char close) throws StepException {
    int at = json.indexOf("\"" + name + "\":" + open);
    int end = at < 0 ? -1 : json.indexOf(close, at);
    if (end < 0) {
      throw new StepException("the gateway's counters have no " + name + ": " + json.strip());
    }
    return json.substring(at + name.length() + 4, end);
  }

  private static long number(String json, String name) throws StepException {
    Matcher member = Pattern.compile("\"" + name + "\":(\\d+)").matcher(json);
    if (!member.find()) {
      throw new StepException("the gateway's counters have no " + name + ": " + json.strip());
    }
    return Long.parseLong(member.group(1));
  }

  /// All frames that have come to the gateway's ports.
  long arrived() {
    return received + kernelDropped;
  }

  /// All frames dropped, whatever the reason.
  long allDropped() {
    return dropped.values().stream().mapToLong(Long::longValue).sum();
  }

  /// Frames dropped for reasons that are the gateway's own fault.
  long droppedByOwnFault() {
    return dropped.entrySet().stream()
        .filter(entry -> OWN_FAULTS.contains(entry.getKey()))
        .mapToLong(Map.Entry::getValue)
        .sum();
  }

  /// Whether every received frame is accounted for.
  boolean isConserved() {
    return received == forwarded + answered + held + allDropped();
  }

  /// Whether a bundle's handler is in force, in this version or, if it is empty, in any.
  boolean hasHandler(String symbolicName, String version) {
    return chain.stream()
        .anyMatch(handler ->
            version.isEmpty()
                ? handler.startsWith(symbolicName + "/")
                : handler.equals(symbolicName + "/" + version));
  }

  /// What has been dropped since `earlier`, by reason, without those that did not grow.
  Map<String, Long> droppedSince(GatewayCounters earlier) {
    Map<String, Long> growth = new LinkedHashMap<>();
    dropped.forEach((reason, count) -> {
      long more = count - earlier.dropped.getOrDefault(reason, 0L);
      if (more != 0) {
        growth.put(reason, more);
      }
    });
    return growth;
  }
}
