package dev.sluice.runtime.pipeline;

import dev.sluice.kernel.ProcessorWait;
import java.util.function.LongSupplier;

/// Tells how long a handler on trial took for a packet, but for the time in which its thread wanted
/// to run and was given no processor, which is no fault of the handler's. What it slept or waited
/// for itself counts. One WorkThread's.
final class TrialClock {
  /// A reading costs some microseconds, so there is none at each turn.
  private static final long REFRESH_NANOS = 1_000_000;

  private final LongSupplier waited;
  private long turn;
  private long read;
  private long waitedThen;

  TrialClock() {
    this(new ProcessorWait()::nanos);
  }

  /// @param waited how long the calling thread has waited for a processor so far
  TrialClock(LongSupplier waited) {
    this.waited = waited;
  }

  /// To be called before each packet.
  ///
  /// @param current number of the WorkThread's turn
  void begin(long current) {
    if (turn != current) {
      turn = current;
      beginTurn(System.nanoTime());
    }
  }

  void beginTurn(long now) {
    if (read == 0 || now - read >= REFRESH_NANOS) {
      read = now;
      waitedThen = waited.getAsLong();
    }
  }

  /// What is left of a time that began with the packet: what was waited since the turn began, or
  /// the moment before, is taken off, and never more than all of it.
  long ownPart(long took) {
    return Math.max(0, took - Math.max(0, waited.getAsLong() - waitedThen));
  }
}
