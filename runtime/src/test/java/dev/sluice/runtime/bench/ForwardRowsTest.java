package dev.sluice.runtime.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ForwardRowsTest {
  private final ForwardRows rows = new ForwardRows();

  private void add(int round, BenchSystem system, double mpps, double others) {
    BenchChain chain =
        system.kind() == BenchSystem.Kind.GATEWAY ? BenchChain.EMPTY : BenchChain.NONE;
    Trial trial = new Trial(5, mpps, -1, 1.25, others, 0);
    rows.add(round, new Rounds.Entry(system, chain), 60, trial, "process");
  }

  private Map<String, Object> row(BenchSystem system) {
    return rows.all().stream()
        .filter(row -> system.label().equals(row.get("system")))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aRatioIsTheMedianOfTheRatiosWithinTheRounds() {
    double[] ours = {0.9, 0.4, 0.8};
    double[] theirs = {1.0, 0.2, 1.6};
    for (int round = 0; round < 3; round++) {
      add(round, BenchSystem.SLUICE_XDP_FUSED, ours[round], 0);
      add(round, BenchSystem.TESTPMD_XDP, theirs[round], 0);
    }
    Map<String, Object> row = row(BenchSystem.SLUICE_XDP_FUSED);
    assertEquals(0.9, row.get("ratioToTestpmd")); // of 0.9, 2.0 and 0.5
    assertEquals(0.4, row.get("mppsMin"));
    assertEquals(0.8, row.get("mppsMedian"));
    assertEquals(0.9, row.get("mppsMax"));
    assertEquals("empty", row.get("chain"));
    assertEquals(60, row.get("frameBytes"));
    assertEquals(1.25, row.get("cpuSecondsPerMillion"));
    assertEquals(1.0, row(BenchSystem.TESTPMD_XDP).get("ratioToTestpmd"));
  }

  @Test
  void packetSocketsAreComparedWithPacketSockets() {
    add(0, BenchSystem.SLUICE_PACKET, 0.5, 0);
    add(0, BenchSystem.TESTPMD_XDP, 1, 0);
    assertFalse(row(BenchSystem.SLUICE_PACKET).containsKey("ratioToTestpmd"));
    add(0, BenchSystem.TESTPMD_PACKET, 0.25, 0);
    assertEquals(2.0, row(BenchSystem.SLUICE_PACKET).get("ratioToTestpmd"));
  }

  @Test
  void aRoundInWhichTheOtherFailedGivesNoRatio() {
    add(0, BenchSystem.BRIDGE, 0.5, 0);
    add(1, BenchSystem.TESTPMD_XDP, 1, 0);
    assertFalse(row(BenchSystem.BRIDGE).containsKey("ratioToTestpmd"));
    add(1, BenchSystem.BRIDGE, 0.6, 0);
    assertEquals(0.6, row(BenchSystem.BRIDGE).get("ratioToTestpmd"));
  }

  @Test
  void aSystemThatForwardedNothingDividesNothing() {
    add(0, BenchSystem.BRIDGE, 0.5, 0);
    add(0, BenchSystem.TESTPMD_XDP, 0, 0);
    assertFalse(row(BenchSystem.BRIDGE).containsKey("ratioToTestpmd"));
  }

  @Test
  void theWorstDisturbanceIsToldAndMarked() {
    add(0, BenchSystem.BRIDGE, 0.5, 0.1);
    add(1, BenchSystem.BRIDGE, 0.5, 0.41);
    assertEquals(0.41, row(BenchSystem.BRIDGE).get("otherCpuSeconds"));
    assertEquals(true, row(BenchSystem.BRIDGE).get("disturbed"));
    assertTrue(rows.table().contains("0.41!"), rows.table());
  }

  @Test
  void theTableShowsADashWhereNothingCanBeCompared() {
    add(0, BenchSystem.XDP_REDIRECT, 3.85, 0);
    String line = rows.table().lines().skip(1).findFirst().orElseThrow();
    assertEquals(
        List.of("xdp-redirect", "none", "60", "3.850", "3.850", "3.850", "-", "-", "1.25", "0.00"),
        List.of(line.split(" +", -1)));
  }

  @Test
  void theMedianOfAnEvenNumberLiesBetweenTheMiddleTwo() {
    assertEquals(new Spread(1, 2.5, 9), Spread.of(List.of(9.0, 1.0, 3.0, 2.0)));
    assertThrows(IllegalArgumentException.class, () -> Spread.of(List.of()));
  }
}
