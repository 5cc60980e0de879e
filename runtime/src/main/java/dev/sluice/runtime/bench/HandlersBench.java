package dev.sluice.runtime.bench;

import dev.sluice.kernel.KernelException;
import dev.sluice.runtime.arguments.ArgumentException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// `bench handlers`: what a packet costs before and after its handlers are replaced.
final class HandlersBench {
  static final String USAGE =
      """
      bench handlers [--swaps 10] [--json FILE]
          What a packet costs before and after replacements of all handlers.
      """;

  private HandlersBench() {}

  static void run(List<String> words) throws ArgumentException, BenchException {
    BenchOptions options = BenchOptions.parse(words, Set.of("swaps", "json"));
    int swaps = options.number("swaps", 10, 0, 1000);
    Machine machine = Machine.read();
    System.out.println(machine.line());
    Report report = new Report(machine, "./sluice bench handlers --swaps " + swaps);
    Table table = new Table("swap", "spun min", "median", "shared min", "median");
    for (HandlerSwapBenchmark.Row row : measured(swaps)) {
      report.add(members(row));
      table.add(
          row.swap(),
          Table.number(row.spunMin(), 2),
          Table.number(row.spunMedian(), 2),
          Table.number(row.sharedMin(), 2),
          Table.number(row.sharedMedian(), 2));
    }
    System.out.println(
        "ns per packet through 4 handlers and 2 queues, one thread: a loop spun for");
    System.out.println("each generation, and one loop shared by all");
    System.out.print(table);
    if (options.path("json").isPresent()) {
      report.write(options.path("json").get());
    }
  }

  private static List<HandlerSwapBenchmark.Row> measured(int swaps) throws BenchException {
    try {
      return HandlerSwapBenchmark.run(swaps);
    } catch (KernelException e) {
      throw new BenchException(String.valueOf(e.getMessage()), e);
    }
  }

  private static Map<String, Object> members(HandlerSwapBenchmark.Row row) {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("swap", row.swap());
    members.put("nsMin", Report.rounded(row.spunMin(), 3));
    members.put("nsMedian", Report.rounded(row.spunMedian(), 3));
    members.put("sharedNsMin", Report.rounded(row.sharedMin(), 3));
    members.put("sharedNsMedian", Report.rounded(row.sharedMedian(), 3));
    return members;
  }
}
