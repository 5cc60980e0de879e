package dev.sluice.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class NicenessTest {
  /// Field 19 of `/proc/pid/task/tid/stat`, proc_pid_stat(5).
  private static int nice(int thread) throws IOException {
    String stat = Files.readString(Path.of("/proc/self/task/" + thread + "/stat"));
    return Integer.parseInt(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[16]);
  }

  @Test
  void oneThreadGivesWayAndNoOther() throws Exception {
    CountDownLatch told = new CountDownLatch(1);
    CountDownLatch over = new CountDownLatch(1);
    AtomicInteger number = new AtomicInteger();
    Thread thread =
        Thread.ofPlatform()
            .daemon()
            .start(() -> {
              number.set(Niceness.callerThread());
              told.countDown();
              try {
                over.await();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    told.await();
    int mine = Niceness.callerThread();
    int before = nice(mine);
    assertTrue(Niceness.giveWay(number.get()));
    assertEquals(19, nice(number.get()));
    assertEquals(before, nice(mine));
    over.countDown();
    thread.join();
  }

  @Test
  void aThreadThatIsNotThereDoesNotGiveWay() {
    assertFalse(Niceness.giveWay(0));
    assertFalse(Niceness.giveWay(Integer.MAX_VALUE));
  }

  /// What a thread of its own comes to, and what a thread that this one starts is.
  private static int[] afterGoingBefore(boolean niceAtFirst) throws Exception {
    int[] nices = new int[2];
    FutureTask<Boolean> task =
        new FutureTask<>(() -> {
          if (niceAtFirst) {
            Niceness.giveWay(Niceness.callerThread());
          }
          boolean may = Niceness.goBefore();
          nices[0] = nice(Niceness.callerThread());
          FutureTask<Integer> child = new FutureTask<>(() -> nice(Niceness.callerThread()));
          Thread.ofPlatform().start(child);
          nices[1] = child.get();
          return may;
        });
    Thread.ofPlatform().start(task);
    assumeTrue(task.get(), "SKIPPED: going before others wants CAP_SYS_NICE");
    return nices;
  }

  @Test
  void whatAThreadStartsThatGoesBeforeOthersIsOrdinary() throws Exception {
    assumeTrue(nice(Niceness.callerThread()) == 0, "SKIPPED: this process has been made nice");
    assertArrayEquals(new int[] {-10, 0}, afterGoingBefore(false));
  }

  @Test
  void aThreadThatWasMadeNiceStaysSo() throws Exception {
    assertEquals(19, afterGoingBefore(true)[0]);
  }
}
