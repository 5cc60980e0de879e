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

  private Niceness() {}

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
}
