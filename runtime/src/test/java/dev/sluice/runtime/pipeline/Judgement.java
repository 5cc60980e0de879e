package dev.sluice.runtime.pipeline;

import dev.sluice.plugin.Verdict;
import java.util.concurrent.TimeUnit;

/// Judges packets on behalf of a handler on trial, for tests that have no packets.
public final class Judgement {
  private static final int LOOKS = 16;

  private Judgement() {}

  /// So many packets go well, now that the time of the trial is over.
  public static void well(Guard guard, int packets) throws InterruptedException {
    guard.begin();
    while (guard.state().phase() == CanaryState.Phase.RUNNING) {
      TimeUnit.MILLISECONDS.sleep(5);
    }
    begunWell(guard, packets);
  }

  /// So many packets go well, whatever the time.
  static void begunWell(Guard guard, int packets) {
    guard.begin();
    for (int packet = 0; packet < Math.max(packets, LOOKS); packet++) {
      long now = System.nanoTime();
      guard.judged(0, Verdict.PASS, null, true, now, 0);
    }
  }

  /// One packet is thrown at.
  public static void throwing(Guard guard, Throwable thrown) {
    guard.begin();
    long now = System.nanoTime();
    guard.judged(0, null, thrown, true, now, 0);
  }
}
