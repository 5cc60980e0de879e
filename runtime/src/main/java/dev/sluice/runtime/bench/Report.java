package dev.sluice.runtime.bench;

import dev.sluice.runtime.events.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What a benchmark leaves behind as JSON: an object with `machine`, `rows`, and whatever was
/// skipped or must be known besides.
final class Report {
  private final Machine machine;
  private final String command;
  private final List<Map<String, Object>> rows = new ArrayList<>();
  private final List<Map<String, Object>> skipped = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();

  /// An empty one.
  ///
  /// @param command how to get the same again
  Report(Machine machine, String command) {
    this.machine = machine;
    this.command = command;
  }

  void add(Map<String, Object> row) {
    rows.add(row);
  }

  /// Says, to the person as well, that something was not measured.
  void skip(String system, String why) {
    System.out.println(system + ": skipped: " + why);
    skipped.add(Map.of("system", system, "why", why));
  }

  /// Says, to the person as well, what must be known to understand the figures.
  void note(String sentence) {
    System.out.println(sentence);
    notes.add(sentence);
  }

  /// Tells whoever waits what is being measured; no part of the report.
  void progress(String what) {
    System.err.println("measuring " + what + " ...");
  }

  /// Tells whoever waits what came of one step; no part of the report.
  static void detail(String what) {
    System.err.println("  " + what);
  }

  List<Map<String, Object>> rows() {
    return List.copyOf(rows);
  }

  String json() {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("command", command);
    members.put("machine", machine.members());
    members.put("rows", rows);
    members.put("skipped", skipped);
    members.put("notes", notes);
    return Json.text(members) + "\n";
  }

  void write(Path file) throws BenchException {
    try {
      Files.writeString(file, json());
    } catch (IOException e) {
      throw new BenchException(file + " cannot be written: " + e, e);
    }
  }

  /// A number with few digits, as a measured one has.
  static double rounded(double value, int digits) {
    double scale = Math.pow(10, digits);
    return Double.isFinite(value) ? Math.round(value * scale) / scale : value;
  }
}
