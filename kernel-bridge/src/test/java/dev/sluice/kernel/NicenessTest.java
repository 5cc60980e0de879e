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
import java.util.function.IntSupplier;
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

  /// What a fresh thread comes to.
  private static int[] onAThread(IntSupplier first) throws Exception {
    FutureTask<int[]> task =
        new FutureTask<>(() -> new int[] {first.getAsInt(), Niceness.ofCaller()});
    Thread.ofPlatform().daemon().start(task);
    return task.get();
  }

  private static int asNumber(boolean fact) {
    return fact ? 1 : 0;
  }

  @Test
  void callerGoesAheadAndNoOther() throws Exception {
    int before = Niceness.ofCaller();
    assumeTrue(before == 0, "the tests themselves have another priority");
    int[] after = onAThread(() -> asNumber(Niceness.goAhead()));
    assumeTrue(after[0] == 1, "no CAP_SYS_NICE");
    assertEquals(Niceness.AHEAD, after[1]);
    assertEquals(before, Niceness.ofCaller());
  }

  @Test
  void oneThatGaveWayDoesNotGoAhead() throws Exception {
    int[] after =
        onAThread(() -> {
          Niceness.giveWay(Niceness.callerThread());
          return asNumber(Niceness.goAhead());
        });
    assertArrayEquals(new int[] {0, Niceness.LAST}, after);
  }

  @Test
  void oneThatIsAheadByMoreStaysThere() throws Exception {
    int[] after =
        onAThread(() -> {
          SchedCalls.setPriority(0, Niceness.AHEAD - 1);
          return asNumber(Niceness.goAhead());
        });
    assumeTrue(after[1] < Niceness.AHEAD, "no CAP_SYS_NICE");
    assertArrayEquals(new int[] {1, Niceness.AHEAD - 1}, after);
  }

  @Test
  void aThreadThatIsNotThereDoesNotGiveWay() {
    assertFalse(Niceness.giveWay(0));
    assertFalse(Niceness.giveWay(Integer.MAX_VALUE));
  }
}
