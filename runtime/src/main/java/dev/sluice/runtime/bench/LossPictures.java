package dev.sluice.runtime.bench;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.Marker;
import org.knowm.xchart.style.markers.SeriesMarkers;

/// The rows of `bench loss` as the paper's Fig. 8 and Fig. 9, each as CSV and as PNG: black axes on
/// white, a marked line for each system.
final class LossPictures {
  private static final int WIDTH = 900;
  private static final int HEIGHT = 600;
  private static final int FCS = 4; // bytes of frame check sequence, which the paper counts

  private static final List<Marker> MARKERS =
      List.of(
          SeriesMarkers.SQUARE,
          SeriesMarkers.CIRCLE,
          SeriesMarkers.TRIANGLE_UP,
          SeriesMarkers.DIAMOND,
          SeriesMarkers.TRIANGLE_DOWN,
          SeriesMarkers.CROSS,
          SeriesMarkers.PLUS,
          SeriesMarkers.TRAPEZOID);

  private static final List<Color> COLORS =
      List.of(
          new Color(0xc00000),
          new Color(0xe08000),
          new Color(0x800080),
          new Color(0x0050c0),
          new Color(0x00a0c0),
          new Color(0x208020),
          new Color(0x80b020),
          new Color(0x707070));

  private final List<Map<String, Object>> rows;
  private final Path folder;

  /// Prepares the pictures.
  ///
  /// @param folder made if it is not there
  LossPictures(List<Map<String, Object>> rows, Path folder) {
    this.rows = rows;
    this.folder = folder;
  }

  void write() throws BenchException {
    System.setProperty("java.awt.headless", "true");
    try {
      Files.createDirectories(folder);
      csv("loss-by-rate.csv", LossRows.BY_RATE);
      csv("loss-by-length.csv", LossRows.BY_LENGTH);
      picture("loss-by-rate.png", LossRows.BY_RATE, byRate());
      picture("loss-by-length.png", LossRows.BY_LENGTH, byLength());
    } catch (IOException e) {
      throw new BenchException("the pictures cannot be written: " + e, e);
    } catch (LinkageError e) { // what AWT throws where the system has no fonts
      throw new BenchException(
          "the pictures need fonts (Debian: apt-get install fontconfig fonts-dejavu-core): " + e,
          e);
    }
  }

  private List<Map<String, Object>> of(String kind) {
    return rows.stream().filter(row -> kind.equals(row.get("kind"))).toList();
  }

  private void csv(String name, String kind) throws IOException {
    List<String> lines = new ArrayList<>();
    lines.add("system,frameBytes,wireBytes,offeredMpps,lossPercent,lossPercentMin,lossPercentMax");
    for (Map<String, Object> row : of(kind)) {
      lines.add(
          "%s,%s,%d,%s,%s,%s,%s"
              .formatted(
                  row.get("system"),
                  row.get("frameBytes"),
                  (int) number(row, "frameBytes") + FCS,
                  row.get("offeredMpps"),
                  row.get("lossPercent"),
                  row.get("lossPercentMin"),
                  row.get("lossPercentMax")));
    }
    Files.write(folder.resolve(name), lines);
  }

  private static double number(Map<String, Object> row, String name) {
    return row.get(name) instanceof Number number ? number.doubleValue() : Double.NaN;
  }

  private XYChart byRate() {
    double bytes = of(LossRows.BY_RATE).stream().mapToDouble(LossPictures::wire).max().orElse(0);
    return chart("Packet loss by offered rate, %.0f bytes".formatted(bytes), "offered rate (Mpps)");
  }

  private XYChart byLength() {
    double mpps =
        of(LossRows.BY_LENGTH).stream()
            .mapToDouble(row -> number(row, "wantedMpps"))
            .max()
            .orElse(0);
    return chart(
        "Packet loss by packet length, %.3f Mpps".formatted(mpps), "packet length (bytes)");
  }

  private static double wire(Map<String, Object> row) {
    return number(row, "frameBytes") + FCS;
  }

  private static XYChart chart(String title, String axis) {
    XYChart chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title(title)
            .xAxisTitle(axis)
            .yAxisTitle("loss rate (%)")
            .build();
    chart
        .getStyler()
        .setLegendPosition(Styler.LegendPosition.InsideNW)
        .setChartBackgroundColor(Color.WHITE)
        .setPlotBackgroundColor(Color.WHITE)
        .setPlotBorderColor(Color.BLACK)
        .setChartFontColor(Color.BLACK)
        .setChartTitleFont(new Font(Font.SANS_SERIF, Font.PLAIN, 18));
    chart
        .getStyler()
        .setAxisTickMarksColor(Color.BLACK)
        .setAxisTickLabelsColor(Color.BLACK)
        .setPlotGridLinesColor(new Color(0xdddddd));
    return chart;
  }

  private void picture(String name, String kind, XYChart chart) throws IOException {
    Map<String, List<Map<String, Object>>> bySystem = new LinkedHashMap<>();
    for (Map<String, Object> row : of(kind)) {
      bySystem
          .computeIfAbsent(String.valueOf(row.get("system")), system -> new ArrayList<>())
          .add(row);
    }
    if (bySystem.isEmpty()) {
      return; // nothing was measured, and the report says why
    }
    bySystem.forEach((system, measured) -> line(chart, system, kind, measured));
    BitmapEncoder.saveBitmap(
        chart, folder.resolve(name).toString(), BitmapEncoder.BitmapFormat.PNG);
  }

  private static void line(
      XYChart chart, String system, String kind, List<Map<String, Object>> measured) {
    double[] x =
        measured.stream()
            .mapToDouble(
                row -> LossRows.BY_RATE.equals(kind) ? number(row, "offeredMpps") : wire(row))
            .toArray();
    double[] y = measured.stream().mapToDouble(row -> number(row, "lossPercent")).toArray();
    int index = BenchSystem.named(system).map(BenchSystem::ordinal).orElse(0);
    XYSeries series = chart.addSeries(system, x, y);
    series.setMarker(MARKERS.get(index));
    series.setMarkerColor(COLORS.get(index));
    series.setLineColor(COLORS.get(index));
    series.setLineStyle(new BasicStroke(1.5f));
  }
}
