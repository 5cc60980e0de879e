package dev.sluice.runtime.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LossRowsTest {
  @TempDir private Path folder;

  private static LossRows rows() {
    LossRows rows = new LossRows();
    for (BenchSystem system : List.of(BenchSystem.SLUICE_XDP_FUSED, BenchSystem.TESTPMD_XDP)) {
      rows.lossFree(system, 124, 0.7);
      for (double loss : new double[] {0.5, 0.1, 4}) {
        rows.add(LossRows.BY_RATE, system, 124, 0.8, new Trial(0.79, 0.78, loss, 1, 0.5, 0));
        rows.add(LossRows.BY_RATE, system, 124, 0.4, new Trial(0.4, 0.4, 0, 1, 0, 0));
        rows.add(LossRows.BY_LENGTH, system, 764, 0.4, new Trial(0.4, 0.4, 0.2, 1, 0, 0));
      }
    }
    return rows;
  }

  @Test
  void aLossIsTheMedianOfItsTrials() {
    Map<String, Object> row = rows().all().get(2);
    assertEquals("byRate", row.get("kind"));
    assertEquals("sluice-xdp-fused", row.get("system"));
    assertEquals(124, row.get("frameBytes"));
    assertEquals(0.79, row.get("offeredMpps"));
    assertEquals(0.5, row.get("lossPercent"));
    assertEquals(0.1, row.get("lossPercentMin"));
    assertEquals(4.0, row.get("lossPercentMax"));
    assertEquals(true, row.get("disturbed"));
    assertFalse(row.containsKey("mpps"));
  }

  @Test
  void aLossFreeRateIsKnownByItsRate() {
    Map<String, Object> row = rows().all().getFirst();
    assertEquals(
        Map.of("kind", "lossFree", "system", "sluice-xdp-fused", "frameBytes", 124, "mpps", 0.7),
        row);
  }

  @Test
  void theFiguresAreDrawnAndWrittenAsCsv() throws BenchException, IOException {
    new LossPictures(rows().all(), folder.resolve("new")).write();
    for (String name : List.of("loss-by-rate", "loss-by-length")) {
      assertEquals(900, ImageIO.read(folder.resolve("new/" + name + ".png").toFile()).getWidth());
    }
    List<String> csv = Files.readAllLines(folder.resolve("new/loss-by-rate.csv"));
    assertEquals(5, csv.size());
    assertEquals("sluice-xdp-fused,124,128,0.79,0.5,0.1,4.0", csv.get(1));
  }

  @Test
  void nothingMeasuredIsNothingDrawn() throws BenchException {
    new LossPictures(List.of(), folder).write();
    assertFalse(Files.exists(folder.resolve("loss-by-rate.png")));
    assertTrue(Files.exists(folder.resolve("loss-by-rate.csv")));
  }

  @Test
  void theRatesOfTheFigureGoInRoundStepsBeyondTheHighest() {
    assertEquals(0.1, LossBench.ratesUpTo(1.15).getFirst());
    assertEquals(1.2, LossBench.ratesUpTo(1.15).getLast());
    assertEquals(12, LossBench.ratesUpTo(1.15).size());
    assertEquals(2.0, LossBench.ratesUpTo(19.2).getFirst());
    assertEquals(20.0, LossBench.ratesUpTo(19.2).getLast());
  }
}
