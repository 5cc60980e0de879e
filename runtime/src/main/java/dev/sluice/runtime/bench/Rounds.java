package dev.sluice.runtime.bench;

import java.util.ArrayList;
import java.util.List;

/// Goes through systems in turn, several times, so that what changes on the machine meanwhile meets
/// all of them. A system that cannot be measured is skipped from then on, and that is said.
final class Rounds {
  /// One system in one chain.
  record Entry(BenchSystem system, BenchChain chain) {
    String label() {
      return chain == BenchChain.NONE ? system.label() : system.label() + "/" + chain.label();
    }
  }

  /// What is measured of a system that forwards.
  @FunctionalInterface
  interface Body {
    void measure(int round, Entry entry, Lane lane) throws BenchException;
  }

  private final Bed bed;
  private final Report report;
  private final double warmUpSeconds;
  private final List<Entry> entries = new ArrayList<>();

  private Rounds(Bed bed, Report report, double warmUpSeconds) {
    this.bed = bed;
    this.report = report;
    this.warmUpSeconds = warmUpSeconds;
  }

  /// All that can be measured here of what was asked for.
  static Rounds of(
      Bed bed,
      Report report,
      List<BenchSystem> systems,
      List<BenchChain> chains,
      Conditions conditions)
      throws BenchException {
    bed.moreSettings(conditions.settings());
    Rounds rounds = new Rounds(bed, report, conditions.warmUpSeconds());
    for (BenchSystem system : systems) {
      if (system.missing().isPresent()) {
        report.skip(system.label(), system.missing().get());
        continue;
      }
      system.chains(chains).forEach(chain -> rounds.entries.add(new Entry(system, chain)));
    }
    bed.calibrate(rounds.systems(), report);
    return rounds;
  }

  private List<BenchSystem> systems() {
    return entries.stream().map(Entry::system).distinct().toList();
  }

  List<Entry> entries() {
    return List.copyOf(entries);
  }

  /// Traffic before the first figure, which all systems get.
  double warmUpSeconds() {
    return warmUpSeconds;
  }

  /// Starts, measures and stops each system in each round.
  void run(int rounds, int warmUpBytes, Body body) {
    for (int round = 0; round < rounds; round++) {
      for (Entry entry : entries()) {
        report.progress("%s, round %d of %d".formatted(entry.label(), round + 1, rounds));
        try (Lane lane = Lane.open(bed, entry.system(), entry.chain(), Lane.Ends.ONE_WAY)) {
          lane.warmUp(warmUpBytes, warmUpSeconds);
          body.measure(round, entry, lane);
        } catch (BenchException e) {
          report.skip(entry.label(), String.valueOf(e.getMessage()));
          entries.remove(entry);
        }
      }
    }
  }
}
