package dev.sluice.runtime.bench;

import dev.sluice.runtime.arguments.ArgumentException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// `bench loss`: what each system loses, by offered rate and by length, and the highest rate at
/// which it loses nothing.
final class LossBench {
  static final String USAGE =
      """
      bench loss [--bytes 124] [--rates MPPS,..] [--lengths 60,124,764] [--picture-lengths 60,..]
                 [--rate MPPS] [--runs 3] [--seconds 2] [--resolution 0.01] [--tolerance 0]
                 [--systems NAME,..] [--warm-up 10] [--ring-frames N]
                 [--set KEY=VALUE,..] [--json FILE]
                 [--picture FOLDER]
          The highest rate without loss, by bisection, for each of --lengths; then the paper's
          Fig. 8, loss against the offered rate (--rates) at one length, and its Fig. 9, loss
          against length at one rate (--rate; if not given, 80 % of the lowest loss-free one of
          the AF_XDP systems).
      """;

  private static final Set<String> OPTIONS =
      Set.of(
          "bytes",
          "rates",
          "lengths",
          "picture-lengths",
          "rate",
          "runs",
          "seconds",
          "resolution",
          "tolerance",
          "systems",
          "warm-up",
          "ring-frames",
          "set",
          "json",
          "picture");
  private static final List<Integer> LENGTHS = List.of(60, 124, 764);

  /// On the wire, with four bytes of check sequence: 64, 128, 256, 384, 512, 640, 768.
  private static final List<Integer> PICTURE_LENGTHS = List.of(60, 124, 252, 380, 508, 636, 764);

  private static final double MOST_MPPS = 1000;
  private static final double SHARE = 0.8;
  private static final int STEPS = 12;
  private static final List<BenchChain> CHAINS = List.of(BenchChain.EMPTY);
  private static final List<BenchSystem> AF_XDP =
      List.of(
          BenchSystem.SLUICE_XDP_FUSED, BenchSystem.SLUICE_XDP_PIPELINED, BenchSystem.TESTPMD_XDP);

  private final Report report;
  private final Rounds rounds;
  private final LossRows rows = new LossRows();
  private final LossTrials trials;
  private final int runs;
  private final int bytes;
  private final Map<BenchSystem, Double> saturated = new HashMap<>();
  private final Map<BenchSystem, Double> lossFree = new HashMap<>();

  private LossBench(Report report, Rounds rounds, LossTrials trials, int runs, int bytes) {
    this.report = report;
    this.rounds = rounds;
    this.trials = trials;
    this.runs = runs;
    this.bytes = bytes;
  }

  static void run(List<String> words) throws ArgumentException, BenchException {
    BenchOptions options = BenchOptions.parse(words, OPTIONS);
    int bytes = options.number("bytes", 124, UdpFrames.LEAST, UdpFrames.MOST);
    List<Double> rates = options.decimals("rates", 0.0001, MOST_MPPS);
    List<Integer> lengths = options.lengths("lengths", LENGTHS);
    List<Integer> pictured = options.lengths("picture-lengths", PICTURE_LENGTHS);
    double rate = options.decimal("rate", 0, 0.0001, MOST_MPPS);
    int runs = options.number("runs", 3, 1, 1000);
    LossTrials trials = trials(options, 2, 0.01);
    List<BenchSystem> systems = options.systems();
    Conditions conditions = options.conditions();
    Optional<Path> picture = options.path("picture");
    Output.run(
        "loss",
        words,
        options.path("json"),
        (bed, report) -> {
          Rounds rounds = Rounds.of(bed, report, systems, CHAINS, conditions);
          LossBench bench = new LossBench(report, rounds, trials, runs, bytes);
          bench.findLossFree(lengths);
          bench.byRate(rates.isEmpty() ? bench.ratesToShow() : rates);
          bench.byLength(pictured, rate == 0 ? bench.rateToShow() : rate);
          bench.tell(picture);
        });
  }

  /// Options about single trials.
  static LossTrials trials(BenchOptions options, double seconds, double resolution)
      throws ArgumentException {
    return new LossTrials(
        options.decimal("seconds", seconds, 0.1, 600),
        options.decimal("resolution", resolution, 0.0001, 100),
        options.decimal("tolerance", 0, 0, 100));
  }

  private void findLossFree(List<Integer> lengths) {
    rounds.run(
        1,
        bytes,
        (round, entry, lane) -> {
          BenchSystem system = entry.system();
          saturated.put(system, lane.saturate(bytes, trials.seconds()).deliveredMpps());
          for (int length : lengths) {
            double mpps = trials.lossFree(lane.telling(Report::detail), length).offered();
            rows.lossFree(system, length, mpps);
            if (length == bytes) {
              lossFree.put(system, mpps);
            }
          }
        });
  }

  private void byRate(List<Double> rates) {
    report.progress("loss by offered rate");
    rounds.run(
        runs,
        bytes,
        (round, entry, lane) -> {
          for (double mpps : rates) {
            Trial trial = Undisturbed.of(() -> lane.pace(bytes, mpps, trials.seconds()));
            rows.add(LossRows.BY_RATE, entry.system(), bytes, mpps, trial);
          }
        });
  }

  private void byLength(List<Integer> lengths, double mpps) {
    if (mpps <= 0) {
      report.skip("loss by length", "no AF_XDP system has a rate without loss; give --rate");
      return;
    }
    rounds.run(
        runs,
        bytes,
        (round, entry, lane) -> {
          for (int length : lengths) {
            Trial trial = Undisturbed.of(() -> lane.pace(length, mpps, trials.seconds()));
            rows.add(LossRows.BY_LENGTH, entry.system(), length, mpps, trial);
          }
        });
  }

  /// Up to beyond what all systems but the bound inside the driver can take.
  private List<Double> ratesToShow() {
    double most =
        saturated.entrySet().stream()
            .filter(entry -> entry.getKey() != BenchSystem.XDP_REDIRECT || saturated.size() == 1)
            .mapToDouble(Map.Entry::getValue)
            .max()
            .orElse(1);
    return ratesUpTo(1.3 * most);
  }

  /// About a dozen rates in round steps.
  static List<Double> ratesUpTo(double most) {
    double rough = most / STEPS;
    double power = Math.pow(10, Math.floor(Math.log10(rough)));
    double step = 10 * power;
    for (double factor : new double[] {1, 2, 5}) {
      if (rough <= factor * power) {
        step = factor * power;
        break;
      }
    }
    List<Double> rates = new ArrayList<>();
    for (int i = 1; i * step < most + step; i++) {
      rates.add(Report.rounded(i * step, 6));
    }
    return rates;
  }

  private double rateToShow() {
    double lowest =
        AF_XDP.stream()
            .mapToDouble(system -> lossFree.getOrDefault(system, 0.0))
            .filter(mpps -> 0 < mpps)
            .min()
            .orElse(0);
    return Report.rounded(SHARE * lowest, 3);
  }

  private void tell(Optional<Path> picture) throws BenchException {
    rows.all().forEach(report::add);
    System.out.println(rows.tables());
    if (picture.isPresent()) {
      new LossPictures(rows.all(), picture.get()).write();
      System.out.println("pictures and CSV files: " + picture.get());
    }
  }
}
