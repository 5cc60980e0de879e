package dev.sluice.runtime.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// What `bench forward` has measured, as rows: one for each system, chain and length.
///
/// A ratio is made within each round, of two figures that are as close in time as can be, and the
/// median of these is reported.
final class ForwardRows {
  private static final int DIGITS = 4;

  /// What one row is about.
  private record Key(BenchSystem system, BenchChain chain, int bytes) {}

  /// All that is known for one row, by round.
  private record Measured(Map<Integer, Trial> trials, String cpuOf) {}

  private final Map<Key, Measured> measured = new LinkedHashMap<>();

  void add(int round, Rounds.Entry entry, int bytes, Trial trial, String cpuOf) {
    measured
        .computeIfAbsent(
            new Key(entry.system(), entry.chain(), bytes),
            key -> new Measured(new TreeMap<>(), cpuOf))
        .trials()
        .put(round, trial);
  }

  /// The rows as JSON has them.
  List<Map<String, Object>> all() {
    List<Map<String, Object>> rows = new ArrayList<>();
    measured.forEach((key, figures) -> rows.add(row(key, figures)));
    return rows;
  }

  private Map<String, Object> row(Key key, Measured figures) {
    Spread mpps = Spread.of(rates(figures));
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("system", key.system().label());
    row.put("chain", key.chain().label());
    row.put("frameBytes", key.bytes());
    row.put("mppsMin", Report.rounded(mpps.min(), DIGITS));
    row.put("mppsMedian", Report.rounded(mpps.median(), DIGITS));
    row.put("mppsMax", Report.rounded(mpps.max(), DIGITS));
    ratio(key, figures, key.system().reference())
        .ifPresent(ratio -> row.put("ratioToTestpmd", Report.rounded(ratio, DIGITS)));
    ratio(key, figures, BenchSystem.BRIDGE_NFT10)
        .ifPresent(ratio -> row.put("ratioToBridgeNft10", Report.rounded(ratio, DIGITS)));
    row.put("cpuSecondsPerMillion", Report.rounded(cpuSeconds(figures), DIGITS));
    row.put("cpuOf", figures.cpuOf());
    row.put("runs", figures.trials().size());
    row.put("otherCpuSeconds", Report.rounded(otherSeconds(figures), 2));
    row.put("disturbed", OtherLoad.MOST_SECONDS < otherSeconds(figures));
    return row;
  }

  private static List<Double> rates(Measured figures) {
    return figures.trials().values().stream().map(Trial::deliveredMpps).toList();
  }

  private static double cpuSeconds(Measured figures) {
    return Spread.of(figures.trials().values().stream().map(Trial::cpuSecondsPerMillion).toList())
        .median();
  }

  private static double otherSeconds(Measured figures) {
    return figures.trials().values().stream().mapToDouble(Trial::otherSeconds).max().orElse(0);
  }

  private Optional<Double> ratio(Key key, Measured figures, BenchSystem reference) {
    Measured other = measured.get(new Key(reference, BenchChain.NONE, key.bytes()));
    if (other == null) {
      return Optional.empty();
    }
    List<Double> ratios = new ArrayList<>();
    figures
        .trials()
        .forEach((round, trial) -> {
          Trial beside = other.trials().get(round);
          if (beside != null && 0 < beside.deliveredMpps()) {
            ratios.add(trial.deliveredMpps() / beside.deliveredMpps());
          }
        });
    return ratios.isEmpty() ? Optional.empty() : Optional.of(Spread.of(ratios).median());
  }

  /// For a person.
  String table() {
    Table table =
        new Table(
            "system",
            "chain",
            "bytes",
            "min",
            "median",
            "max",
            "/testpmd",
            "/nft10",
            "CPU s/M",
            "others s");
    for (Map<String, Object> row : all()) {
      table.add(
          Table.cell(row, "system", 0),
          Table.cell(row, "chain", 0),
          Table.cell(row, "frameBytes", 0),
          Table.cell(row, "mppsMin", 3),
          Table.cell(row, "mppsMedian", 3),
          Table.cell(row, "mppsMax", 3),
          Table.cell(row, "ratioToTestpmd", 2),
          Table.cell(row, "ratioToBridgeNft10", 2),
          Table.cell(row, "cpuSecondsPerMillion", 2),
          Table.others(row));
    }
    return table + "min, median, max: million packets a second; !: others disturbed every attempt";
  }
}
