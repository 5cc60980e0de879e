package dev.sluice.kernel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// How much processor time a thread gets beside others, setpriority(2). In Linux that belongs to
/// each thread by itself.
public final class Niceness {
  private static final Path CALLER = Path.of("/proc/thread-self");

  /// Place of `nice` behind the thread's name, which is the second field of all, proc_pid_stat(5).
  private static final int NICE = 19 - 3;

  /// The least time, as far as `nice` goes.
  static final int LAST = 19;

  /// Nine times as much as an ordinary thread gets of a processor that both want.
  static final int AHEAD = -10;

  private Niceness() {}

  /// The calling thread's number in the kernel, or 0 where it cannot be told.
  public static int callerThread() {
    try {
      return Integer.parseInt(Files.readSymbolicLink(CALLER).getFileName().toString());
    } catch (IOException | NumberFormatException e) {
      return 0; // no proc(5) here: nothing depends on it but giveWay
    }
  }

  /// How nice the calling thread is, -20..19, the less the more time it gets.
  ///
  /// @throws IOException if there is no proc(5) here
  static int ofCaller() throws IOException {
    String stat = Files.readString(CALLER.resolve("stat"));
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    return Integer.parseInt(fields[NICE]);
  }

  /// Has the calling thread, and what it starts, go before ordinary ones: of a processor that
  /// others want too it gets nine tenths, and waits for a turn of theirs, not for as long as they
  /// like. One that is nice, as in a process that was put in the background, stays so.
  ///
  /// @return false if it does not go ahead: it is nice, or the process may not (`CAP_SYS_NICE`, or
  ///   `RLIMIT_NICE`)
  public static boolean goAhead() {
    try {
      int before = ofCaller();
      return before <= 0 && (before <= AHEAD || SchedCalls.setPriority(callerThread(), AHEAD) == 0);
    } catch (IOException e) {
      return false;
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
}
