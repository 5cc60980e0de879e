package dev.sluice.kernel;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/// A process that runs only as far as others leave it time, and comes back to its place among them:
/// all its threads are made nice, also those that it starts meanwhile, which inherit it.
///
/// The way back wants `CAP_SYS_NICE`, or a limit that allows it (`RLIMIT_NICE`), setpriority(2).
/// Without it nothing is done.
public final class Background {
  private static final Path TASKS = Path.of("/proc/self/task");
  private static final Path CALLER = Path.of("/proc/thread-self/stat");

  /// Place of `nice` behind the thread's name, which is the second field of all, proc_pid_stat(5).
  private static final int NICE = 19 - 3;

  /// Looks for threads that others have started meanwhile.
  private static final int MOST_LOOKS = 20;

  private final int before;
  private final boolean entered;

  private Background(int before, boolean entered) {
    this.before = before;
    this.entered = entered;
  }

  /// Puts this process in the background, if it can come back.
  public static Background enter() {
    try {
      int before = nice(Files.readString(CALLER));
      boolean possible = comesBack(before);
      if (possible) {
        all(Niceness.LAST);
      }
      return new Background(before, possible);
    } catch (IOException e) {
      return new Background(0, false); // no proc(5) here
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Background(0, false);
    }
  }

  /// Whether the process is, or was, in the background.
  public boolean wasEntered() {
    return entered;
  }

  /// Comes back. Idempotent.
  ///
  /// @return false if that failed
  public boolean leave() {
    try {
      if (entered) {
        all(before);
      }
      return !entered || nice(Files.readString(CALLER)) == before;
    } catch (IOException e) {
      return false;
    }
  }

  /// Tried by a thread that may stay nice.
  private static boolean comesBack(int nice) throws InterruptedException {
    boolean[] back = {false};
    Thread trial =
        Thread.ofPlatform()
            .daemon()
            .name("nice")
            .start(() -> {
              int caller = Niceness.callerThread();
              back[0] =
                  caller != 0
                      && SchedCalls.setPriority(caller, Niceness.LAST) == 0
                      && SchedCalls.setPriority(caller, nice) == 0;
            });
    trial.join();
    return back[0];
  }

  /// Until no thread is found that had not been there: it may have been started by one whose turn
  /// was still to come.
  private static void all(int nice) throws IOException {
    Set<Integer> done = new HashSet<>();
    boolean found = true;
    for (int look = 0; found && look < MOST_LOOKS; look++) {
      found = false;
      try (DirectoryStream<Path> tasks = Files.newDirectoryStream(TASKS)) {
        for (Path task : tasks) {
          int thread = Integer.parseInt(task.getFileName().toString());
          if (done.add(thread)) {
            SchedCalls.setPriority(thread, nice); // fails if it has ended
            found = true;
          }
        }
      }
    }
  }

  private static int nice(String stat) {
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    return Integer.parseInt(fields[NICE]);
  }
}
