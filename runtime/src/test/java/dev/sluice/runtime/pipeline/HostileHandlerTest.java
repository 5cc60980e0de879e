package dev.sluice.runtime.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.plugin.DropReason;
import dev.sluice.plugin.Packet;
import dev.sluice.plugin.PacketHandler;
import dev.sluice.plugin.Verdict;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Whatever a handler does to its thread, its stack or the heap, the gateway goes on.
@Timeout(120)
final class HostileHandlerTest {
  private static final DropReason TEST = DropReason.of("test-drop");

  private static long number(Packet packet) {
    return packet.memory().get(ValueLayout.JAVA_LONG_UNALIGNED, TestDevice.NUMBER_AT);
  }

  /// What a handler calls at the very end of its stack.
  enum Deep {
    HOLD,
    SEND,
    SEND_HELD,
    DROP_HELD,
    SEND_DATA
  }

  /// Recurses until there is no stack left, and calls us on its way back at each depth until the
  /// call gets through.
  private static final class Recursing implements PacketHandler {
    private final Rig rig;
    private final Deep deep;
    private final ConcurrentLinkedQueue<Packet> held = new ConcurrentLinkedQueue<>();
    private final MemorySegment data = MemorySegment.ofArray(TestFrames.udp(60));
    private boolean done;
    int overflows;

    Recursing(Rig rig, Deep deep) {
      this.rig = rig;
      this.deep = deep;
    }

    @Override
    public Verdict receive(Packet packet) {
      if (number(packet) % 4 == 0) {
        packet.hold();
        held.add(packet);
        return Verdict.TAKEN;
      }
      done = false;
      recurse(packet, 0);
      return Verdict.PASS;
    }

    @SuppressWarnings("InfiniteRecursion") // that is what it is for
    private int recurse(Packet packet, int depth) {
      try {
        return recurse(packet, depth + 1) + 1;
      } catch (StackOverflowError e) {
        if (!done) {
          overflows++;
          act(packet);
          done = true;
        }
        return depth;
      }
    }

    private void act(Packet packet) {
      Packet before = held.peek();
      switch (deep) {
        case HOLD -> {
          packet.hold();
          held.add(packet);
        }
        case SEND -> rig.pipeline.sendPacket(packet.egress(), packet);
        case SEND_DATA -> rig.pipeline.sendData(rig.pipeline.devices().getFirst(), data);
        case SEND_HELD -> release(before, p -> rig.pipeline.sendPacket(p.egress(), p));
        case DROP_HELD -> release(before, p -> rig.pipeline.drop(p, TEST));
      }
    }

    private void release(@Nullable Packet packet, Consumer<Packet> how) {
      if (packet != null) {
        how.accept(packet);
        held.remove(packet);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Deep.class)
  void aCallFromTheEndOfTheStackHappensWholeOrNotAtAll(Deep deep) throws Exception {
    for (int workThreads : new int[] {0, 1}) {
      PipelineSettings settings =
          PipelineSettings.standard(workThreads).withHandlerBudget(Duration.ofSeconds(30));
      try (Rig rig = new Rig(settings, TestFrames.udp(60))) {
        Recursing handler = new Recursing(rig, deep);
        rig.publish(_ -> handler);
        rig.pipeline.start();
        rig.left.arrive(16);
        rig.settle(16);
        rig.publish(_ -> _ -> Verdict.PASS);
        rig.left.arrive(100);
        rig.settle(116);
        PipelineCounters counters = rig.pipeline.counters();
        assertTrue(handler.overflows >= 12, handler.overflows + " overflows");
        assertEquals(0, counters.droppedTotal() - dropped(counters, "test-drop"));
        assertEquals(handler.held.size(), counters.held(), counters.toString());
        Rig.await(
            "own frames left", () -> rig.pipeline.counters().dataSent() >= rig.left.sentCount());
        rig.awaitWhole(counters.held());
      }
    }
  }

  private static long dropped(PipelineCounters counters, String reason) {
    return counters.dropped().getOrDefault(reason, 0L);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  void aHandlerThatRunsOutOfStackOrMemoryLosesItsPacketOnly(int workThreads) throws Exception {
    // An allocation that cannot be had waits for a whole collection first.
    PipelineSettings settings =
        PipelineSettings.standard(workThreads).withHandlerBudget(Duration.ofSeconds(30));
    try (Rig rig = new Rig(settings, TestFrames.udp(60))) {
      rig.publish(_ ->
          packet ->
              switch ((int) (number(packet) % 4)) {
                case 0 -> overflow(1);
                case 1 -> throw new OutOfMemoryError("test");
                case 2 -> tooLarge();
                default -> Verdict.PASS;
              });
      rig.pipeline.start();
      for (int i = 1; i <= 20; i++) {
        rig.left.arrive(20);
        rig.settle(i * 20L);
      }
      PipelineCounters counters = rig.pipeline.counters();
      assertEquals(Map.of("handler-failed", 300L), counters.dropped());
      assertEquals(100, counters.forwarded());
      assertEquals(
          300, counters.handlers().stream().mapToLong(PipelineCounters.Handler::failed).sum());
      rig.awaitWhole(0);
    }
  }

  @SuppressWarnings("InfiniteRecursion") // that is what it is for
  private static Verdict overflow(int depth) {
    return overflow(depth + 1) == Verdict.PASS ? Verdict.PASS : Verdict.ANSWERED;
  }

  private static Verdict tooLarge() {
    long[] large = new long[Integer.MAX_VALUE];
    return large.length == 0 ? Verdict.PASS : Verdict.ANSWERED;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void aHandlerThatRenamesInterruptsOrDemotesItsThreadDoesNoHarm(int workThreads) throws Exception {
    try (Rig rig = new Rig(PipelineSettings.standard(workThreads), TestFrames.udp(60))) {
      rig.publish(_ -> new Meddling());
      rig.pipeline.start();
      for (int i = 1; i <= 20; i++) {
        rig.left.arrive(20);
        rig.settle(i * 20L);
      }
      assertEquals(400, rig.pipeline.counters().forwarded());
      assertNull(rig.pipeline.failure());
      rig.awaitWhole(0);
    }
  }

  private static final class Meddling implements PacketHandler {
    @Override
    public Verdict receive(Packet packet) {
      meddle();
      return Verdict.PASS;
    }

    @Override
    public void tick(long nowNanos) {
      meddle();
      Thread.currentThread().setDaemon(false); // throws: it runs
    }

    @SuppressWarnings("ThreadPriorityCheck") // as a bundle in the wild may well do
    private static void meddle() {
      Thread thread = Thread.currentThread();
      thread.setName("mine");
      thread.setPriority(Thread.MIN_PRIORITY);
      thread.setContextClassLoader(null);
      thread.setUncaughtExceptionHandler((_, _) -> {
        throw new IllegalStateException("test");
      });
      thread.interrupt();
    }
  }

  @Test
  void aRenamedThreadIsReportedByTheNameItHasHere() throws Exception {
    try (Rig rig = new Rig(PipelineSettings.standard(1), TestFrames.udp(60))) {
      CountDownLatch gate = new CountDownLatch(1);
      AtomicReference<@Nullable Stuck> told = new AtomicReference<>();
      AtomicInteger names = new AtomicInteger();
      rig.pipeline.report(told::set);
      rig.publish(_ ->
          _ -> {
            Thread.currentThread().setName("mine-" + names.incrementAndGet());
            Thread.currentThread().interrupt();
            boolean open = false;
            while (!open) {
              try {
                gate.await();
                open = true;
              } catch (InterruptedException _) {
                // A handler that does not let itself be disturbed.
              }
            }
            return Verdict.PASS;
          });
      rig.pipeline.start();
      rig.left.arrive(1);
      Rig.await("told", () -> told.get() != null);
      assertEquals("work-0", Objects.requireNonNull(told.get()).thread());
      gate.countDown();
    }
  }
}
