package dev.sluice.runtime.e2e;

import java.util.function.Supplier;

/// Waiting for what must become true.
final class Await {
  private static final long LOOK_MILLIS = 5;

  private Await() {}

  /// Something that becomes true.
  interface Condition {
    boolean holds();
  }

  /// Waits until something holds, as long as [LabSite#PATIENCE] allows.
  ///
  /// @param what it is, for the message
  static void until(Condition condition, Supplier<String> what) throws InterruptedException {
    long deadline = System.nanoTime() + LabSite.PATIENCE.toNanos();
    while (!condition.holds()) {
      if (System.nanoTime() - deadline > 0) {
        throw new AssertionError("waited " + LabSite.PATIENCE + " in vain for " + what.get());
      }
      Thread.sleep(LOOK_MILLIS);
    }
  }
}
