package dev.sluice.runtime.pipeline;

import java.util.List;
import java.util.function.BooleanSupplier;

/// What a thread does that finds no work: it spins, then yields, for longer if it had much of it
/// ([Vigil]), then waits. Threads that spin while there are fewer cores than threads take the time
/// slices of those with work, so waiting is the default.
public final class Idle {
  /// How far a thread goes.
  public enum Kind {
    /// Spins only: the shortest delay, for a thread with a core of its own.
    SPIN,
    /// Spins, then yields.
    YIELD,
    /// Spins, yields as long as its work has earned it, then waits until a frame comes: in poll(2)
    /// where frames come from a device, else parked.
    POLL
  }

  private static final int SPINS = 64;
  private static final int YIELDS = SPINS + 16;
  private static final int WAITS = YIELDS + 1;

  /// Waits grow from here while nothing happens: what a device will do by itself, such as finish a
  /// transmission, mostly happens soon after the last frame or not at all.
  private static final long SHORTEST_NANOS = 20_000;

  /// Longest wait of a thread whose next work nobody tells it of.
  static final long UNTOLD_NANOS = 1_000_000;

  /// Longest wait of a thread that is woken for all its work.
  static final long LONGEST_NANOS = 10_000_000;

  private final Kind kind;
  private final Bell bell;
  private final DutyCycle[] roles;
  private final BooleanSupplier work = this::hasWork;
  private final Vigil vigil;
  private int idleTurns;
  private long waitNanos = SHORTEST_NANOS;

  /// @param roles that the thread plays
  Idle(Kind kind, Bell bell, List<DutyCycle> roles, Vigil vigil) {
    this.kind = kind;
    this.vigil = vigil;
    this.bell = bell;
    this.roles = roles.toArray(DutyCycle[]::new);
  }

  /// For a thread that takes the place of the one that waited so.
  Idle succeed(List<DutyCycle> played) {
    return new Idle(kind, bell, played, new Vigil(vigil.isAllowed()));
  }

  /// To be called after each turn with the work it did.
  @SuppressWarnings("ThreadPriorityCheck") // yielding is what is asked for, correctness is not
  void after(int work) {
    if (work > 0) {
      idleTurns = 0;
      waitNanos = SHORTEST_NANOS;
      vigil.worked(work);
      return;
    }
    idleTurns = Math.min(idleTurns + 1, WAITS);
    if (kind == Kind.SPIN || idleTurns <= SPINS) {
      Thread.onSpinWait();
    } else if (kind == Kind.YIELD || idleTurns <= YIELDS || vigil.lasts(System.nanoTime())) {
      Thread.yield();
    } else {
      rest();
    }
  }

  private void rest() {
    long longest = LONGEST_NANOS;
    for (int i = 0; i < roles.length; i++) {
      longest = Math.min(longest, roles[i].restNanos());
    }
    if (longest > 0) {
      bell.await(Math.min(waitNanos, longest), work);
      waitNanos = Math.min(2 * waitNanos, LONGEST_NANOS);
    }
  }

  private boolean hasWork() {
    for (int i = 0; i < roles.length; i++) {
      if (roles[i].hasWork()) {
        return true;
      }
    }
    return false;
  }

  /// Ends the wait, or the next one, for a reason that is in no queue; for any thread.
  void wake() {
    bell.ringAnyway();
  }
}
