package dev.sluice.runtime.pipeline;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;

/// For how long a thread did what its own code told it to: ran, slept, waited to enter a monitor,
/// or waited for another thread. Not in it: time without a processor, time for which the virtual
/// machine kept the thread, and what native code waited for. For one thread at a time.
final class ThreadTimes {
  private static final long NANOS_PER_MILLI = 1_000_000;
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  /// What was told of waiting is old by so much at most where it need not be exact, since each
  /// reading of it takes memory from the heap.
  private static final long STALE_NANOS = 50_000_000;

  private boolean known;
  private long readNanos;
  private long pausedNanos = -1;

  /// Has the virtual machine count from now on what threads wait, should it not do so: that costs a
  /// reading of the clock where a wait begins and where it ends. To be called beforehand, for it
  /// takes some milliseconds the first time.
  static void count() {
    if (THREADS.isThreadContentionMonitoringSupported()) {
      THREADS.setThreadContentionMonitoringEnabled(true);
    }
  }

  /// No more than [#spentNanos], and less by what the thread waited in the last 50 ms at most.
  long aboutSpentNanos() {
    long now = System.nanoTime();
    if (!known || now - readNanos >= STALE_NANOS) {
      known = true;
      readNanos = now;
      pausedNanos = paused();
    }
    return withRunning(pausedNanos);
  }

  /// Of the calling thread, since it began or since waiting is counted, in nanoseconds, true to two
  /// milliseconds; negative where that is not told, as when there is no memory left. Costs some
  /// microseconds and a few hundred bytes of memory.
  long spentNanos() {
    return withRunning(paused());
  }

  private static long withRunning(long paused) {
    long running = THREADS.getCurrentThreadCpuTime();
    return paused < 0 || running < 0 ? -1 : running + paused;
  }

  private static long paused() {
    try {
      ThreadInfo info = THREADS.getThreadInfo(Thread.currentThread().threadId());
      if (info == null || info.getBlockedTime() < 0 || info.getWaitedTime() < 0) {
        return -1;
      }
      return (info.getBlockedTime() + info.getWaitedTime()) * NANOS_PER_MILLI;
    } catch (OutOfMemoryError _) { // of a handler's doing: this thread is not to end by it
      return -1;
    }
  }
}
