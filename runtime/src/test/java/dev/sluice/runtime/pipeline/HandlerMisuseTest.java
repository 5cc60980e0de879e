package dev.sluice.runtime.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.plugin.Device;
import dev.sluice.plugin.DropReason;
import dev.sluice.plugin.Packet;
import dev.sluice.plugin.PacketHandler;
import dev.sluice.plugin.Verdict;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What a handler does wrong harms neither other handlers nor other packets.
@Timeout(60)
final class HandlerMisuseTest {
  private static final DropReason TEST = DropReason.of("test-drop");

  /// Ways to have no packet any more and to go on as if one had it.
  enum GivenAway {
    HELD_THEN_PASS,
    SENT_THEN_PASS,
    SENT_THEN_ANSWERED,
    SENT_THEN_DROP,
    SENT_THEN_THROWN
  }

  private static long number(Packet packet) {
    return packet.memory().get(ValueLayout.JAVA_LONG_UNALIGNED, TestDevice.NUMBER_AT);
  }

  @ParameterizedTest
  @EnumSource
  void noHandlerSeesAPacketThatTheOneBeforeGaveAway(GivenAway how) throws Exception {
    try (Rig rig = new Rig(PipelineSettings.standard(1), TestFrames.udp(60))) {
      AtomicInteger seen = new AtomicInteger();
      PacketHandler first = packet -> givenAway(rig, packet, how);
      PacketHandler second =
          _ -> {
            seen.incrementAndGet();
            return Verdict.ANSWERED;
          };
      Chain.Link one = new Chain.Link("test/1", List.of(first));
      Chain.Link two = new Chain.Link("test/2", List.of(second));
      assertTrue(
          rig.pipeline.publish(new Chain(List.of(one, two), Rig.BY_NUMBER, true), Rig.PATIENCE));
      rig.pipeline.start();
      rig.left.arrive(1000);
      rig.settle(1000);
      assertEquals(0, seen.get());
      PipelineCounters counters = rig.pipeline.counters();
      assertEquals(1000, counters.misuses());
      assertEquals(1000, counters.forwarded() + counters.held());
      rig.awaitWhole(counters.held());
    }
  }

  private static Verdict givenAway(Rig rig, Packet packet, GivenAway how) {
    if (how == GivenAway.HELD_THEN_PASS) {
      packet.hold();
      return Verdict.PASS;
    }
    rig.pipeline.sendPacket(packet.egress(), packet);
    return switch (how) {
      case SENT_THEN_ANSWERED -> Verdict.ANSWERED;
      case SENT_THEN_DROP -> TEST.verdict();
      case SENT_THEN_THROWN -> throw new StackOverflowError("test");
      default -> Verdict.PASS;
    };
  }

  @Test
  void dataThatCannotBeReadCostNoFrame() throws Exception {
    PipelineSettings settings = PipelineSettings.standard(0);
    try (Rig rig = new Rig(settings, TestFrames.udp(60))) {
      rig.pipeline.start();
      Device right = rig.pipeline.devices().get(1);
      MemorySegment closed;
      try (Arena arena = Arena.ofConfined()) {
        closed = arena.allocate(100);
      }
      MemorySegment foreign = confinedElsewhere();
      for (int i = 0; i < 2 * settings.dataFrames(); i++) {
        assertThrows(
            IllegalStateException.class, () -> rig.pipeline.sendData(right, closed), "closed");
        assertThrows(
            WrongThreadException.class, () -> rig.pipeline.sendData(right, foreign), "foreign");
      }
      MemorySegment good = MemorySegment.ofArray(TestFrames.udp(60));
      assertTrue(rig.pipeline.sendData(right, good));
      Rig.await("sent", () -> rig.right.sentCount() == 1);
      rig.awaitWhole(0);
    }
  }

  @Test
  void aDropWithoutAReasonLeavesThePacketToItsHolder() throws Exception {
    try (Rig rig = new Rig(PipelineSettings.standard(0), TestFrames.udp(60))) {
      AtomicReference<Packet> held = new AtomicReference<>();
      rig.publish(_ ->
          packet -> {
            packet.hold();
            held.set(packet);
            return Verdict.TAKEN;
          });
      rig.pipeline.start();
      rig.left.arrive(1);
      rig.settle(1);
      Packet packet = held.get();
      assertThrows(NullPointerException.class, () -> dropForNothing(rig, packet));
      assertEquals(1, rig.pipeline.counters().held());
      rig.pipeline.drop(packet, TEST);
      assertThrows(IllegalStateException.class, () -> rig.pipeline.drop(packet, TEST));
      assertEquals(0, rig.pipeline.counters().held());
      rig.awaitWhole(0);
    }
  }

  @SuppressWarnings("NullAway") // as a bundle in the wild may well do
  private static void dropForNothing(Rig rig, Packet packet) {
    rig.pipeline.drop(packet, null);
  }

  @Test
  void aPacketOfALargerGatewayIsRefused() throws Exception {
    PipelineSettings few =
        new PipelineSettings(
            0,
            64,
            64,
            64,
            64,
            16,
            Idle.Kind.POLL,
            PipelineSettings.Affinity.OFF,
            List.of(),
            Set.of());
    try (Rig large = new Rig(PipelineSettings.standard(0), TestFrames.udp(60));
        Rig small = new Rig(few, TestFrames.udp(60))) {
      ConcurrentLinkedQueue<Packet> held = new ConcurrentLinkedQueue<>();
      large.publish(_ ->
          packet -> {
            packet.hold();
            held.add(packet);
            return Verdict.TAKEN;
          });
      large.pipeline.start();
      large.left.arrive(100);
      large.settle(100);
      assertEquals(100, held.size());
      Device right = small.pipeline.devices().get(1);
      for (Packet packet : held) {
        assertThrows(
            IllegalArgumentException.class, () -> small.pipeline.sendPacket(right, packet));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void aHandlerThatInterruptsItsThreadInterruptsNobodyElse(int workThreads) throws Exception {
    try (Rig rig = new Rig(PipelineSettings.standard(workThreads), TestFrames.udp(60))) {
      AtomicInteger interrupted = new AtomicInteger();
      rig.publish(_ -> new Interrupting(interrupted));
      rig.right.sink((_, _) -> countInterrupt(interrupted));
      rig.pipeline.start();
      for (int i = 1; i <= 50; i++) {
        rig.left.arrive(1);
        rig.settle(i);
      }
      assertEquals(0, interrupted.get());
    }
  }

  private static void countInterrupt(AtomicInteger interrupted) {
    if (Thread.currentThread().isInterrupted()) {
      interrupted.incrementAndGet();
    }
  }

  /// Interrupts its own thread, as code does that has caught an InterruptedException.
  private record Interrupting(AtomicInteger seen) implements PacketHandler {
    @Override
    public Verdict receive(Packet packet) {
      countInterrupt(seen);
      Thread.currentThread().interrupt();
      return Verdict.PASS;
    }

    @Override
    public void tick(long nowNanos) {
      Thread.currentThread().interrupt();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void aHeldPacketLeavesBehindThoseThatPassedBeforeIt(int workThreads) throws Exception {
    try (Rig rig = new Rig(PipelineSettings.standard(workThreads), TestFrames.udp(60))) {
      AtomicReference<@Nullable Packet> held = new AtomicReference<>();
      AtomicInteger disorder = new AtomicInteger();
      long[] last = {-1};
      rig.right.sink((frame, _) -> {
        long number = frame.get(ValueLayout.JAVA_LONG_UNALIGNED, TestDevice.NUMBER_AT);
        if (number != last[0] + 1) {
          disorder.incrementAndGet();
        }
        last[0] = number;
      });
      rig.publish(_ -> packet -> everyThirdIsHeld(rig, packet, held));
      rig.pipeline.start();
      rig.left.arrive(1500);
      rig.settle(1500);
      assertEquals(0, disorder.get());
      assertEquals(1500, rig.right.sentCount());
    }
  }

  /// Passes 0, holds 1, releases 1 before it passes 2.
  private static Verdict everyThirdIsHeld(
      Rig rig, Packet packet, AtomicReference<@Nullable Packet> held) {
    if (number(packet) % 3 == 1) {
      packet.hold();
      held.set(packet);
      return Verdict.TAKEN;
    }
    Packet before = held.getAndSet(null);
    if (before != null) {
      rig.pipeline.sendPacket(before.egress(), before);
    }
    return Verdict.PASS;
  }

  @Test
  void aThrowableThatCannotBeToldIsToldByItsClass() throws Exception {
    try (Rig rig = new Rig(PipelineSettings.standard(0), TestFrames.udp(60))) {
      rig.publish(_ ->
          _ -> {
            throw new Untellable();
          });
      rig.pipeline.start();
      rig.left.arrive(10);
      rig.settle(10);
      PipelineCounters.Handler row = rig.pipeline.counters().handlers().getFirst();
      assertEquals(10, row.failed());
      assertEquals(Untellable.class.getName(), row.failure());
    }
  }

  private static final class Untellable extends RuntimeException {
    private static final long serialVersionUID = 1;

    @Override
    public String getMessage() {
      throw new NoClassDefFoundError("test");
    }
  }

  /// A segment that only a thread which has ended may use.
  private static MemorySegment confinedElsewhere() throws InterruptedException {
    AtomicReference<MemorySegment> made = new AtomicReference<>();
    Thread.ofPlatform().start(() -> made.set(Arena.ofConfined().allocate(100))).join();
    return made.get();
  }
}
