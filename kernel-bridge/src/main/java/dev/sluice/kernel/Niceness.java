package dev.sluice.kernel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// How much processor time a thread gets beside others, setpriority(2). In Linux that belongs to
/// each thread by itself.
public final class Niceness {
  private static final Path CALLER = Path.of("/proc/thread-self");

  /// The least time, as far as `nice` goes.
  static final int LAST = 19;

  /// Nine tenths of a processor that is shared with one ordinary thread: enough that compilers and
  /// collectors do not matter, and not so much that they stand still.
  static final int BEFORE_OTHERS = -10;

  // Places in `stat` behind the thread's name, which is the second field of all, proc_pid_stat(5).
  private static final int NICE = 19 - 3;
  private static final int POLICY = 41 - 3;

  private Niceness() {}

  /// How nice a thread is, -20..19.
  ///
  /// @param thread its folder in proc(5)
  static int of(Path thread) throws IOException {
    return field(thread, NICE);
  }

  private static int field(Path thread, int place) throws IOException {
    String stat = Files.readString(thread.resolve("stat"));
    return Integer.parseInt(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[place]);
  }

  /// The calling thread's number in the kernel, or 0 where it cannot be told.
  public static int callerThread() {
    try {
      return Integer.parseInt(Files.readSymbolicLink(CALLER).getFileName().toString());
    } catch (IOException | NumberFormatException e) {
      return 0; // no proc(5) here: nothing depends on it but giveWay
    }
  }

  /// Lets a thread of this process run only as far as others leave it time: about a hundredth of
  /// what an ordinary one gets.
  ///
  /// @param thread as [#callerThread] told it
  /// @return false if there is no such thread any more
  public static boolean giveWay(int thread) {
    return thread != 0 && SchedCalls.setPriority(thread, LAST) == 0;
  }

  /// Lets the calling thread go before ordinary ones that want its processor; what it starts is
  /// ordinary. One that somebody has made nice, or has scheduled otherwise, stays as it is.
  ///
  /// @return false if the kernel does not allow it: that wants `CAP_SYS_NICE`, or a limit
  ///   (`RLIMIT_NICE`)
  public static boolean goBefore() {
    try {
      if (of(CALLER) != 0 || field(CALLER, POLICY) != SchedCalls.SCHED_OTHER) {
        return true;
      }
      int policy = SchedCalls.SCHED_OTHER | SchedCalls.SCHED_RESET_ON_FORK;
      return SchedCalls.setScheduler(policy, 0) == 0
          && SchedCalls.setPriority(0, BEFORE_OTHERS) == 0;
    } catch (IOException e) {
      return false; // no proc(5) here
    }
  }
}
