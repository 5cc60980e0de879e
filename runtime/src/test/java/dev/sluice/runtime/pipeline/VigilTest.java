package dev.sluice.runtime.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class VigilTest {
  private static final long STEP = 500;

  private final Vigil vigil = new Vigil(true);
  private long now = Long.MAX_VALUE - 3 * Vigil.MOST_NANOS; // nanoTime may wrap

  /// Stays awake until it may not.
  ///
  /// @return how long, in nanoseconds
  private long awake() {
    long begun = now;
    while (vigil.lasts(now)) {
      now += STEP;
    }
    return now - begun;
  }

  @Test
  void whoHasNotWorkedSleepsAtOnce() {
    assertFalse(vigil.lasts(now));
    assertFalse(vigil.lasts(now + STEP));
  }

  @Test
  void whoMayNotStayAwakeSleepsAtOnce() {
    Vigil none = new Vigil(false);
    none.worked(1000);
    assertFalse(none.lasts(now));
  }

  @Test
  void eachMoveEarnsItsTimeAndNoMore() {
    vigil.worked(10);
    assertEquals(10 * Vigil.NANOS_PER_MOVE, awake());
    now += Vigil.MOST_NANOS;
    assertFalse(vigil.lasts(now));
  }

  @Test
  void soMuchIsSavedUpAtMost() {
    for (int i = 0; i < 1000; i++) {
      vigil.worked(1000);
    }
    assertEquals(Vigil.MOST_NANOS, awake());
  }

  @Test
  void whatOneGapLeavesCountsInTheNext() {
    vigil.worked(3);
    assertTrue(vigil.lasts(now));
    now += Vigil.NANOS_PER_MOVE;
    assertTrue(vigil.lasts(now));
    vigil.worked(1);
    assertEquals(3 * Vigil.NANOS_PER_MOVE, awake());
  }

  @Test
  void whoIsNotAloneOnItsProcessorSleeps() {
    vigil.worked(1000);
    assertTrue(vigil.lasts(now));
    now += Vigil.UNDISTURBED_NANOS;
    assertTrue(vigil.lasts(now));
    now += Vigil.UNDISTURBED_NANOS + 1;
    assertFalse(vigil.lasts(now));
  }

  @Test
  void theTimeOfWorkIsNotCounted() {
    vigil.worked(1);
    assertTrue(vigil.lasts(now));
    now += 10 * Vigil.MOST_NANOS;
    vigil.worked(1);
    assertEquals(2 * Vigil.NANOS_PER_MOVE, awake());
  }

  @Test
  void aLoadedLinkKeepsItAwakeAndAQuietOneDoesNot() {
    assertEquals(1, share(100, 100_000), 0.01); // a million frames a second
    assertEquals(0.02, share(10, 1_000_000), 0.001); // ten thousand
    assertEquals(0.0002, share(1, 10_000_000), 0.0001); // a hundred
  }

  /// Share of the gaps that it is awake in, where there is a burst of so many frames each so often.
  private double share(int frames, long periodNanos) {
    Vigil kept = new Vigil(true);
    long awake = 0;
    long bursts = 200;
    for (int burst = 0; burst < bursts; burst++) {
      kept.worked(frames);
      long end = now + periodNanos;
      while (end - now > 0 && kept.lasts(now)) {
        now += STEP;
        awake += STEP;
      }
      now = end;
    }
    return (double) awake / (bursts * periodNanos);
  }
}
