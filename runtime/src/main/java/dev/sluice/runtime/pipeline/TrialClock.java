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
  private final LongSupplier spentBefore;
  private final LongSupplier spent;
  private boolean known;
  private long readNanos;
  private long waitedThen;
  private long spentThen;

  TrialClock() {
    this(new ProcessorWait()::nanos, new ThreadTimes());
    ThreadTimes.count();
  }

  private TrialClock(LongSupplier waited, ThreadTimes times) {
    this(waited, times::aboutSpentNanos, times::spentNanos);
  }

  /// @param waited how long the calling thread has waited for a processor so far; negative where
  ///   that is not told
  /// @param spentBefore as `spent`, or somewhat less, and without memory from the heap for each
  ///   call
  /// @param spent for how long the calling thread ran, slept and waited so far ([ThreadTimes]);
  ///   negative where that is not told
  TrialClock(LongSupplier waited, LongSupplier spentBefore, LongSupplier spent) {
    this.waited = waited;
    this.spentBefore = spentBefore;
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
    spentThen = spentBefore.getAsLong();
    waitedThen = waited.getAsLong(); // last, or waits during the other reading would be taken off
    return true;
  }

  /// What counts of a time that began with the packet.
  ///
  /// That there was no processor is told by the kernel, for each packet anew. That the virtual
  /// machine kept the thread is inferred from what is left when all that can be told is taken off.
  /// Native code that waits for a file or a socket looks the same, and so does waiting for a class
  /// that another thread initializes: so the guard excuses that for less, and a few times only.
  ///
  /// @param worker index of the WorkThread
  long counted(long took, int worker, Guard guard) {
    if (!guard.mayBeExcused(took)) {
      return took;
    }
    long own = took - Math.min(took, grown(waitedThen, waited.getAsLong()));
    if (!guard.mayBeInferred(own)) {
      return own;
    }
    long spentNow = spent.getAsLong();
    boolean told = spentThen >= 0 && spentNow >= spentThen;
    long accounted = told ? Math.min(own, spentNow - spentThen) : own;
    return guard.isWithinBudget(accounted) && guard.excuses(worker) ? accounted : own;
  }

  /// Nothing where it is not told, nor where another thread has taken over that has less.
  private static long grown(long then, long now) {
    return then >= 0 && now > then ? now - then : 0;
  }
}
