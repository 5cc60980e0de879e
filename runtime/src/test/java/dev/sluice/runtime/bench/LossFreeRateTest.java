package dev.sluice.runtime.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class LossFreeRateTest {
  private static final double RESOLUTION = 0.01;

  private final List<Double> tried = new ArrayList<>();

  private double find(double highest, double truth) throws BenchException {
    return LossFreeRate.find(
        highest,
        RESOLUTION,
        mpps -> {
          tried.add(mpps);
          return mpps <= truth;
        });
  }

  @Test
  void theResultIsCarriedAndNoMoreThanTheResolutionBelowTheTruth() throws BenchException {
    for (double truth = 0.011; truth < 1.2; truth += 0.013) {
      double found = find(1.2, truth);
      assertTrue(found <= truth, found + " of " + truth);
      assertTrue(truth - RESOLUTION <= found, found + " of " + truth);
    }
  }

  @Test
  void theHighestRateIsTriedFirstAndAloneIfItIsCarried() throws BenchException {
    assertEquals(0.8, find(0.8, 5));
    assertEquals(List.of(0.8), tried);
  }

  @Test
  void nothingIsFoundWhereEveryRateLoses() throws BenchException {
    assertEquals(0, find(1, 0));
    assertTrue(tried.size() <= 8, tried.toString());
  }

  @Test
  void aFailureOfATrialEndsTheSearch() {
    assertThrows(
        BenchException.class,
        () ->
            LossFreeRate.find(
                1,
                RESOLUTION,
                mpps -> {
                  throw new BenchException("the forwarder ended");
                }));
  }

  private static Trial trial(double offered, double loss) {
    return new Trial(offered, offered, loss, 1, 0, 0);
  }

  @Test
  void oneLostFrameIsALossUnlessItIsTolerated() {
    assertTrue(new LossTrials(1, RESOLUTION, 0).passes(trial(1, 0), 1));
    assertFalse(new LossTrials(1, RESOLUTION, 0).passes(trial(1, 0.0001), 1));
    assertTrue(new LossTrials(1, RESOLUTION, 0.001).passes(trial(1, 0.0001), 1));
  }

  @Test
  void aRateThatWasNotOfferedIsNotCarried() {
    assertFalse(new LossTrials(1, RESOLUTION, 0).passes(trial(0.9, 0), 1));
  }
}
