package dev.sluice.kernel;

/// A thread that runs as soon as it has something to do, whatever else wants its CPU, sched(7). It
/// must spend most of its time asleep: the kernel holds up one that takes more than 95 % of a CPU
/// for 50 ms of each second, and ordinary threads of that CPU get what it leaves.
public final class RealTime {
  private static final int LEAST = 1;
  private static final int MOST = 99;

  private RealTime() {}

  /// Schedules the calling thread, and no other, first in first out. What it starts is ordinary.
  ///
  /// @param priority 1..99, the higher first
  /// @throws KernelException if this process may not, for want of CAP_SYS_NICE or of a share of its
  ///   control group
  public static void firstInFirstOut(int priority) throws KernelException {
    if (priority < LEAST || MOST < priority) {
      throw new IllegalArgumentException("A real-time priority is 1..99, not " + priority + ".");
    }
    set(SchedCalls.SCHED_FIFO | SchedCalls.SCHED_RESET_ON_FORK, priority);
  }

  /// Schedules the calling thread as threads are by default.
  ///
  /// @throws KernelException if the kernel refuses
  public static void end() throws KernelException {
    set(SchedCalls.SCHED_OTHER, 0);
  }

  private static void set(int policy, int priority) throws KernelException {
    Errno.require(
        SchedCalls.setScheduler(policy, priority), "Setting how this thread is scheduled");
  }
}
