package dev.sluice.runtime.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.kernel.Affinity;
import dev.sluice.kernel.KernelException;
import dev.sluice.runtime.pipeline.QueueKind;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
final class PipelineBenchTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "--seconds",
        "--seconds 0",
        "--seconds x",
        "--seconds 1.5",
        "--runs 0",
        "--runs 101",
        "--swaps 3",
        "now"
      })
  void wrongWordsAreRefusedBeforeAnythingIsMeasured(String words) {
    assertEquals(2, PipelineBench.run(List.of(words.split(" "))));
  }

  @ParameterizedTest
  @EnumSource(QueueKind.class)
  void aTrialCountsPacketsThatEveryHandlerHasLookedAt(QueueKind kind) throws Exception {
    PipelineTrial trial = new PipelineTrial(kind, 20);
    assertTrue(trial.measure(PipelineTrial.Layout.FUSED, 1, 4) > 0);
  }

  @Test
  void coresHearOfEachOther() throws Exception {
    int[] cores = Affinity.allowedCpus();
    assumeTrue(cores.length > 1, "one CPU");
    double nanos = CoreHop.nanos(cores[0], cores[1]);
    assertTrue(nanos > 1 && nanos < 1e6, () -> nanos + " ns");
  }

  @Test
  @Timeout(20)
  void coreThatThereIsNotLeavesNobodyWaiting() throws Exception {
    int there = Affinity.allowedCpus()[0];
    assertThrows(KernelException.class, () -> CoreHop.nanos(there, 1000));
    assertThrows(KernelException.class, () -> CoreHop.nanos(1000, there));
  }

  @Test
  void whatIsMeasuredWithCoresApartIsMeasuredAgain() throws Exception {
    assertEquals(new PipelineTrial.Figure(1, 50, 0), nearest(25, 50, 30));
    assertEquals(new PipelineTrial.Figure(2, 40, 1), nearest(25, 160, 40, 30));
    assertEquals(new PipelineTrial.Figure(2, 150, 2), nearest(25, 160, 150, 170, 30));
  }

  /// Of measurements with these hops, whose rates are 1, 2 and so on.
  private static PipelineTrial.Figure nearest(double near, double... hops) throws Exception {
    int[] at = {0};
    return PipelineTrial.nearest(() -> new PipelineTrial.Figure(at[0] + 1, hops[at[0]++], 0), near);
  }

  @Test
  void threadsAreDoubledUpToWhatTheMachineHas() {
    assertEquals(List.of(), PipelineTrial.workers(0));
    assertEquals(List.of(1), PipelineTrial.workers(1));
    assertEquals(List.of(1, 2), PipelineTrial.workers(2));
    assertEquals(List.of(1, 2, 4, 6), PipelineTrial.workers(6));
    assertEquals(List.of(1, 2, 4, 8), PipelineTrial.workers(8));
  }

  @Test
  void figuresOfSeveralRunsBecomeOneRowWithTheirMedian() {
    PipelineFigures figures = new PipelineFigures();
    List.of(
            "FUSED 1 4 10.0 0 0",
            "FUSED 1 4 30.0 0 0",
            "FUSED 1 4 20.0 0 0",
            "TWO_CORE 2 0 5 31.5 2")
        .forEach(line -> figures.add(QueueKind.PAPER, line));
    figures.add(QueueKind.JCTOOLS, "FUSED 1 4 1.0 0 0");
    figures.add(QueueKind.JCTOOLS, "FUSED 1 4 2.0 0 0");
    String json = figures.json();
    assertTrue(json.startsWith("{\"machine\":{\"cpu\":\""), json);
    assertTrue(
        json.contains(
            "{\"queue\":\"paper\",\"layout\":\"fused\",\"threads\":1,\"handlers\":4,"
                + "\"mppsPerWorker\":20.000,\"min\":10.000,\"max\":30.000}"),
        json);
    assertTrue(json.contains("\"layout\":\"two-core\",\"threads\":2,\"handlers\":0"), json);
    assertTrue(json.contains("\"mppsPerWorker\":1.500"), json);
    assertTrue(json.contains("\"hopNanosMin\":31.5,\"hopNanosMax\":31.5,\"repeats\":2}"), json);
    assertTrue(figures.table().contains("20.00"), figures.table());
    assertTrue(json.contains("\"loadAverage\":"), json);
    assertTrue(json.endsWith("],\"otherCpuShare\":0.000,\"disturbed\":false}\n"), json);
    figures.others(0.5);
    figures.others(0.1);
    assertTrue(
        figures.json().endsWith(",\"otherCpuShare\":0.500,\"disturbed\":true}\n"), figures.json());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "FUSED",
        "FUSED 1 4",
        "FUSED 1 4 10.0 0",
        "SPLIT 1 4 10.0 0 0",
        "FUSED x 4 10.0 0 0",
        "oops"
      })
  void aLineThatIsNoFigureIsNotTakenForOne(String line) {
    assertThrows(RuntimeException.class, () -> new PipelineFigures().add(QueueKind.JCTOOLS, line));
  }
}
