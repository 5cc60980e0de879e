package dev.sluice.wire;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/// Counts the bytes that the calling thread allocates. The tests of other modules may use it.
public final class Allocation {
  private static final int WARM_UP_ROUNDS = 50_000;
  private static final int TRIES = 5;

  private Allocation() {}

  /// Bytes allocated in so many runs of a task, after it has been run often enough to be compiled:
  /// the least of several tries, since the JVM itself sometimes takes some for a thread whose code
  /// it replaces. What each run allocates is in all of them.
  public static long bytes(int runs, Runnable task) {
    for (int i = 0; i < WARM_UP_ROUNDS; i++) {
      task.run();
    }
    long least = Long.MAX_VALUE;
    for (int i = 0; i < TRIES && least > 0; i++) {
      least = Math.min(least, once(runs, task));
    }
    return least;
  }

  private static long once(int runs, Runnable task) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < runs; i++) {
      task.run();
    }
    return threads.getCurrentThreadAllocatedBytes() - before;
  }
}
