package dev.sluice.runtime.bench;

import dev.sluice.runtime.arguments.ArgumentException;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// `bench latency`: how long a packet takes, alone and among others.
final class LatencyBench {
  static final String USAGE =
      """
      bench latency [--round-trips 1000000] [--most-seconds 120] [--rate MPPS] [--seconds 5]
                    [--bytes 60] [--resolution 0.02] [--tolerance 0] [--systems NAME,..]
                    [--warm-up 10] [--ring-frames N]
                    [--set KEY=VALUE,..] [--json FILE]
          One packet in flight there and back, so many times or for so long; then the way
          there at 10, 50 and 90 % of the highest loss-free rate of each system, or of --rate;
          in microseconds.
      """;

  private static final Set<String> OPTIONS =
      Set.of(
          "round-trips",
          "most-seconds",
          "rate",
          "seconds",
          "bytes",
          "resolution",
          "tolerance",
          "systems",
          "warm-up",
          "ring-frames",
          "set",
          "json");
  private static final List<Integer> LOADS = List.of(10, 50, 90);
  private static final List<BenchChain> CHAINS = List.of(BenchChain.EMPTY);
  private static final int MOST_TRIPS = 100_000_000;
  private static final double SEARCH_SECONDS = 1;

  private final Bed bed;
  private final Report report;
  private final Rounds rounds;

  private LatencyBench(Bed bed, Report report, Rounds rounds) {
    this.bed = bed;
    this.report = report;
    this.rounds = rounds;
  }

  static void run(List<String> words) throws ArgumentException, BenchException {
    BenchOptions options = BenchOptions.parse(words, OPTIONS);
    int trips = options.number("round-trips", 1_000_000, 1000, MOST_TRIPS);
    double most = options.decimal("most-seconds", 120, 0.1, 86_400);
    double rate = options.decimal("rate", 0, 0.0001, 1000);
    int bytes = options.number("bytes", UdpFrames.LEAST, UdpFrames.LEAST, UdpFrames.MOST);
    LossTrials trials = LossBench.trials(options, 5, 0.02);
    List<BenchSystem> systems = options.systems();
    Conditions conditions = options.conditions();
    Output.run(
        "latency",
        words,
        options.path("json"),
        (bed, report) -> {
          Rounds rounds = Rounds.of(bed, report, systems, CHAINS, conditions);
          LatencyBench bench = new LatencyBench(bed, report, rounds);
          bench.roundTrips(trips, most, bytes);
          bench.oneWay(trials, rate, bytes);
          System.out.println(LatencyRow.table(report.rows()));
        });
  }

  private void roundTrips(int trips, double seconds, int bytes) {
    for (Rounds.Entry entry : rounds.entries()) {
      report.progress(entry.label() + ", one in flight");
      try (Lane lane = Lane.open(bed, entry.system(), entry.chain(), Lane.Ends.ROUND_TRIP)) {
        report.add(new OneInFlight(bed.world(), lane, bytes).row(entry.system(), trips, seconds));
      } catch (BenchException e) {
        report.skip(entry.label() + ", one in flight", String.valueOf(e.getMessage()));
      }
    }
  }

  private void oneWay(LossTrials trials, double rate, int bytes) {
    for (Rounds.Entry entry : rounds.entries()) {
      report.progress(entry.label() + ", under load");
      try (Lane lane = Lane.open(bed, entry.system(), entry.chain(), Lane.Ends.DELAYS)) {
        lane.warmUp(bytes, rounds.warmUpSeconds());
        double full = rate;
        if (full == 0) {
          LossTrials search =
              new LossTrials(SEARCH_SECONDS, trials.resolution(), trials.tolerance());
          full = search.lossFree(lane.telling(Report::detail), bytes).asked();
        }
        for (int load : LOADS) {
          report.add(underLoad(entry.system(), lane, bytes, load, full, trials.seconds()));
        }
      } catch (BenchException e) {
        report.skip(entry.label() + ", under load", String.valueOf(e.getMessage()));
      }
    }
  }

  private static Map<String, Object> underLoad(
      BenchSystem system, Lane lane, int bytes, int load, double full, double seconds)
      throws BenchException {
    double mpps = full * load / 100;
    if (mpps <= 0) {
      throw new BenchException("no rate was without loss; give --rate");
    }
    Trial trial =
        Undisturbed.of(() -> {
          lane.sink().reset();
          return lane.pace(bytes, mpps, seconds);
        });
    Map<String, Object> row =
        LatencyRow.of(system, load + "%", LatencyRow.histogram(lane.sink().delays()));
    row.put("offeredMpps", Report.rounded(trial.offeredMpps(), 4));
    row.put("lossPercent", Report.rounded(trial.lossPercent(), 4));
    row.put("otherCpuSeconds", Report.rounded(trial.otherSeconds(), 2));
    row.put("disturbed", trial.isDisturbed());
    return row;
  }
}
