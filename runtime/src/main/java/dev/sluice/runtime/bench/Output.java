package dev.sluice.runtime.bench;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// The frame around a benchmark that needs a world: the machine before, the file behind it.
final class Output {
  private Output() {}

  /// What is measured and printed.
  @FunctionalInterface
  interface Body {
    void measure(Bed bed, Report report) throws BenchException;
  }

  /// What is measured and printed without a world.
  @FunctionalInterface
  interface Placeless {
    void measure(Report report) throws BenchException;
  }

  static void run(String name, List<String> words, Optional<Path> json, Body body)
      throws BenchException {
    runPlaceless(
        name,
        words,
        json,
        report -> {
          try (Bed bed = Bed.open()) {
            body.measure(bed, report);
          }
        });
  }

  static void runPlaceless(String name, List<String> words, Optional<Path> json, Placeless body)
      throws BenchException {
    Machine machine = Machine.read();
    System.out.println(machine.line());
    Report report = new Report(machine, commandLine(name, words));
    body.measure(report);
    if (json.isPresent()) {
      report.write(json.get());
    }
  }

  private static String commandLine(String name, List<String> words) {
    return ("./sluice bench " + name + " " + String.join(" ", words)).strip();
  }
}
