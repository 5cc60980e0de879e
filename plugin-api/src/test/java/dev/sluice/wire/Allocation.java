package dev.sluice.wire;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/// Counts the bytes that the calling thread allocates. The tests of other modules may use it.
public final class Allocation {
  private static final int WARM_UP_ROUNDS = 50_000;

  private Allocation() {}

  /// Bytes allocated in so many runs of a task, after it has been run often enough to be compiled.
  public static long bytes(int runs, Runnable task) {
    for (int i = 0; i < WARM_UP_ROUNDS; i++) {
      task.run();
    }
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < runs; i++) {
      task.run();
    }
    return threads.getCurrentThreadAllocatedBytes() - before;
  }
}
