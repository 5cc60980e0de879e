package dev.sluice.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;

final class RealTimeTest {
  /// Fields 40 and 41 of `/proc/pid/task/tid/stat`, proc_pid_stat(5): priority and policy.
  private static String scheduling() throws IOException {
    String stat = Files.readString(Path.of("/proc/thread-self/stat"));
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    return fields[37] + " of policy " + fields[38];
  }

  private static String onAThreadOfItsOwn(Callable<String> task) throws Exception {
    FutureTask<String> future = new FutureTask<>(task);
    Thread thread = Thread.ofPlatform().daemon().start(future);
    thread.join();
    return future.get();
  }

  private static void goFirst() {
    try {
      RealTime.firstInFirstOut(7);
    } catch (KernelException e) {
      abort(String.valueOf(e.getMessage())); // an ordinary user
    }
  }

  @Test
  void theCallerIsScheduledFirstInFirstOutUntilItEnds() throws Exception {
    String both =
        onAThreadOfItsOwn(() -> {
          goFirst();
          String first = scheduling();
          RealTime.end();
          return first + ", then " + scheduling();
        });
    assertEquals("7 of policy 1, then 0 of policy 0", both);
  }

  @Test
  void neitherOtherThreadsNorThoseItStartsAre() throws Exception {
    String started =
        onAThreadOfItsOwn(() -> {
          goFirst();
          return onAThreadOfItsOwn(RealTimeTest::scheduling);
        });
    assertEquals("0 of policy 0", started);
    assertEquals("0 of policy 0", scheduling());
  }

  @Test
  void aPriorityThatThereIsNotIsRefused() {
    for (int priority : new int[] {Integer.MIN_VALUE, -1, 0, 100}) {
      assertThrows(IllegalArgumentException.class, () -> RealTime.firstInFirstOut(priority));
    }
  }
}
