package dev.sluice.runtime.control;

import java.util.ArrayList;
import java.util.List;

/// Rows of cells under a heading, aligned, within [#COLUMNS] where that can be: numbers to the
/// right, texts to the left, and the first column cut at its beginning if all else is too wide.
final class TextTable {
  /// Columns of a terminal that a table shall fit.
  static final int COLUMNS = 100;

  private static final int LEAST_FIRST = 12;
  private static final String GAP = "  ";

  private final List<List<String>> rows = new ArrayList<>();
  private final List<List<String>> notes = new ArrayList<>();

  TextTable(String... heading) {
    add(List.of(heading), List.of());
  }

  /// Adds a row of as many cells as the heading has.
  ///
  /// @param below lines that stand under the row
  void add(List<String> cells, List<String> below) {
    rows.add(List.copyOf(cells));
    notes.add(List.copyOf(below));
  }

  /// The table, each line with its end.
  String text() {
    int[] widths = widths();
    StringBuilder text = new StringBuilder();
    for (int row = 0; row < rows.size(); row++) {
      text.append(line(rows.get(row), widths)).append('\n');
      for (String note : notes.get(row)) {
        text.append("    ").append(note).append('\n');
      }
    }
    return text.toString();
  }

  private int[] widths() {
    int[] widths = new int[rows.getFirst().size()];
    int total = GAP.length() * (widths.length - 1);
    for (int column = 0; column < widths.length; column++) {
      for (List<String> row : rows) {
        widths[column] = Math.max(widths[column], row.get(column).length());
      }
      total += widths[column];
    }
    int excess = Math.max(0, total - COLUMNS);
    widths[0] = Math.min(widths[0], Math.max(LEAST_FIRST, widths[0] - excess));
    return widths;
  }

  private String line(List<String> cells, int[] widths) {
    StringBuilder line = new StringBuilder();
    for (int column = 0; column < widths.length; column++) {
      String cell = cells.get(column);
      if (cell.length() > widths[column]) {
        cell = "…" + cell.substring(cell.length() - widths[column] + 1);
      }
      String blanks = " ".repeat(widths[column] - cell.length());
      line.append(column == 0 ? "" : GAP);
      line.append(isNumeric(column) ? blanks + cell : cell + blanks);
    }
    return line.toString().stripTrailing();
  }

  /// Whether a column's cells are all numbers, or nothing; those of the first never are.
  private boolean isNumeric(int column) {
    return column > 0
        && rows.stream().skip(1).allMatch(row -> row.get(column).matches("(-?\\d+)?"));
  }
}
