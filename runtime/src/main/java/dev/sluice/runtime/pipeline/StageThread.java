package dev.sluice.runtime.pipeline;

import com.sun.management.ThreadMXBean;
import dev.sluice.kernel.KernelException;
import dev.sluice.kernel.Niceness;
import java.lang.management.ManagementFactory;
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

  /// The kernel's number of the thread, 0 before it runs.
  private volatile int number;

  /// How often the thread of this place was replaced.
  private final int replacements;

  /// @param core to be bound to, or -1
  StageThread(String name, List<DutyCycle> roles, Idle idle, int core) {
    this(name, roles, idle, core, 0);
  }

  private StageThread(String name, List<DutyCycle> roles, Idle idle, int core, int replacements) {
    this.replacements = replacements;
    this.name = name;
    this.roles = List.copyOf(roles);
    this.idle = idle;
    this.core = core;
  }

  /// A thread that takes the place of this one, which was deposed.
  ///
  /// @param played its roles: those of this one, but for the one it is stuck in
  StageThread succeed(List<DutyCycle> played) {
    return new StageThread(name, played, idle.succeed(played), core, replacements + 1);
  }

  void start() {
    Thread started = Thread.ofPlatform().name(name()).daemon(true).unstarted(this);
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
      number = Niceness.callerThread();
      if (core >= 0) {
        Cores.bindCaller(core);
      }
      DutyCycle[] turns = roles.toArray(DutyCycle[]::new);
      while (!stopping) {
        idle.after(turn(turns));
      }
    } catch (Deposed _) {
      return; // all that was its own is another's
    } catch (KernelException | RuntimeException | Error e) {
      failure = e;
      System.getLogger(StageThread.class.getName())
          .log(System.Logger.Level.ERROR, "thread " + name() + " ended: nothing passes it now", e);
    }
    roles.forEach(DutyCycle::leave);
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

  /// Leaves the processor to the thread that has taken over from this one, if it is in a loop.
  void giveWay() {
    Niceness.giveWay(number);
  }

  /// With a number behind it from the second thread of this place on.
  String name() {
    return replacements == 0 ? name : name + "." + replacements;
  }

  List<DutyCycle> roles() {
    return roles;
  }

  @Nullable Thread thread() {
    return thread;
  }

  /// What ended it before its time, or null.
  @Nullable Throwable failure() {
    return failure;
  }
}
