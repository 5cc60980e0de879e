package dev.sluice.runtime.bench;

import dev.sluice.runtime.arguments.ArgumentException;
import java.util.List;
import java.util.Set;

/// `bench forward`: how many packets a second each system forwards when more come than it can take.
final class ForwardBench {
  static final String USAGE =
      """
      bench forward [--lengths 60,124,764] [--runs 3] [--seconds 2] [--systems NAME,..]
                    [--chains empty,real] [--warm-up 10] [--ring-frames N]
                    [--set KEY=VALUE,..] [--json FILE]
          Forwarding under more load than any system takes, in million packets a second.
      """;

  private static final List<Integer> LENGTHS = List.of(60, 124, 764);
  private static final List<BenchChain> CHAINS = List.of(BenchChain.EMPTY, BenchChain.REAL);
  private static final Set<String> OPTIONS =
      Set.of(
          "lengths",
          "runs",
          "seconds",
          "systems",
          "chains",
          "warm-up",
          "ring-frames",
          "set",
          "json");

  private ForwardBench() {}

  static void run(List<String> words) throws ArgumentException, BenchException {
    BenchOptions options = BenchOptions.parse(words, OPTIONS);
    List<Integer> lengths = options.lengths("lengths", LENGTHS);
    int runs = options.number("runs", 3, 1, 1000);
    double seconds = options.decimal("seconds", 2, 0.1, 600);
    List<BenchSystem> systems = options.systems();
    List<BenchChain> chains = options.chains(CHAINS);
    Conditions conditions = options.conditions();
    Output.run(
        "forward",
        words,
        options.path("json"),
        (bed, report) -> {
          ForwardRows rows = new ForwardRows();
          Rounds.of(bed, report, systems, chains, conditions)
              .run(
                  runs,
                  lengths.getFirst(),
                  (round, entry, lane) -> {
                    for (int bytes : lengths) {
                      Trial trial = Undisturbed.of(() -> lane.saturate(bytes, seconds));
                      rows.add(round, entry, bytes, trial, lane.forwarder().cpuOf());
                    }
                  });
          rows.all().forEach(report::add);
          System.out.println(rows.table());
        });
  }
}
