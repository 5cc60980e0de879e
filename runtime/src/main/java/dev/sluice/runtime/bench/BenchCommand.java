package dev.sluice.runtime.bench;

import dev.sluice.runtime.arguments.ArgumentException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// `sluice bench`: measures, prints a table and, if wished, writes JSON.
public final class BenchCommand {
  /// One benchmark, told its options; what it gives back is the exit code.
  @FunctionalInterface
  private interface Benchmark {
    int run(List<String> words) throws ArgumentException, BenchException;
  }

  /// One that ends well or not at all.
  @FunctionalInterface
  private interface Measurement {
    void run(List<String> words) throws ArgumentException, BenchException;
  }

  /// A benchmark and what its user is told about it.
  private record Entry(String usage, Benchmark benchmark) {}

  private static final Map<String, Entry> BENCHMARKS = benchmarks();

  private BenchCommand() {}

  private static Map<String, Entry> benchmarks() {
    Map<String, Entry> benchmarks = new LinkedHashMap<>();
    benchmarks.put("forward", new Entry(ForwardBench.USAGE, measuring(ForwardBench::run)));
    benchmarks.put("loss", new Entry(LossBench.USAGE, measuring(LossBench::run)));
    benchmarks.put("latency", new Entry(LatencyBench.USAGE, measuring(LatencyBench::run)));
    benchmarks.put("pipeline", new Entry(PipelineBench.USAGE, PipelineBench::run));
    benchmarks.put("swap", new Entry(SwapBench.USAGE, SwapBench::run));
    benchmarks.put("kill", new Entry(KillBench.USAGE, KillBench::run));
    benchmarks.put("handlers", new Entry(HandlersBench.USAGE, measuring(HandlersBench::run)));
    return benchmarks;
  }

  private static Benchmark measuring(Measurement measurement) {
    return words -> {
      measurement.run(words);
      return 0;
    };
  }

  /// Runs one benchmark.
  ///
  /// @return 0 measured, 1 not possible here or not as it must be, 2 called wrongly
  public static int run(List<String> args) {
    if (args.isEmpty() || args.contains("--help")) {
      System.out.print(usage(args));
      return args.isEmpty() ? 2 : 0;
    }
    String name = args.getFirst();
    try {
      Entry entry = BENCHMARKS.get(name);
      if (entry == null) {
        throw new ArgumentException(
            "there is no '" + name + "'; there are " + String.join(", ", BENCHMARKS.keySet()));
      }
      return entry.benchmark().run(args.subList(1, args.size()));
    } catch (ArgumentException e) {
      System.err.println("sluice bench: " + e.getMessage());
      return 2;
    } catch (BenchException e) {
      System.err.println("sluice bench " + name + ": " + e.getMessage());
      return 1;
    }
  }

  private static String usage(List<String> args) {
    String asked = args.isEmpty() ? "" : args.getFirst();
    StringBuilder text = new StringBuilder(2000);
    BENCHMARKS.forEach((name, entry) -> {
      if (!BENCHMARKS.containsKey(asked) || asked.equals(name)) {
        text.append(entry.usage());
      }
    });
    return text.toString();
  }
}
