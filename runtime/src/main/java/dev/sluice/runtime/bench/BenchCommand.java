package dev.sluice.runtime.bench;

import dev.sluice.kernel.KernelException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// `sluice bench`: measures, prints a table and, if wished, writes JSON.
public final class BenchCommand {
  private static final String USAGE =
      "usage: sluice bench handlers [--swaps N (10)] [--json FILE]\n" + PipelineBench.USAGE;

  private BenchCommand() {}

  /// Runs one benchmark.
  ///
  /// @return the exit code: 2 if the arguments are wrong
  public static int run(List<String> args) {
    int swaps = 10;
    String json = null;
    if (!args.isEmpty() && args.getFirst().equals("pipeline")) {
      return PipelineBench.run(args.subList(1, args.size()));
    }
    if (args.contains("--help")) {
      System.out.println(USAGE);
      return 0;
    }
    if (args.isEmpty() || !args.getFirst().equals("handlers") || args.size() % 2 == 0) {
      return refuse(USAGE);
    }
    for (int i = 1; i < args.size(); i += 2) {
      String value = args.get(i + 1);
      switch (args.get(i)) {
        case "--swaps" -> swaps = number(value);
        case "--json" -> json = value;
        default -> {
          return refuse(USAGE);
        }
      }
    }
    if (swaps < 0) {
      return refuse("--swaps " + args + ": allowed: 0..1000");
    }
    return handlers(swaps, json);
  }

  private static int number(String text) {
    try {
      int number = Integer.parseInt(text);
      return number <= 1000 ? number : -1;
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  private static int refuse(String sentence) {
    System.err.println("sluice: " + sentence);
    return 2;
  }

  private static int handlers(int swaps, @Nullable String json) {
    try {
      System.out.println("ns per packet through 4 handlers and 2 queues, one thread");
      System.out.println("swap  spun per generation      one shared loop");
      System.out.println("         min   median          min   median");
      List<HandlerSwapBenchmark.Row> rows = HandlerSwapBenchmark.run(swaps);
      rows.forEach(row -> System.out.println(line(row)));
      if (json != null) {
        Files.writeString(Path.of(json), json(rows), StandardCharsets.UTF_8);
      }
      return 0;
    } catch (KernelException | IOException e) {
      System.err.println("sluice: " + e.getMessage());
      return 1;
    }
  }

  private static String line(HandlerSwapBenchmark.Row row) {
    return String.format(
        Locale.ROOT,
        "%4d  %7.2f  %7.2f      %7.2f  %7.2f",
        row.swap(),
        row.spunMin(),
        row.spunMedian(),
        row.sharedMin(),
        row.sharedMedian());
  }

  private static String json(List<HandlerSwapBenchmark.Row> rows) {
    return rows.stream()
        .map(row ->
            String.format(
                Locale.ROOT,
                "{\"swap\":%d,\"nsMin\":%.3f,\"nsMedian\":%.3f,\"sharedNsMin\":%.3f,"
                    + "\"sharedNsMedian\":%.3f}",
                row.swap(),
                row.spunMin(),
                row.spunMedian(),
                row.sharedMin(),
                row.sharedMedian()))
        .collect(Collectors.joining(",", "{\"rows\":[", "]}\n"));
  }
}
