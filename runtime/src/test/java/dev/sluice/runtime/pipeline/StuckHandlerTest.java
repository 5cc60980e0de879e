package dev.sluice.runtime.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.plugin.HashFunction;
import dev.sluice.plugin.Packet;
import dev.sluice.plugin.PacketHandler;
import dev.sluice.plugin.Verdict;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// However a handler does not return, its thread is replaced, its frames are accounted for, and the
/// others go on.
@Timeout(120)
final class StuckHandlerTest {
  private static final Duration BUDGET = Duration.ofMillis(50);

  /// Where loops put what they find, so that the compiler cannot leave them out.
  private static final AtomicInteger SINK = new AtomicInteger();

  private static PipelineSettings settings(int workThreads) {
    return PipelineSettings.standard(workThreads).withHandlerBudget(BUDGET);
  }

  private static long number(Packet packet) {
    return packet.memory().get(ValueLayout.JAVA_LONG_UNALIGNED, TestDevice.NUMBER_AT);
  }

  /// Times that the counted loop came to its end.
  private static final AtomicInteger PASSES = new AtomicInteger();

  private static long dropped(Rig rig, String reason) {
    return rig.pipeline.counters().dropped().getOrDefault(reason, 0L);
  }

  /// Ways not to return, until the gate opens.
  enum Way {
    COUNTED_LOOP {
      @Override
      void go(CountDownLatch gate) {
        int sum = 0;
        while (gate.getCount() > 0) {
          for (int i = 0; i < 800_000_000; i++) {
            sum += sum * 31 + i;
          }
          SINK.set(sum);
          PASSES.incrementAndGet();
        }
      }
    },
    UNCOUNTED_LOOP {
      @Override
      void go(CountDownLatch gate) {
        while (gate.getCount() > 0) {
          SINK.incrementAndGet();
        }
      }
    },
    SLEEP {
      @Override
      void go(CountDownLatch gate) {
        while (gate.getCount() > 0) {
          sleep();
        }
      }
    },
    MONITOR {
      @Override
      void go(CountDownLatch gate) {
        Object lock = new Object();
        CountDownLatch locked = new CountDownLatch(1);
        Thread.ofPlatform()
            .daemon()
            .start(() -> {
              synchronized (lock) {
                locked.countDown();
                await(gate);
              }
            });
        await(locked);
        synchronized (lock) {
          SINK.incrementAndGet();
        }
      }
    };

    abstract void go(CountDownLatch gate);
  }

  private static void sleep() {
    try {
      Thread.sleep(10);
    } catch (InterruptedException _) {
      // A handler that does not let itself be disturbed.
    }
  }

  private static void await(CountDownLatch gate) {
    boolean open = false;
    while (!open) {
      try {
        gate.await();
        open = true;
      } catch (InterruptedException _) {
        // A handler that does not let itself be disturbed.
      }
    }
  }

  /// A rig whose incidents are collected.
  private static final class Watched implements AutoCloseable {
    final Rig rig;
    final ConcurrentLinkedQueue<Stuck> incidents = new ConcurrentLinkedQueue<>();
    final CountDownLatch gate = new CountDownLatch(1);

    Watched(PipelineSettings settings) throws Exception {
      rig = new Rig(settings, TestFrames.udp(60));
      rig.pipeline.report(incidents::add);
    }

    Stuck firstIncident() {
      return incident(1);
    }

    Stuck incident(int which) {
      Rig.await("incident " + which, () -> incidents.size() >= which);
      return List.copyOf(incidents).get(which - 1);
    }

    /// All frames are accounted for, also those of the threads that were stuck.
    void assertWhole(long received) {
      rig.settle(received);
      PipelineCounters now = rig.pipeline.counters();
      assertEquals(0, now.inFlight(), now.toString());
      gate.countDown();
      Rig.await("stuck threads end", () -> rig.pipeline.stuckThreads() == 0);
      rig.awaitWhole(now.held());
      PipelineCounters later = rig.pipeline.counters();
      assertEquals(now.dropped(), later.dropped());
      assertEquals(now.forwarded(), later.forwarded());
      assertEquals(now.answered(), later.answered());
      assertEquals(now.held(), later.held());
      assertNull(rig.pipeline.failure());
    }

    @Override
    public void close() {
      gate.countDown();
      rig.close();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "COUNTED_LOOP, 0",
    "COUNTED_LOOP, 2",
    "UNCOUNTED_LOOP, 0",
    "UNCOUNTED_LOOP, 2",
    "SLEEP, 0",
    "SLEEP, 2",
    "MONITOR, 0",
    "MONITOR, 2"
  })
  void anotherThreadTakesOverAndTheCulpritIsNamed(Way way, int workThreads) throws Exception {
    try (Watched watched = new Watched(settings(workThreads))) {
      Rig rig = watched.rig;
      AtomicReference<PacketHandler> culprit = new AtomicReference<>();
      // Compiled before it matters: an interpreted loop can be stopped anywhere.
      CountDownLatch briefly = new CountDownLatch(1);
      Thread warm = Thread.ofPlatform().daemon().start(() -> way.go(briefly));
      Thread.sleep(100);
      briefly.countDown();
      warm.join();
      AtomicLong waited = new AtomicLong();
      AtomicInteger passes = new AtomicInteger(-1);
      rig.pipeline.report(stuck -> {
        waited.addAndGet(System.nanoTime());
        passes.addAndGet(PASSES.get());
        watched.incidents.add(stuck);
      });
      rig.publish(worker ->
          new PacketHandler() {
            @Override
            public Verdict receive(Packet packet) {
              if (number(packet) == 100) {
                culprit.set(this);
                passes.set(-PASSES.get());
                waited.set(-System.nanoTime());
                way.go(watched.gate);
              }
              return Verdict.PASS;
            }
          });
      rig.pipeline.start();
      rig.left.arrive(1000);
      Stuck stuck = watched.firstIncident();
      assertSame(culprit.get(), stuck.instance().orElseThrow());
      assertEquals("test/1", stuck.bundle());
      assertEquals(Stuck.Call.RECEIVE, stuck.call());
      assertEquals(1, stuck.generation());
      assertTrue(stuck.lives());
      assertTrue(rig.pipeline.isStuck(culprit.get()));
      assertTrue(stuck.where().contains("StuckHandlerTest"), stuck.where());
      assertTrue(stuck.packet().contains("from left, udp 10."), stuck.packet());
      assertFalse(stuck.deadlocked());
      long millis = waited.get() / 1_000_000;
      System.out.println(
          way + "/" + workThreads + ": told after " + millis + " ms: " + stuck.text());
      assertTrue(millis < 5000, stuck.text());
      assertEquals(0, passes.get(), "it was let in only when a counted loop had ended");
      // The instance is not called again, and what it would have judged is dropped.
      rig.settle(1000);
      long dropped = dropped(rig, "handler-stuck");
      assertTrue(dropped >= 1, () -> rig.pipeline.counters().toString());
      rig.publish(_ -> _ -> Verdict.PASS);
      rig.pipeline.releaseFlows();
      rig.left.arrive(500);
      rig.settle(1500);
      assertEquals(dropped, dropped(rig, "handler-stuck"));
      watched.assertWhole(1500);
      assertFalse(stuck.lives());
    }
  }

  @Test
  void theOtherWorkThreadLosesNothing() throws Exception {
    try (Watched watched = new Watched(settings(2))) {
      Rig rig = watched.rig;
      rig.publish(worker ->
          packet -> {
            if (worker == 1) {
              await(watched.gate);
            }
            return Verdict.PASS;
          });
      rig.pipeline.start();
      for (int i = 1; i <= 20; i++) {
        rig.left.arrive(100);
        rig.pipeline.releaseFlows();
        rig.settle(i * 100L);
        sleep();
      }
      watched.firstIncident();
      PipelineCounters counters = rig.pipeline.counters();
      List<PipelineCounters.Handler> rows = counters.handlers();
      assertEquals(counters.forwarded(), rows.get(0).passed());
      long stuck = dropped(rig, "handler-stuck");
      long quarantined = dropped(rig, "flow-quarantined");
      assertEquals(2000, rows.get(0).passed() + stuck + quarantined);
      assertEquals(1, watched.incidents.size());
      watched.assertWhole(2000);
    }
  }

  @Test
  void aDeadlockOfTwoHandlersIsCalledSo() throws Exception {
    try (Watched watched = new Watched(settings(2))) {
      Rig rig = watched.rig;
      Object first = new Object();
      Object second = new Object();
      CountDownLatch both = new CountDownLatch(2);
      rig.publish(worker ->
          _ -> {
            synchronized (worker == 0 ? first : second) {
              both.countDown();
              await(both);
              synchronized (worker == 0 ? second : first) {
                return Verdict.PASS;
              }
            }
          });
      rig.pipeline.start();
      rig.left.arrive(100);
      Stuck one = watched.incident(1);
      Stuck other = watched.incident(2);
      assertTrue(one.deadlocked() && other.deadlocked(), one.text() + "; " + other.text());
      assertEquals(1, one.worker() + other.worker());
      rig.settle(100);
      assertEquals(0, rig.pipeline.counters().forwarded());
      // These two threads never end; their frames stay out of the pool, and nothing else does.
      assertEquals(2, rig.pipeline.stuckThreads());
      rig.awaitWhole(2);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  void aTickThatDoesNotReturnCostsNoPacket(int workThreads) throws Exception {
    try (Watched watched = new Watched(settings(workThreads))) {
      Rig rig = watched.rig;
      rig.publish(worker -> worker == 0 ? new StuckTick(watched.gate) : _ -> Verdict.PASS);
      rig.pipeline.start();
      Stuck stuck = watched.firstIncident();
      assertEquals(Stuck.Call.TICK, stuck.call());
      assertEquals("", stuck.packet());
      rig.publish(_ -> _ -> Verdict.PASS);
      rig.left.arrive(1000);
      rig.settle(1000);
      assertEquals(1000, rig.pipeline.counters().forwarded());
      watched.assertWhole(1000);
      assertEquals(1, watched.incidents.size());
    }
  }

  private record StuckTick(CountDownLatch gate) implements PacketHandler {
    @Override
    public Verdict receive(Packet packet) {
      return Verdict.PASS;
    }

    @Override
    public void tick(long nowNanos) {
      StuckHandlerTest.await(gate);
    }
  }

  @Test
  void aHashFunctionThatDoesNotReturnIsReplacedByOurOwn() throws Exception {
    try (Watched watched = new Watched(settings(2))) {
      Rig rig = watched.rig;
      HashFunction hash =
          packet -> {
            if (number(packet) == 100) {
              await(watched.gate);
            }
            return (int) number(packet) * 0x9e3779b9;
          };
      List<PacketHandler> pass = List.of(_ -> Verdict.PASS, _ -> Verdict.PASS);
      Chain chain = new Chain(List.of(new Chain.Link("test/1", pass)), hash, true);
      rig.pipeline.publish(chain, Rig.PATIENCE);
      rig.pipeline.start();
      rig.left.arrive(64);
      rig.settle(64);
      rig.left.arrive(200);
      Stuck stuck = watched.firstIncident();
      assertEquals(Stuck.Call.HASH, stuck.call());
      assertEquals(-1, stuck.worker());
      assertTrue(stuck.packet().contains("udp"), stuck.packet());
      rig.settle(264);
      rig.pipeline.releaseFlows();
      assertEquals(1, dropped(rig, "handler-stuck"));
      long quarantined = dropped(rig, "flow-quarantined");
      assertEquals(263, rig.pipeline.counters().forwarded() + quarantined);
      // The very function is not called again, whoever publishes it.
      rig.pipeline.publish(chain, Rig.PATIENCE);
      rig.left.arrive(1000);
      rig.settle(1264);
      assertEquals(1263, rig.pipeline.counters().forwarded() + quarantined);
      watched.assertWhole(1264);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  void framesHeldByAStuckHandlerStayHeldAndCanStillBeReleased(int workThreads) throws Exception {
    try (Watched watched = new Watched(settings(workThreads))) {
      Rig rig = watched.rig;
      ConcurrentLinkedQueue<Packet> held = new ConcurrentLinkedQueue<>();
      rig.publish(_ ->
          packet -> {
            packet.hold();
            held.add(packet);
            if (held.size() == 50) {
              await(watched.gate);
            }
            return Verdict.TAKEN;
          });
      rig.pipeline.start();
      rig.left.arrive(50);
      watched.firstIncident();
      rig.settle(50);
      assertEquals(50, rig.pipeline.counters().held());
      assertEquals(0, rig.pipeline.counters().droppedTotal());
      for (Packet packet : held) {
        assertTrue(rig.pipeline.sendPacket(packet.egress(), packet));
      }
      rig.settle(50);
      assertEquals(50, rig.pipeline.counters().forwarded());
      watched.assertWhole(50);
    }
  }

  /// What a handler does when it comes back.
  enum Late {
    PASS,
    HOLD,
    SEND,
    RELEASE_HELD,
    THROW,
    NULL
  }

  @ParameterizedTest
  @EnumSource(Late.class)
  void aHandlerThatComesBackLateChangesNothing(Late late) throws Exception {
    for (int workThreads : new int[] {0, 1, 2}) {
      try (Watched watched = new Watched(settings(workThreads))) {
        ComesBack handler = new ComesBack(watched, late);
        Rig rig = watched.rig;
        rig.publish(_ -> handler);
        rig.pipeline.start();
        rig.left.arrive(40);
        watched.firstIncident();
        rig.settle(40);
        rig.publish(_ -> _ -> Verdict.PASS);
        rig.pipeline.releaseFlows();
        rig.left.arrive(1000);
        rig.settle(1040);
        PipelineCounters before = rig.pipeline.counters();
        watched.gate.countDown();
        Rig.await("stuck threads end", () -> rig.pipeline.stuckThreads() == 0);
        boolean asksForMore = late == Late.HOLD || late == Late.SEND || late == Late.RELEASE_HELD;
        assertEquals(asksForMore ? 1 : 0, handler.refused.get());
        rig.settle(1040);
        PipelineCounters after = rig.pipeline.counters();
        assertEquals(before.held(), after.held());
        assertEquals(before.forwarded(), after.forwarded());
        assertEquals(before.dropped(), after.dropped());
        rig.awaitWhole(after.held());
      }
    }
  }

  private static final class ComesBack implements PacketHandler {
    final AtomicInteger refused = new AtomicInteger();
    private final Watched watched;
    private final Late late;
    private final AtomicReference<Packet> first = new AtomicReference<>();

    ComesBack(Watched watched, Late late) {
      this.watched = watched;
      this.late = late;
    }

    @Override
    public Verdict receive(Packet packet) {
      if (number(packet) == 0) {
        packet.hold();
        first.set(packet);
        return Verdict.TAKEN;
      }
      if (number(packet) != 20) {
        return Verdict.PASS;
      }
      await(watched.gate);
      return comeBack(packet);
    }

    @SuppressWarnings("NullAway") // as a bundle in the wild may well do
    private Verdict comeBack(Packet packet) {
      Pipeline pipeline = watched.rig.pipeline;
      try {
        switch (late) {
          case HOLD -> packet.hold();
          case SEND -> pipeline.sendPacket(packet.egress(), packet);
          case RELEASE_HELD -> pipeline.sendPacket(packet.egress(), first.get());
          case THROW -> throw new StackOverflowError();
          case NULL -> {
            return null;
          }
          case PASS -> {
            return Verdict.PASS;
          }
        }
      } catch (IllegalStateException e) {
        refused.incrementAndGet();
      }
      return Verdict.TAKEN;
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  void publishDoesNotWaitForAThreadThatIsReplaced(int workThreads) throws Exception {
    try (Watched watched = new Watched(settings(workThreads))) {
      Rig rig = watched.rig;
      CountDownLatch entered = new CountDownLatch(1);
      rig.publish(_ ->
          _ -> {
            entered.countDown();
            await(watched.gate);
            return Verdict.PASS;
          });
      rig.pipeline.start();
      rig.left.arrive(10);
      await(entered);
      rig.publish(_ -> _ -> Verdict.PASS);
      watched.firstIncident();
      rig.pipeline.releaseFlows();
      rig.left.arrive(1000);
      watched.assertWhole(1010);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  void theVeryInstanceIsNotCalledAgainWhoeverPublishesIt(int workThreads) throws Exception {
    try (Watched watched = new Watched(settings(workThreads))) {
      Rig rig = watched.rig;
      AtomicInteger calls = new AtomicInteger();
      PacketHandler handler =
          _ -> {
            calls.incrementAndGet();
            await(watched.gate);
            return Verdict.PASS;
          };
      IntFunction<PacketHandler> handlers = worker -> worker == 0 ? handler : _ -> Verdict.PASS;
      rig.publish(handlers);
      rig.pipeline.start();
      rig.left.arrive(100);
      watched.firstIncident();
      rig.pipeline.releaseFlows();
      rig.publish(handlers);
      rig.left.arrive(100);
      watched.assertWhole(200);
      rig.publish(handlers);
      assertEquals(1, calls.get());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  void closingWhileAHandlerIsStuckAccountsForEachFrame(int workThreads) throws Exception {
    Watched watched = new Watched(settings(workThreads));
    Rig rig = watched.rig;
    rig.publish(_ ->
        packet -> {
          if (number(packet) % 100 == 99) {
            await(watched.gate);
          }
          return Verdict.PASS;
        });
    rig.pipeline.start();
    rig.left.arrive(1000);
    Rig.await("came in", () -> rig.pipeline.counters().received() > 100);
    rig.close();
    PipelineCounters counters = rig.pipeline.counters();
    assertEquals(0, counters.inFlight(), counters.toString());
    assertTrue(rig.left.isClosed() && rig.right.isClosed());
    watched.gate.countDown();
  }

  @Test
  void aStuckFlowIsDroppedBeforeTheHandlersAndOthersAreNot() throws Exception {
    try (Watched watched = new Watched(settings(0))) {
      Rig rig = watched.rig;
      rig.publish(_ -> _ -> Verdict.PASS);
      rig.pipeline.start();
      MemorySegment flow = MemorySegment.ofArray(TestFrames.udp(60));
      rig.pipeline.quarantineFlow(rig.pipeline.devices().getFirst(), flow, Duration.ofSeconds(2));
      rig.publish(_ -> _ -> Verdict.PASS); // the turn under way, which began without it, is over
      rig.left.arrive(100);
      rig.right.arrive(100);
      rig.settle(200);
      assertEquals(100, dropped(rig, "flow-quarantined"));
      assertEquals(100, rig.left.sentCount());
      Rig.await("time is over", () -> rig.pipeline.quarantinedFlows() == 0);
      rig.publish(_ -> _ -> Verdict.PASS);
      rig.left.arrive(100);
      rig.settle(300);
      assertEquals(100, rig.right.sentCount());
    }
  }

  @Test
  void tooManyStuckThreadsAreAFailure() throws Exception {
    try (Watched watched = new Watched(settings(0))) {
      Rig rig = watched.rig;
      rig.pipeline.start();
      for (int i = 1; i <= StuckThreads.MOST + 1; i++) {
        assertNull(rig.pipeline.failure());
        rig.pipeline.releaseFlows();
        rig.pipeline.publish(
            rig.chain(_ ->
                _ -> {
                  await(watched.gate);
                  return Verdict.PASS;
                }),
            Rig.PATIENCE);
        rig.left.arrive(1);
        watched.incident(i);
      }
      Rig.await("failure", () -> rig.pipeline.failure() != null);
      assertEquals(0, rig.pipeline.counters().inFlight());
    }
  }

  @Test
  void aHandlerThatIsSlowButReturnsInTimeKeepsItsThread() throws Exception {
    try (Watched watched = new Watched(settings(1).withHandlerBudget(Duration.ofSeconds(20)))) {
      Rig rig = watched.rig;
      rig.publish(_ ->
          _ -> {
            LockSupport.parkNanos(50_000_000);
            return Verdict.PASS;
          });
      rig.pipeline.start();
      rig.left.arrive(5);
      rig.settle(5);
      assertEquals(5, rig.pipeline.counters().forwarded());
      assertEquals(List.of(), new ArrayList<>(watched.incidents));
    }
  }
}
