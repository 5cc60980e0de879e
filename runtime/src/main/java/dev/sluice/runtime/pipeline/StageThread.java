package dev.sluice.runtime.pipeline;

import dev.sluice.kernel.Affinity;
import dev.sluice.kernel.KernelException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A thread that takes the turns of one role, or of all of them when they are fused.
///
/// What a role throws is a fault of Sluice itself: handlers cannot cause it, since their throwables
/// end in a verdict. Then the thread ends, and says so to whoever watches.
final class StageThread implements Runnable {
  private final String name;
  private final List<DutyCycle> roles;
  private final Idle idle;
  private final int core;
  private volatile boolean stopping;
  private volatile @Nullable Throwable failure;
  private @Nullable Thread thread;

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
  }

  void join() throws InterruptedException {
    Thread started = thread;
    if (started != null) {
      started.join();
    }
  }

  @Override
  public void run() {
    try {
      if (core >= 0) {
        Affinity.pin(core);
      }
      DutyCycle[] turns = roles.toArray(DutyCycle[]::new);
      while (!stopping) {
        int work = 0;
        for (DutyCycle turn : turns) {
          work += turn.doWork();
        }
        idle.after(work);
      }
    } catch (KernelException | RuntimeException | Error e) {
      failure = e;
      System.getLogger(StageThread.class.getName())
          .log(System.Logger.Level.ERROR, "thread " + name + " ended: nothing passes it now", e);
    }
  }

  String name() {
    return name;
  }

  /// What ended it before its time, or null.
  @Nullable Throwable failure() {
    return failure;
  }
}
