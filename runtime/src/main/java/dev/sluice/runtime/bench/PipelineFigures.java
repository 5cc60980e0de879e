package dev.sluice.runtime.bench;

import dev.sluice.runtime.events.Json;
import dev.sluice.runtime.pipeline.QueueKind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/// What all runs of `bench pipeline` measured, in rows.
final class PipelineFigures {
  /// The rate of a 10 Gb/s line at 64 B, in millions of packets per second.
  static final double LINE_RATE = 14.88;

  private final Machine machine = Machine.read(); // before anything is measured
  private final Map<Row, List<PipelineTrial.Figure>> rows = new LinkedHashMap<>();
  private double mostOthers;
  private int repeats;

  /// What was measured.
  private record Row(String queue, String layout, int threads, int handlers) {}

  /// Takes in one line of a [PipelineTrial].
  void add(QueueKind kind, String line) {
    String[] words = line.split(" ", -1);
    PipelineTrial.Layout layout = PipelineTrial.Layout.valueOf(words[0]);
    Row row =
        new Row(kind.word(), layout.word(), Integer.parseInt(words[1]), Integer.parseInt(words[2]));
    PipelineTrial.Figure figure =
        new PipelineTrial.Figure(
            Double.parseDouble(words[3]), Double.parseDouble(words[4]), Integer.parseInt(words[5]));
    repeats += figure.repeats();
    rows.computeIfAbsent(row, _ -> new ArrayList<>()).add(figure);
  }

  /// Takes in which share of one CPU others used during a run that counts.
  void others(double share) {
    mostOthers = Math.max(mostOthers, share);
  }

  private static Spread rates(List<PipelineTrial.Figure> figures) {
    return Spread.of(figures.stream().map(PipelineTrial.Figure::mpps).toList());
  }

  private static Spread hops(List<PipelineTrial.Figure> figures) {
    return Spread.of(figures.stream().map(PipelineTrial.Figure::hopNanos).toList());
  }

  String table() {
    StringBuilder text = new StringBuilder(2000);
    text.append("million packets per second and WorkThread; 14.88 is 10 Gb/s at 64 B\n");
    text.append(line("queue", "layout", "WorkThreads", "handlers", "median", "min", "max", "hop"));
    rows.forEach((row, figures) ->
        text.append(
            line(
                row.queue(),
                row.layout(),
                row.threads(),
                row.handlers(),
                number(rates(figures).median()),
                number(rates(figures).min()),
                number(rates(figures).max()),
                hop(hops(figures)))));
    text.append("hop: nanoseconds until one core sees what the other wrote, min to max; runs that");
    text.append(" were repeated because it was long: ").append(repeats).append('\n');
    text.append("others used up to ").append(number(mostOthers)).append(" of one CPU");
    text.append(isDisturbed() ? ": disturbed\n" : "\n");
    return text.toString();
  }

  private static String hop(Spread hops) {
    return hops.max() == 0
        ? ""
        : String.format(Locale.ROOT, "%.0f to %.0f", hops.min(), hops.max());
  }

  private boolean isDisturbed() {
    return OneInFlight.QUIET_SHARE < mostOthers;
  }

  private static String line(Object... cells) {
    return String.format(Locale.ROOT, "%-15s %-9s %11s %9s %9s %9s %9s %12s%n", cells);
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.2f", value);
  }

  String json() {
    return "{\"machine\":"
        + Json.text(machine.members())
        + ",\"rows\":"
        + rows.entrySet().stream()
            .map(entry -> json(entry.getKey(), entry.getValue()))
            .collect(Collectors.joining(",", "[", "]"))
        + String.format(
            Locale.ROOT, ",\"otherCpuShare\":%.3f,\"disturbed\":%b}%n", mostOthers, isDisturbed());
  }

  private static String json(Row row, List<PipelineTrial.Figure> figures) {
    Spread rates = rates(figures);
    Spread hops = hops(figures);
    String apart =
        hops.max() == 0
            ? ""
            : String.format(
                Locale.ROOT,
                ",\"hopNanosMin\":%.1f,\"hopNanosMax\":%.1f,\"repeats\":%d",
                hops.min(),
                hops.max(),
                figures.stream().mapToInt(PipelineTrial.Figure::repeats).sum());
    return String.format(
        Locale.ROOT,
        "{\"queue\":\"%s\",\"layout\":\"%s\",\"threads\":%d,\"handlers\":%d,"
            + "\"mppsPerWorker\":%.3f,\"min\":%.3f,\"max\":%.3f%s}",
        row.queue(),
        row.layout(),
        row.threads(),
        row.handlers(),
        rates.median(),
        rates.min(),
        rates.max(),
        apart);
  }
}
