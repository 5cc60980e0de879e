package dev.sluice.runtime.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
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
              return mpps <= truth ? mpps : 0;
            })
        .offered();
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
    assertTrue(new LossTrials(1, RESOLUTION, 0).passes(trial(1, 0)));
    assertFalse(new LossTrials(1, RESOLUTION, 0).passes(trial(1, 0.0001)));
    assertTrue(new LossTrials(1, RESOLUTION, 0.001).passes(trial(1, 0.0001)));
  }

  @Test
  void whereTheGeneratorOffersLessTheResultIsWhatItOffered() throws BenchException {
    double share = 0.97; // as a hypervisor that takes the generator's CPU away at times has it
    LossFreeRate found = LossFreeRate.find(1.2, RESOLUTION, m -> m <= 0.6 ? share * m : 0);
    assertEquals(0.6, found.asked(), RESOLUTION);
    assertEquals(share * found.asked(), found.offered(), 1e-9);
  }

  @Test
  void aGeneratorThatOffersNoMoreIsAskedForMoreInVain() throws BenchException {
    LossFreeRate found = LossFreeRate.find(1.2, RESOLUTION, m -> m <= 0.9 ? Math.min(m, 0.3) : 0);
    assertEquals(0.3, found.offered(), RESOLUTION);
    assertEquals(0.3, found.asked(), RESOLUTION);
  }

  @Test
  void aGeneratorThatStumblesAtHighRatesIsAskedForLess() throws BenchException {
    LossFreeRate found = LossFreeRate.find(1.2, RESOLUTION, m -> m <= 0.7 ? m : 0.3);
    assertEquals(0.7, found.offered(), RESOLUTION);
  }

  @Test
  void aTrialThatOfferedNothingShowsNothing() {
    assertFalse(new LossTrials(1, RESOLUTION, 0).passes(trial(0, 0)));
  }

  @Test
  void theRateThatHoldsIsTheMeanOfWhatWasOffered() throws BenchException {
    Loadable lane = lane(0.5, mpps -> tried.size() % 2 == 0 ? mpps : 0.98 * mpps);
    LossFreeRate found = new LossTrials(1, RESOLUTION, 0).lossFreeFor(lane, 60, 20);
    assertEquals(tried.getLast(), found.asked());
    assertEquals(0.99 * found.asked(), found.offered(), 1e-9);
  }

  @Test
  void aTrialThatOfferedHardlyAnythingIsMadeAgainAndDoesNotCount() throws BenchException {
    Loadable lane = lane(0.5, mpps -> tried.size() % 3 == 0 ? 0.05 * mpps : mpps);
    LossFreeRate found = new LossTrials(1, RESOLUTION, 0).lossFreeFor(lane, 60, 20);
    assertEquals(0.5, found.asked(), RESOLUTION);
    assertEquals(found.asked(), found.offered(), 1e-9);
  }

  @Test
  void whereMostTrialsOfferHardlyAnythingNoRateIsShown() throws BenchException {
    Loadable lane = lane(0.5, mpps -> tried.size() > 12 ? 0.05 * mpps : mpps);
    LossFreeRate found = new LossTrials(1, RESOLUTION, 0).lossFreeFor(lane, 60, 20);
    assertEquals(LossFreeRate.NONE, found);
  }

  /// Carries what is at most `truth`, and once the trials of `surprises` are reached, that of less.
  private double sustained(double truth, double longSeconds, int... surprises)
      throws BenchException {
    Loadable lane = lane(truth, mpps -> mpps, surprises);
    return new LossTrials(1, RESOLUTION, 0).lossFreeFor(lane, 60, longSeconds).offered();
  }

  /// @param offered what the generator offers of what is asked for
  private Loadable lane(double truth, DoubleUnaryOperator offered, int... surprises) {
    return new Loadable() {
      @Override
      public Trial saturate(int bytes, double seconds) {
        return new Trial(1, truth, -1, 0, 0, 0);
      }

      @Override
      public Trial pace(int bytes, double mpps, double seconds) {
        tried.add(mpps);
        int trial = tried.size();
        boolean loses = truth < mpps || Arrays.stream(surprises).anyMatch(n -> n == trial);
        return new Trial(offered.applyAsDouble(mpps), mpps, loses ? 1 : 0, 0, 0, 0);
      }
    };
  }

  @Test
  void aRateThatHoldsIsTriedForTheWholeTimeAndKept() throws BenchException {
    double found = sustained(0.5, 20);
    assertEquals(0.5, found, RESOLUTION);
    assertEquals(
        20, tried.stream().skip(tried.size() - 20).filter(m -> Math.abs(m - found) < 1e-9).count());
  }

  @Test
  void aLossAmongTheLastLowersTheRateAndBeginsAnew() throws BenchException {
    double quick = sustained(0.5, 0);
    int searched = tried.size();
    tried.clear();
    double found = sustained(0.5, 20, searched + 19);
    assertEquals(quick * 0.95, found, 1e-9);
    assertEquals(searched + 19 + 20, tried.size());
  }

  @Test
  void whereEveryRateLosesInTheEndThereIsNone() throws BenchException {
    int[] all = IntStream.range(12, 500).toArray();
    assertEquals(0, sustained(0.5, 20, all));
  }
}
