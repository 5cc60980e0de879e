package dev.sluice.runtime.bench;

import dev.sluice.runtime.pipeline.QueueKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/// What all runs of `bench pipeline` measured, in rows.
final class PipelineFigures {
  /// The rate of a 10 Gb/s line at 64 B, in millions of packets per second.
  static final double LINE_RATE = 14.88;

  private final Map<Row, List<Double>> rows = new LinkedHashMap<>();

  /// What was measured.
  private record Row(String queue, String layout, int threads, int handlers) {}

  /// Takes in one line of a [PipelineTrial].
  void add(QueueKind kind, String line) {
    String[] words = line.split(" ", -1);
    PipelineTrial.Layout layout = PipelineTrial.Layout.valueOf(words[0]);
    Row row =
        new Row(kind.word(), layout.word(), Integer.parseInt(words[1]), Integer.parseInt(words[2]));
    rows.computeIfAbsent(row, _ -> new ArrayList<>()).add(Double.valueOf(words[3]));
  }

  private static double median(List<Double> figures) {
    List<Double> sorted = figures.stream().sorted().toList();
    int half = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(half)
        : (sorted.get(half - 1) + sorted.get(half)) / 2;
  }

  String table() {
    StringBuilder text = new StringBuilder(2000);
    text.append("million packets per second and WorkThread; 14.88 is 10 Gb/s at 64 B\n");
    text.append(line("queue", "layout", "WorkThreads", "handlers", "median", "min", "max"));
    rows.forEach((row, figures) ->
        text.append(
            line(
                row.queue(),
                row.layout(),
                row.threads(),
                row.handlers(),
                number(median(figures)),
                number(Collections.min(figures)),
                number(Collections.max(figures)))));
    return text.toString();
  }

  private static String line(Object... cells) {
    return String.format(Locale.ROOT, "%-15s %-9s %11s %9s %9s %9s %9s%n", cells);
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.2f", value);
  }

  String json() {
    return "{\"machine\":"
        + machine()
        + ",\"rows\":"
        + rows.entrySet().stream()
            .map(entry -> json(entry.getKey(), entry.getValue()))
            .collect(Collectors.joining(",", "[", "]}\n"));
  }

  private static String json(Row row, List<Double> figures) {
    return String.format(
        Locale.ROOT,
        "{\"queue\":\"%s\",\"layout\":\"%s\",\"threads\":%d,\"handlers\":%d,"
            + "\"mppsPerWorker\":%.3f,\"min\":%.3f,\"max\":%.3f}",
        row.queue(),
        row.layout(),
        row.threads(),
        row.handlers(),
        median(figures),
        Collections.min(figures),
        Collections.max(figures));
  }

  private static String machine() {
    return String.format(
        Locale.ROOT,
        "{\"cpu\":\"%s\",\"cores\":%d,\"kernel\":\"%s\",\"jdk\":\"%s\"}",
        plain(cpu()),
        Runtime.getRuntime().availableProcessors(),
        plain(System.getProperty("os.version", "")),
        plain(System.getProperty("java.version", "")));
  }

  private static String cpu() {
    try {
      return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse("unknown");
    } catch (IOException _) { // a table without the processor's name is better than none
      return "unknown";
    }
  }

  private static String plain(String text) {
    return text.replaceAll("[\"\\\\\\p{Cntrl}]", " ");
  }
}
