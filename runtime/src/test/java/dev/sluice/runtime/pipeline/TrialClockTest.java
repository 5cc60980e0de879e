package dev.sluice.runtime.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.kernel.Affinity;
import dev.sluice.kernel.KernelException;
import dev.sluice.plugin.Packet;
import dev.sluice.plugin.PacketHandler;
import dev.sluice.plugin.Verdict;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

final class TrialClockTest {
  private static final PacketHandler PASSING = packet -> Verdict.PASS;
  private static final long MILLI = 1_000_000;
  private static final int RIVALS = 4;

  /// Excuses for up to 100 ms.
  private final Guard guard = guard(10);

  private long waited;
  private long spent = -1;
  private int readings;
  private final TrialClock clock = new TrialClock(this::read, () -> spent, () -> spent);

  private static Guard guard(int budgetMillis) {
    Duration budget = Duration.ofMillis(budgetMillis);
    return new Guard("test/1", List.of(PASSING), 1, Duration.ofMinutes(1), budget);
  }

  private long read() {
    readings++;
    return waited;
  }

  @Test
  void whatWasWaitedIsTakenOff() {
    waited = 500;
    clock.begin(10);
    waited += 30 * MILLI;
    assertEquals(20 * MILLI, clock.counted(50 * MILLI, 0, guard));
  }

  @Test
  void nothingIsTakenOffWhereNobodyWaited() {
    waited = 500;
    clock.begin(10);
    assertEquals(50 * MILLI, clock.counted(50 * MILLI, 0, guard));
  }

  @Test
  void noMoreIsTakenOffThanThereIs() {
    clock.begin(10);
    waited += 80 * MILLI;
    assertEquals(0, clock.counted(50 * MILLI, 0, guard));
  }

  /// Another thread has taken over, which has waited for less.
  @Test
  void lessThanBeforeTakesNothingOff() {
    waited = 90 * MILLI;
    clock.begin(10);
    waited = 5 * MILLI;
    assertEquals(50 * MILLI, clock.counted(50 * MILLI, 0, guard));
  }

  @Test
  void whatWasWaitedForAnEarlierPacketIsNotTakenOff() {
    clock.begin(10);
    waited += 40 * MILLI;
    clock.begin(10 + 45 * MILLI);
    waited += MILLI;
    assertEquals(49 * MILLI, clock.counted(50 * MILLI, 0, guard));
  }

  @Test
  void whatIsNotToldIsNotTakenOff() {
    waited = -1;
    clock.begin(10);
    waited = 40 * MILLI;
    assertEquals(50 * MILLI, clock.counted(50 * MILLI, 0, guard));
    clock.begin(10 + 60 * MILLI);
    waited = -1;
    assertEquals(50 * MILLI, clock.counted(50 * MILLI, 0, guard));
  }

  @Test
  void oneReadingServesAMillisecond() {
    assertTrue(clock.begin(10));
    assertFalse(clock.begin(20));
    assertFalse(clock.begin(MILLI));
    assertEquals(1, readings);
    assertTrue(clock.begin(2 * MILLI));
    assertEquals(2, readings);
  }

  /// 30 ms, of which 5 were spent and the rest is not told.
  private long countedOfFive(int worker) {
    spent = 7 * MILLI;
    clock.begin(10 * MILLI * readings);
    spent += 5 * MILLI;
    return clock.counted(30 * MILLI, worker, guard);
  }

  @Test
  void whatNobodyTellsOfIsTakenOff() {
    assertEquals(5 * MILLI, countedOfFive(0));
  }

  @Test
  void whatNobodyTellsOfIsTakenOffThreeTimesInATrial() {
    for (int i = 0; i < 3; i++) {
      assertEquals(5 * MILLI, countedOfFive(0));
    }
    assertEquals(30 * MILLI, countedOfFive(0));
    assertEquals(5 * MILLI, countedOfFive(1)); // each WorkThread has its own
  }

  @Test
  void moreThanThreeBudgetsAreNotTakenOffWhereNobodyTells() {
    spent = 7 * MILLI;
    clock.begin(10);
    assertEquals(33 * MILLI, clock.counted(33 * MILLI, 0, guard));
    waited += 4 * MILLI;
    assertEquals(0, clock.counted(33 * MILLI, 0, guard));
  }

  /// Not one of the three is used up by a packet that is slow all the same.
  @Test
  void whatWasSpentCounts() {
    for (int i = 0; i < 9; i++) {
      spent = 7 * MILLI;
      clock.begin(10 * MILLI * i);
      spent += 29 * MILLI;
      assertEquals(30 * MILLI, clock.counted(30 * MILLI, 0, guard));
    }
    assertEquals(5 * MILLI, countedOfFive(0));
  }

  @Test
  void whatWasWaitedIsNotSpent() {
    for (int i = 0; i < 9; i++) {
      spent = 7 * MILLI;
      clock.begin(10 * MILLI * i);
      spent += 5 * MILLI;
      waited += 41 * MILLI;
      assertEquals(9 * MILLI, clock.counted(50 * MILLI, 0, guard));
    }
    assertEquals(5 * MILLI, countedOfFive(0));
  }

  /// Another thread has taken over, which has spent less; or nothing is told.
  @Test
  void whereNotToldWhatWasSpentAllCounts() {
    long[][] readings = {{900 * MILLI, 5 * MILLI}, {-1, 5 * MILLI}, {5 * MILLI, -1}};
    for (int i = 0; i < readings.length; i++) {
      spent = readings[i][0];
      clock.begin(10 * MILLI * i);
      spent = readings[i][1];
      assertEquals(30 * MILLI, clock.counted(30 * MILLI, 0, guard));
    }
  }

  @Test
  void nobodyIsExcusedForMoreThanTenBudgets() {
    spent = 0;
    clock.begin(10);
    waited += 500 * MILLI;
    assertEquals(0, clock.counted(100 * MILLI, 0, guard));
    assertEquals(110 * MILLI, clock.counted(110 * MILLI, 0, guard));
  }

  @Test
  void timeWithinTheBudgetIsToldAsItWas() {
    clock.begin(10);
    waited += 5 * MILLI;
    assertEquals(10 * MILLI, clock.counted(10 * MILLI, 0, guard));
    assertEquals(1, readings);
  }

  /// Keeps a thread's processor busy with others, and takes 400 ms that way.
  private static Verdict takingTurns(Packet packet) {
    AtomicBoolean over = new AtomicBoolean();
    try {
      int cpu = Affinity.allowedCpus()[0];
      for (int i = 0; i < RIVALS; i++) {
        Thread.ofPlatform().daemon().start(() -> spin(cpu, over));
      }
      Affinity.pin(cpu);
    } catch (KernelException e) {
      throw new IllegalStateException(e);
    }
    long begun = System.nanoTime();
    while (System.nanoTime() - begun < 400 * MILLI) {
      Thread.onSpinWait();
    }
    over.set(true);
    return Verdict.PASS;
  }

  private static void spin(int cpu, AtomicBoolean over) {
    try {
      Affinity.pin(cpu);
    } catch (KernelException e) {
      throw new IllegalStateException(e);
    }
    while (!over.get()) {
      Thread.onSpinWait();
    }
  }

  private static CanaryState.Phase phaseAfterOne(PacketHandler trial) throws Exception {
    return phaseAfter(1, trial);
  }

  private static CanaryState.Phase phaseAfter(int packets, PacketHandler trial) throws Exception {
    try (Rig rig = new Rig(GuardTest.unwatched(0), TestFrames.udp(60))) {
      rig.pipeline.start();
      Guard guard = guard(250);
      Chain.Link link = new Chain.Link("test/2", List.of(trial), guard);
      rig.pipeline.publish(new Chain(List.of(link), Rig.BY_NUMBER, true), Rig.PATIENCE);
      for (int i = 1; i <= packets; i++) {
        rig.left.arrive(1);
        rig.settle(i);
      }
      return guard.state().phase();
    }
  }

  @Test
  void handlerWhoseProcessorOthersTakeIsNotSlow() throws Exception {
    assertEquals(CanaryState.Phase.RUNNING, phaseAfterOne(TrialClockTest::takingTurns));
  }

  /// By its own time, however much others take meanwhile.
  @Test
  void handlerThatReckonsForLongIsSlow() throws Exception {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    PacketHandler reckoning =
        packet -> {
          long begun = threads.getCurrentThreadCpuTime();
          while (threads.getCurrentThreadCpuTime() - begun < 400 * MILLI) {
            Thread.onSpinWait();
          }
          return Verdict.PASS;
        };
    assertEquals(CanaryState.Phase.FAILED, phaseAfterOne(reckoning));
  }

  @Test
  void handlerThatSleepsIsSlow() throws Exception {
    PacketHandler sleeping =
        packet -> {
          try {
            TimeUnit.MILLISECONDS.sleep(400);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          return Verdict.PASS;
        };
    assertEquals(CanaryState.Phase.FAILED, phaseAfterOne(sleeping));
  }

  /// Waits for another process, in native code, 300 ms.
  private static Verdict reading(Packet packet) {
    try {
      Process writer = new ProcessBuilder("/bin/sh", "-c", "sleep 0.3; echo written").start();
      try (InputStream from = writer.getInputStream()) {
        assertTrue(from.read() > 0);
        return Verdict.PASS;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void handlerWhoseThreadIsKeptIsExcusedThreeTimes() throws Exception {
    assertEquals(CanaryState.Phase.RUNNING, phaseAfter(3, TrialClockTest::reading));
    assertEquals(CanaryState.Phase.FAILED, phaseAfter(4, TrialClockTest::reading));
  }
}
