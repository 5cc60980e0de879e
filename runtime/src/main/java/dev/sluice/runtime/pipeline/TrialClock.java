package dev.sluice.runtime.pipeline;

import dev.sluice.kernel.ProcessorWait;
import java.util.function.LongSupplier;

/// Tells how long a handler on trial took for a packet, but for the time in which its thread wanted
/// to run and was given no processor, which is no fault of the handler's. What it slept or waited
/// for itself counts. One WorkThread's.
final class TrialClock {
  /// A reading costs some microseconds, so there is not one for each packet.
  private static final long REFRESH_NANOS = 1_000_000;

  private final LongSupplier waited;
  private boolean known;
  private long readNanos;
  private long waitedThen;

  TrialClock() {
    this(new ProcessorWait()::nanos);
  }

  /// @param waited how long the calling thread has waited for a processor so far; negative where
  ///   that is not told
  TrialClock(LongSupplier waited) {
    this.waited = waited;
  }

  /// To be called before each packet.
  ///
  /// @return whether that took some time
  boolean begin(long now) {
    if (known && now - readNanos < REFRESH_NANOS) {
      return false;
    }
    known = true;
    readNanos = now;
    waitedThen = waited.getAsLong();
    return true;
  }

  /// What is left of a time that began with the packet: what was waited since then, or in the
  /// moment before, is taken off, and never more than all of it.
  long ownPart(long took) {
    long waitedNow = waited.getAsLong();
    boolean told = waitedThen >= 0 && waitedNow > waitedThen;
    return told ? Math.max(0, took - (waitedNow - waitedThen)) : took;
  }
}
