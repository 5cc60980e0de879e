package dev.sluice.runtime.control;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/// Answers of a gateway as a person reads them.
final class CtlTables {
  private static final Set<String> OWN_KEYS = Set.of("time", "severity", "event");

  private CtlTables() {}

  /// The answer to one command, in whole lines.
  static String text(String command, Members answer) {
    return printable(
        switch (command) {
          case "bundles" -> bundles(answer.objects("bundles"));
          case "quarantine" -> quarantine(answer.objects("bundles"));
          case "generations" -> generations(answer.objects("generations"));
          case "pipeline" -> PipelineText.of(answer.object("pipeline"));
          case "trace" -> trace(answer.objects("trace"));
          case "status" -> status(answer.object("status"));
          default -> order(answer.object("answer"));
        });
  }

  /// The same without what a terminal would obey.
  static String printable(String text) {
    return text.codePoints()
        .map(c -> Character.isISOControl(c) && c != '\n' ? '?' : c)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }

  private static String order(Members answer) {
    return "%s: %s (generation %d, %d ms)\n"
        .formatted(
            answer.text("outcome"),
            answer.text("sentence"),
            answer.number("generation"),
            answer.number("millis"));
  }

  private static String bundles(List<Members> rows) {
    if (rows.isEmpty()) {
      return "no bundles\n";
    }
    TextTable table =
        new TextTable("BUNDLE", "VERSION", "STATE", "STAGE", "ORDER", "GEN", "UP", "SHA256");
    for (Members row : rows) {
      table.add(
          List.of(
              known(row.text("symbolicName")),
              known(row.text("version")),
              row.text("state"),
              row.text("stage"),
              count(row.number("order")),
              count(row.number("generation")),
              duration(row.number("uptimeSeconds")),
              cut(row.text("sha256"), 12)),
          notes(row));
    }
    return table.text();
  }

  private static String known(String text) {
    return text.isEmpty() ? "-" : text;
  }

  private static List<String> notes(Members row) {
    List<String> notes = new ArrayList<>();
    note(notes, "file", row.text("file"));
    note(notes, "cause", row.text("cause"));
    note(notes, "signed by", row.text("signer"));
    note(notes, "may", String.join(", ", row.texts("permissions")));
    note(notes, "last known good", row.text("lastKnownGood"));
    if (row.number("leakedLoaders") > 0) {
      notes.add(row.number("leakedLoaders") + " earlier versions are still in memory");
    }
    return notes;
  }

  private static void note(List<String> notes, String name, String value) {
    if (!value.isEmpty()) {
      notes.add(name + " " + value);
    }
  }

  private static String quarantine(List<Members> rows) {
    List<Members> inQuarantine =
        rows.stream().filter(row -> row.text("state").equals("QUARANTINED")).toList();
    return inQuarantine.isEmpty() ? "no bundle is in quarantine\n" : bundles(inQuarantine);
  }

  private static String generations(List<Members> rows) {
    if (rows.isEmpty()) {
      return "no generations\n";
    }
    TextTable table = new TextTable("GENERATION", "TIME", "SWITCH µs", "GRACE µs", "CAUSE");
    for (Members row : rows) {
      table.add(
          List.of(
              count(row.number("number")),
              row.text("time"),
              count(row.number("switchMicros")),
              count(row.number("graceMicros")),
              row.text("cause")),
          List.of(row.texts("chain").isEmpty() ? "(empty)" : String.join(" ", row.texts("chain"))));
    }
    return table.text();
  }

  private static String trace(List<Members> rows) {
    if (rows.isEmpty()) {
      return "no such packet came\n";
    }
    StringBuilder text = new StringBuilder();
    for (Members row : rows) {
      text.append(
          "%s  %s > %s  %d bytes  %s\n"
              .formatted(
                  row.text("time"),
                  row.text("ingress"),
                  row.text("egress"),
                  row.number("length"),
                  row.text("flow")));
      for (Members step : row.objects("steps")) {
        text.append(
            "    %-50s %-9s %8d ns  %s"
                .formatted(
                    step.text("bundle"),
                    step.text("verdict"),
                    step.number("nanos"),
                    step.text("reason"))
                .stripTrailing());
        text.append('\n');
      }
      text.append("    ").append(row.text("end")).append('\n');
    }
    return text.toString();
  }

  private static String status(Members status) {
    StringBuilder text = new StringBuilder();
    if (status.flag("developmentMode")) {
      text.append("DEVELOPMENT MODE: NOT FOR SERVICE, protections are off\n");
    }
    if (!status.text("closedBecause").isEmpty()) {
      text.append("NOTHING PASSES: ").append(status.text("closedBecause")).append('\n');
    }
    line(text, "version", status.text("version"));
    line(text, "process", count(status.number("pid")));
    line(text, "up", duration(status.number("uptimeSeconds")));
    line(text, "generation", count(status.number("generation")));
    line(text, "chain", String.join(" ", status.texts("chain")));
    line(text, "trust", status.text("trust"));
    line(text, "state folder", status.text("stateFolder"));
    long restarts = status.number("restarts");
    line(text, "restarts", restarts < 0 ? "not supervised" : count(restarts));
    line(text, "last restart", status.text("lastRestartCause"));
    for (Members port : status.objects("ports")) {
      line(
          text,
          "port " + port.text("name"),
          "%s  received %d  sent %d  %s"
              .formatted(
                  port.text("link"),
                  port.number("received"),
                  port.number("sent"),
                  port.text("method")));
    }
    return text.toString();
  }

  private static void line(StringBuilder text, String name, String value) {
    if (!value.isEmpty()) {
      text.append("%-14s %s".formatted(name, value).stripTrailing()).append('\n');
    }
  }

  /// One line of the log: clock, severity, event, and its members as `key=value`.
  static String event(Map<String, Object> event) {
    Members members = new Members(event);
    if (members.number("eventsLost") >= 0) {
      return "(" + members.number("eventsLost") + " events lost: this reader is too slow)";
    }
    String rest =
        event.entrySet().stream()
            .filter(member -> !OWN_KEYS.contains(member.getKey()))
            .map(member -> " " + member.getKey() + "=" + quoted(member.getValue().toString()))
            .collect(Collectors.joining());
    return printable(
        members.text("time")
            + " "
            + members.text("severity")
            + " "
            + members.text("event")
            + rest.replace('\n', ' '));
  }

  private static String quoted(String value) {
    return value.isEmpty() || value.indexOf(' ') >= 0 ? '"' + value + '"' : value;
  }

  private static String count(long number) {
    return number < 0 ? "" : Long.toString(number);
  }

  private static String cut(String text, int most) {
    return text.length() <= most ? text : text.substring(0, most);
  }

  /// Seconds as `59s`, `12m07s`, `3h05m` or `4d11h`.
  static String duration(long seconds) {
    if (seconds < 0) {
      return "";
    }
    if (seconds < 60) {
      return seconds + "s";
    }
    if (seconds < 3600) {
      return "%dm%02ds".formatted(seconds / 60, seconds % 60);
    }
    return seconds < 86_400
        ? "%dh%02dm".formatted(seconds / 3600, seconds / 60 % 60)
        : "%dd%02dh".formatted(seconds / 86_400, seconds / 3600 % 24);
  }
}
