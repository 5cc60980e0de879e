package dev.sluice.runtime.pipeline;

import com.sun.management.ThreadMXBean;
import dev.sluice.kernel.Affinity;
import dev.sluice.kernel.KernelException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// A thread that takes the turns of one role, or of all of them when they are fused.
///
/// What a role throws is a fault of Sluice itself: handlers cannot cause it, since their throwables
/// end in a verdict. Then the thread ends, and says so to whoever watches.
final class StageThread implements Runnable {
  /// Asked for when it is first needed, for it takes a while to come.
  private static final class Accounts {
    static final ThreadMXBean OF_THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  }

  private final String name;
  private final List<DutyCycle> roles;
  private final Idle idle;
  private final int core;
  private volatile boolean stopping;
  private volatile @Nullable Throwable failure;
  private volatile @Nullable Thread thread;
  private final AtomicLong allocatedBefore = new AtomicLong();

  /// @param core to be bound to, or -1
  StageThread(String name, List<DutyCycle> roles, Idle idle, int core) {
    this.name = name;
    this.roles = List.copyOf(roles);
    this.idle = idle;
    this.core = core;
  }

  void start() {
    Thread started = Thread.ofPlatform().name(name).daemon(true).unstarted(this);
    thread = started;
    started.start();
  }

  /// Asks it to end after its turn.
  void stop() {
    stopping = true;
    idle.wake();
  }

  /// Sees to it that it takes a turn soon, although no queue has work for it.
  void wake() {
    idle.wake();
  }

  /// Waits for its end, until [System#nanoTime] says `until`.
  ///
  /// @return whether the caller was interrupted meanwhile
  boolean join(long until) {
    Thread waitFor = thread;
    boolean interrupted = false;
    while (waitFor != null && !hasEnded() && until - System.nanoTime() > 0) {
      try {
        waitFor.join(Duration.ofNanos(until - System.nanoTime()));
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    return interrupted;
  }

  /// Whether it runs no more, or never did.
  boolean hasEnded() {
    Thread started = thread;
    return started == null || !started.isAlive();
  }

  boolean isCaller() {
    return Thread.currentThread() == thread;
  }

  @Override
  public void run() {
    try {
      if (core >= 0) {
        Affinity.pin(core);
      }
      DutyCycle[] turns = roles.toArray(DutyCycle[]::new);
      while (!stopping) {
        idle.after(turn(turns));
      }
    } catch (KernelException | RuntimeException | Error e) {
      failure = e;
      System.getLogger(StageThread.class.getName())
          .log(System.Logger.Level.ERROR, "thread " + name + " ended: nothing passes it now", e);
    } finally {
      roles.forEach(DutyCycle::leave);
    }
  }

  private int turn(DutyCycle[] turns) {
    int work = 0;
    for (int i = 0; i < turns.length && !stopping; i++) {
      work += turns[i].doWork();
      // A handler may have interrupted its thread: no wait would last, and files would be closed.
      Thread.interrupted();
    }
    return work;
  }

  /// Bytes that the thread has taken from the heap, as far as can be known of one that has ended.
  long allocatedBytes() {
    Thread started = thread;
    if (started == null) {
      return 0;
    }
    // -1 of a thread that has ended, or where the JVM does not count.
    long now = Accounts.OF_THREADS.getThreadAllocatedBytes(started.threadId());
    return allocatedBefore.accumulateAndGet(now, Math::max);
  }

  String name() {
    return name;
  }

  /// What ended it before its time, or null.
  @Nullable Throwable failure() {
    return failure;
  }
}
