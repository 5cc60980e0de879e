package dev.sluice.runtime.pipeline;

import dev.sluice.kernel.Poller;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// How a thread that finds no work waits, and how others end its wait when they hand it some.
///
/// No wake-up is lost, after Dekker: who waits says so and then looks for work once more; who hands
/// work over queues it and then looks whether anybody waits. With a full fence between the two
/// steps on either side at least one of them sees the other. A hand-over to a thread that is awake
/// costs the fence and one read, and no system call.
final class Bell {
  private static final VarHandle AWAITED;

  static {
    try {
      AWAITED = MethodHandles.lookup().findVarHandle(Bell.class, "awaited", boolean.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /// The two halves of a wait.
  interface Waiting {
    /// Waits for at most so many nanoseconds, or until [#end]; also for no reason.
    void await(long nanos);

    /// Ends the wait, or the next one if there is none; for any thread.
    void end();
  }

  private final Waiting waiting;

  @SuppressWarnings("UnusedVariable") // read and written through AWAITED
  private boolean awaited;

  Bell(Waiting waiting) {
    this.waiting = waiting;
  }

  /// For a thread that has no device to wait for: it is parked.
  static Bell parking() {
    return new Bell(new Parking());
  }

  /// For the thread that receives: it waits in poll(2).
  static Bell polling(Poller poller) {
    return new Bell(
        new Waiting() {
          @Override
          public void await(long nanos) {
            poller.await(nanos);
          }

          @Override
          public void end() {
            poller.wake();
          }
        });
  }

  /// Waits unless there is work; for the one thread whose bell it is.
  ///
  /// @param work asked once more after the wait was announced
  void await(long nanos, BooleanSupplier work) {
    AWAITED.setOpaque(this, true);
    VarHandle.fullFence(); // the announcement before the look: see above
    if (!work.getAsBoolean()) {
      waiting.await(nanos);
    }
    AWAITED.setOpaque(this, false);
  }

  /// To be called after work was queued, once for all of it; for any thread.
  void ring() {
    VarHandle.fullFence(); // the work before the look: see above
    if ((boolean) AWAITED.getOpaque(this) && AWAITED.compareAndSet(this, true, false)) {
      waiting.end();
    }
  }

  /// Ends the wait, or the next one, for a reason that is in no queue; for any thread.
  void ringAnyway() {
    waiting.end();
  }

  /// Parks the thread that waits.
  private static final class Parking implements Waiting {
    private volatile @Nullable Thread thread;

    @Override
    public void await(long nanos) {
      if (thread != Thread.currentThread()) {
        // Whoever rings before this is visible rings for the first wait, which then is short. It is
        // another thread once more when that one was replaced.
        thread = Thread.currentThread();
        return;
      }
      LockSupport.parkNanos(this, nanos);
    }

    @Override
    public void end() {
      LockSupport.unpark(thread);
    }
  }
}
