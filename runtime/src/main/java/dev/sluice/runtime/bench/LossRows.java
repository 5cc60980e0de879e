package dev.sluice.runtime.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/// What `bench loss` has measured, as rows: those of kind `byRate` (Fig. 8) and `byLength` (Fig. 9)
/// with a loss, those of kind `lossFree` with a rate.
final class LossRows {
  static final String BY_RATE = "byRate";
  static final String BY_LENGTH = "byLength";
  static final String LOSS_FREE = "lossFree";

  private static final int DIGITS = 4;

  /// What one row is about.
  private record Key(String kind, BenchSystem system, int bytes, double wantedMpps) {}

  private final Map<Key, List<Trial>> trials = new LinkedHashMap<>();
  private final List<Map<String, Object>> lossFree = new ArrayList<>();

  /// Adds one of several trials of the same.
  void add(String kind, BenchSystem system, int bytes, double wantedMpps, Trial trial) {
    trials
        .computeIfAbsent(new Key(kind, system, bytes, wantedMpps), key -> new ArrayList<>())
        .add(trial);
  }

  void lossFree(BenchSystem system, int bytes, double mpps) {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("kind", LOSS_FREE);
    row.put("system", system.label());
    row.put("frameBytes", bytes);
    row.put("mpps", Report.rounded(mpps, DIGITS));
    lossFree.add(row);
  }

  /// The rows as JSON has them.
  List<Map<String, Object>> all() {
    List<Map<String, Object>> rows = new ArrayList<>(lossFree);
    trials.forEach((key, measured) -> rows.add(row(key, measured)));
    return rows;
  }

  private static Map<String, Object> row(Key key, List<Trial> measured) {
    Spread loss = spread(measured, Trial::lossPercent);
    double others = spread(measured, Trial::otherSeconds).max();
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("kind", key.kind());
    row.put("system", key.system().label());
    row.put("frameBytes", key.bytes());
    row.put("wantedMpps", key.wantedMpps());
    row.put("offeredMpps", Report.rounded(spread(measured, Trial::offeredMpps).median(), DIGITS));
    row.put("lossPercent", Report.rounded(loss.median(), DIGITS));
    row.put("lossPercentMin", Report.rounded(loss.min(), DIGITS));
    row.put("lossPercentMax", Report.rounded(loss.max(), DIGITS));
    row.put("otherCpuSeconds", Report.rounded(others, 2));
    row.put("disturbed", OtherLoad.MOST_SECONDS < others);
    return row;
  }

  private static Spread spread(List<Trial> measured, ToDoubleFunction<Trial> figure) {
    return Spread.of(measured.stream().map(figure::applyAsDouble).toList());
  }

  /// For a person.
  String tables() {
    Table free = new Table("system", "bytes", "loss-free Mpps");
    lossFree.forEach(row ->
        free.add(
            Table.cell(row, "system", 0),
            Table.cell(row, "frameBytes", 0),
            Table.cell(row, "mpps", 3)));
    Table losses = new Table("system", "bytes", "offered", "loss %", "min", "max", "others s");
    for (Map<String, Object> row : all()) {
      if (!LOSS_FREE.equals(row.get("kind"))) {
        losses.add(
            Table.cell(row, "system", 0),
            Table.cell(row, "frameBytes", 0),
            Table.cell(row, "offeredMpps", 3),
            Table.cell(row, "lossPercent", 3),
            Table.cell(row, "lossPercentMin", 3),
            Table.cell(row, "lossPercentMax", 3),
            Table.others(row));
      }
    }
    return free + "\n" + losses + "offered: million packets a second; !: disturbed by others";
  }
}
