package dev.sluice.runtime.pipeline;

import dev.sluice.kernel.ProcessorWait;
import java.util.function.LongSupplier;

/// Tells how long a handler on trial took for a packet, but for two things that are no fault of
/// its: the time in which its thread wanted to run and was given no processor, and the time for
/// which the virtual machine kept the thread, as it does where a call of cold code asks for a
/// compilation and whoever holds the lock of the compilers' queue has no processor. What the
/// handler slept or waited for itself counts. One WorkThread's.
final class TrialClock {
  /// A reading costs some microseconds, so there is not one for each packet.
  private static final long REFRESH_NANOS = 1_000_000;

  private final LongSupplier waited;
  private final LongSupplier spent;
  private boolean known;
  private long readNanos;
  private long waitedThen;
  private long spentThen;

  TrialClock() {
    this(new ProcessorWait()::nanos, ThreadTimes::spentNanos);
  }

  /// @param waited how long the calling thread has waited for a processor so far; negative where
  ///   that is not told
  /// @param spent for how long the calling thread ran, slept and waited so far ([ThreadTimes]);
  ///   negative where that is not told
  TrialClock(LongSupplier waited, LongSupplier spent) {
    this.waited = waited;
    this.spent = spent;
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
    spentThen = spent.getAsLong();
    return true;
  }

  /// What counts of a time that began with the packet.
  ///
  /// That there was no processor is told by the kernel, for each packet anew. That the virtual
  /// machine kept the thread is inferred from what is left when all that can be told is taken off,
  /// and a call of native code that waits for a file or a socket looks the same: so the guard
  /// excuses that a few times only.
  long counted(long took, Guard guard) {
    if (!guard.mayBeExcused(took)) {
      return took;
    }
    long own = took - Math.min(took, grown(waitedThen, waited.getAsLong()));
    if (!guard.mayBeExcused(own)) {
      return own;
    }
    long spentNow = spent.getAsLong();
    boolean told = spentThen >= 0 && spentNow >= spentThen;
    long accounted = told ? Math.min(own, spentNow - spentThen) : own;
    return guard.mayBeExcused(accounted) || !guard.excuses() ? own : accounted;
  }

  /// Nothing where it is not told, nor where another thread has taken over that has less.
  private static long grown(long then, long now) {
    return then >= 0 && now > then ? now - then : 0;
  }
}
