package dev.sluice.runtime.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Text in columns: the first to the left, the others to the right, all as wide as they must be.
final class Table {
  private final List<List<String>> rows = new ArrayList<>();

  Table(String... heads) {
    rows.add(List.of(heads));
  }

  /// Adds a row; missing cells at its end stay empty.
  void add(Object... cells) {
    List<String> row = new ArrayList<>();
    for (Object cell : cells) {
      row.add(String.valueOf(cell));
    }
    rows.add(row);
  }

  /// A number with so many digits behind the point, `-` for none.
  static String number(double value, int digits) {
    return Double.isFinite(value) ? String.format(Locale.ROOT, "%." + digits + "f", value) : "-";
  }

  /// A member of a row, `-` if it has none.
  ///
  /// @param digits behind the point, of a number that is not whole
  static String cell(Map<String, Object> row, String name, int digits) {
    Object value = row.get(name);
    return switch (value) {
      case null -> "-";
      case Double number -> number(number, digits);
      default -> value.toString();
    };
  }

  /// What others used while a row was measured, with a mark if that was too much.
  static String others(Map<String, Object> row) {
    boolean disturbed = Boolean.TRUE.equals(row.get("disturbed"));
    return cell(row, "otherCpuSeconds", 2) + (disturbed ? "!" : "");
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(256);
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder(100);
      for (int column = 0; column < row.size(); column++) {
        String gap = column == 0 ? "" : "  ";
        String format = column == 0 ? "%-" : "%";
        line.append(gap).append(String.format(format + width(column) + "s", row.get(column)));
      }
      text.append(line.toString().stripTrailing()).append('\n');
    }
    return text.toString();
  }

  private int width(int column) {
    return rows.stream()
        .filter(row -> column < row.size())
        .mapToInt(row -> row.get(column).length())
        .max()
        .orElse(1);
  }
}
