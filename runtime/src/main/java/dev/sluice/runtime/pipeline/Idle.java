package dev.sluice.runtime.pipeline;

import java.util.concurrent.locks.LockSupport;

/// What a thread does that finds no work: it spins, then yields, then waits. Threads that spin
/// while there are fewer cores than threads take the time slices of those with work, so waiting is
/// the default.
public final class Idle {
  /// How far a thread goes.
  public enum Kind {
    /// Spins only: the shortest delay, for a thread with a core of its own.
    SPIN,
    /// Spins, then yields.
    YIELD,
    /// Spins, yields, then waits: in poll(2) where frames come from a device, else parked.
    POLL
  }

  private static final int SPINS = 64;
  private static final int YIELDS = SPINS + 16;
  private static final int WAITS = YIELDS + 1;
  private static final long SHORTEST_NANOS = 20_000;

  /// Also the bound on how late a thread sees a new generation, or a frame that another thread
  /// queued.
  static final long LONGEST_NANOS = 1_000_000;

  /// Waits for at most so many nanoseconds, less if there is something to do.
  interface Waiter {
    void await(long nanos);
  }

  private final Kind kind;
  private final Waiter waiter;
  private int idleTurns;
  private long waitNanos = SHORTEST_NANOS;

  Idle(Kind kind, Waiter waiter) {
    this.kind = kind;
    this.waiter = waiter;
  }

  /// A waiter for a thread that has no device to wait for.
  static Waiter parking() {
    return LockSupport::parkNanos;
  }

  /// To be called after each turn with the work it did.
  @SuppressWarnings("ThreadPriorityCheck") // yielding is what is asked for, correctness is not
  void after(int work) {
    if (work > 0) {
      idleTurns = 0;
      waitNanos = SHORTEST_NANOS;
      return;
    }
    idleTurns = Math.min(idleTurns + 1, WAITS);
    if (kind == Kind.SPIN || idleTurns <= SPINS) {
      Thread.onSpinWait();
    } else if (kind == Kind.YIELD || idleTurns <= YIELDS) {
      Thread.yield();
    } else {
      waiter.await(waitNanos);
      waitNanos = Math.min(2 * waitNanos, LONGEST_NANOS);
    }
  }
}
