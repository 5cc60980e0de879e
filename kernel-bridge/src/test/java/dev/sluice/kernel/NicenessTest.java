package dev.sluice.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
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
}
