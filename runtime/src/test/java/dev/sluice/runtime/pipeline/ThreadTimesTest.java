package dev.sluice.runtime.pipeline;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.InputStream;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

final class ThreadTimesTest {
  private static final long LONG = TimeUnit.MILLISECONDS.toNanos(60);

  /// Blocked and waited times are told in whole milliseconds.
  private static final long TRUE_TO = TimeUnit.MILLISECONDS.toNanos(2);

  @BeforeAll
  static void countBeforehand() {
    ThreadTimes.count();
    assertTrue(new ThreadTimes().spentNanos() > 0);
  }

  @FunctionalInterface
  private interface Doing {
    void once() throws Exception;
  }

  private static long spentOn(Doing doing) throws Exception {
    ThreadTimes times = new ThreadTimes();
    long before = times.spentNanos();
    doing.once();
    return times.spentNanos() - before;
  }

  private static void isSpent(Doing doing) throws Exception {
    long spent = spentOn(doing);
    assertTrue(spent >= LONG - TRUE_TO, spent + " ns");
  }

  @Test
  void reckoningIsTold() throws Exception {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    isSpent(() -> {
      long begun = threads.getCurrentThreadCpuTime();
      while (threads.getCurrentThreadCpuTime() - begun < LONG) {
        Thread.onSpinWait();
      }
    });
  }

  @Test
  void sleepingIsTold() throws Exception {
    isSpent(() -> TimeUnit.NANOSECONDS.sleep(LONG));
  }

  @Test
  void parkingIsTold() throws Exception {
    isSpent(() -> {
      long begun = System.nanoTime();
      while (System.nanoTime() - begun < LONG) {
        LockSupport.parkNanos(this, LONG - (System.nanoTime() - begun));
      }
    });
  }

  @Test
  void waitingForAMonitorsNotificationIsTold() throws Exception {
    Object monitor = new Object();
    isSpent(() -> {
      long begun = System.nanoTime();
      synchronized (monitor) {
        while (System.nanoTime() - begun < LONG) {
          TimeUnit.NANOSECONDS.timedWait(monitor, LONG);
        }
      }
    });
  }

  @Test
  void waitingToEnterAMonitorIsTold() throws Exception {
    Object monitor = new Object();
    CountDownLatch held = new CountDownLatch(1);
    Thread waiting = Thread.currentThread();
    Thread holder = Thread.ofPlatform().start(() -> hold(monitor, held, waiting));
    held.await();
    isSpent(() -> {
      synchronized (monitor) {
        assertTrue(Thread.holdsLock(monitor));
      }
    });
    holder.join();
  }

  /// For long after the other wants it.
  private static void hold(Object monitor, CountDownLatch held, Thread waiting) {
    synchronized (monitor) {
      held.countDown();
      while (waiting.getState() != Thread.State.BLOCKED) {
        Thread.onSpinWait();
      }
      long begun = System.nanoTime();
      while (System.nanoTime() - begun < LONG) {
        LockSupport.parkNanos(LONG);
      }
    }
  }

  /// Which is why nobody may be excused for it often.
  @Test
  void whatNativeCodeWaitsForIsNotTold() throws Exception {
    Process writer =
        new ProcessBuilder("/bin/sh", "-c", "read line; sleep 0.3; echo written").start();
    try (InputStream from = writer.getInputStream();
        OutputStream to = writer.getOutputStream()) {
      long spent =
          spentOn(() -> {
            to.write('\n');
            to.flush();
            assertTrue(from.read() > 0);
          });
      assertTrue(spent < TimeUnit.MILLISECONDS.toNanos(150), spent + " ns");
    } finally {
      writer.destroy();
    }
  }

  /// So that a handler is excused for less where it is not exact, and never for more.
  @Test
  void whatIsNotExactIsNeverMore() throws Exception {
    ThreadTimes times = new ThreadTimes();
    for (int i = 0; i < 20; i++) {
      assertTrue(times.aboutSpentNanos() <= times.spentNanos());
      TimeUnit.MILLISECONDS.sleep(7);
    }
    long exact = times.spentNanos();
    TimeUnit.MILLISECONDS.sleep(60);
    assertTrue(times.aboutSpentNanos() >= exact + LONG - TRUE_TO, "older than 50 ms");
  }
}
