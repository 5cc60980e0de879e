package dev.sluice.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class BackgroundTest {
  /// Field 19 of each thread's `stat`, proc_pid_stat(5).
  private static Set<Integer> nices() throws IOException {
    Set<Integer> nices = new TreeSet<>();
    try (Stream<Path> tasks = Files.list(Path.of("/proc/self/task"))) {
      for (Path task : tasks.toList()) {
        nice(task).ifPresent(nices::add);
      }
    }
    return nices;
  }

  /// Nothing if the thread has ended.
  private static OptionalInt nice(Path task) {
    try {
      String stat = Files.readString(task.resolve("stat"));
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
      return OptionalInt.of(Integer.parseInt(fields[16]));
    } catch (IOException e) {
      return OptionalInt.empty();
    }
  }

  @Test
  void allThreadsGiveWayAndComeBackWithThoseStartedMeanwhile() throws Exception {
    Set<Integer> before = nices();
    Background background = Background.enter();
    assumeTrue(background.wasEntered(), "SKIPPED: the way back wants CAP_SYS_NICE");
    CountDownLatch over = new CountDownLatch(1);
    Thread thread = Thread.ofPlatform().daemon().start(() -> awaitOver(over));
    assertEquals(Set.of(19), nices());
    assertTrue(background.leave());
    assertEquals(before, nices());
    over.countDown();
    thread.join();
  }

  private static void awaitOver(CountDownLatch over) {
    try {
      over.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
