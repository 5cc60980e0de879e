package dev.sluice.runtime.pipeline;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;

/// For how long a thread did what its own code told it to: ran, slept, waited to enter a monitor,
/// or waited for another thread. Not in it: time without a processor, time for which the virtual
/// machine kept the thread, and what native code waited for.
final class ThreadTimes {
  private static final long NANOS_PER_MILLI = 1_000_000;

  /// When it is made, the virtual machine begins to count what threads wait.
  private static final class Counted {
    static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    static {
      if (THREADS.isThreadContentionMonitoringSupported()) {
        THREADS.setThreadContentionMonitoringEnabled(true);
      }
    }
  }

  private ThreadTimes() {}

  /// Of the calling thread, since it began or since waiting is counted, in nanoseconds, true to two
  /// milliseconds; negative where that is not told. Costs some microseconds and a few hundred bytes
  /// of memory.
  static long spentNanos() {
    ThreadInfo info = Counted.THREADS.getThreadInfo(Thread.currentThread().threadId());
    if (info == null || info.getBlockedTime() < 0 || info.getWaitedTime() < 0) {
      return -1;
    }
    long paused = info.getBlockedTime() + info.getWaitedTime();
    return Counted.THREADS.getCurrentThreadCpuTime() + paused * NANOS_PER_MILLI;
  }
}
