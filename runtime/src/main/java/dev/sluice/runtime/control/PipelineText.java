package dev.sluice.runtime.control;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// The packet path as a person reads it.
final class PipelineText {
  private PipelineText() {}

  static String of(Members pipeline) {
    return roles(pipeline.objects("roles"))
        + "\n"
        + steps(pipeline.objects("steps"))
        + "\n"
        + totals(pipeline.object("totals"));
  }

  private static String roles(List<Members> roles) {
    TextTable table = new TextTable("ROLE", "FRAMES", "DEPTH", "CAPACITY", "HIGHEST");
    for (Members role : roles) {
      List<String> cells = new ArrayList<>(List.of(role.text("name")));
      for (String name : List.of("frames", "depth", "capacity", "highest")) {
        cells.add(count(role.number(name)));
      }
      table.add(cells, List.of());
    }
    return table.text();
  }

  /// Verdicts in one table, what they cost in the next: together they are too wide.
  private static String steps(List<Members> steps) {
    if (steps.isEmpty()) {
      return "no bundle has a handler in the chain\n";
    }
    TextTable verdicts =
        new TextTable(
            "BUNDLE", "IN", "PASSED", "ANSWERED", "TAKEN", "DROPPED", "FAILED", "RESCUED");
    TextTable costs = new TextTable("BUNDLE", "STAGE", "P50 ns", "P99 ns", "MAX ns");
    for (Members step : steps) {
      List<String> cells = new ArrayList<>(List.of(step.text("title")));
      for (String name :
          List.of("in", "passed", "answered", "taken", "dropped", "failed", "rescued")) {
        cells.add(count(step.number(name)));
      }
      String drops = reasons(step);
      verdicts.add(cells, drops.isEmpty() ? List.of() : List.of("dropped: " + drops));
      costs.add(
          List.of(
              step.text("title"),
              step.text("stage"),
              count(step.number("nanosP50")),
              count(step.number("nanosP99")),
              count(step.number("nanosMax"))),
          List.of());
    }
    return verdicts.text() + "\n" + costs.text();
  }

  private static String totals(Members totals) {
    TextTable table =
        new TextTable("TOTAL", "RECEIVED", "FORWARDED", "ANSWERED", "DROPPED", "HELD", "IN FLIGHT");
    List<String> cells = new ArrayList<>(List.of(""));
    for (String name :
        List.of("received", "forwarded", "answered", "dropped", "held", "inFlight")) {
      cells.add(count(totals.number(name)));
    }
    String drops = reasons(totals);
    List<String> notes = new ArrayList<>();
    if (!drops.isEmpty()) {
      notes.add("dropped: " + drops);
    }
    notes.add(totals.flag("conserved") ? "conserved: yes" : "NOT CONSERVED: frames are missing");
    table.add(cells, notes);
    return table.text();
  }

  private static String reasons(Members of) {
    Map<String, Object> reasons = of.object("dropsByReason").map();
    return reasons.entrySet().stream()
        .map(reason -> reason.getKey() + " " + reason.getValue())
        .collect(Collectors.joining(", "));
  }

  private static String count(long number) {
    return number < 0 ? "" : Long.toString(number);
  }
}
