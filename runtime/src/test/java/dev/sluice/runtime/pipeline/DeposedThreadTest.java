package dev.sluice.runtime.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.plugin.Device;
import dev.sluice.plugin.Packet;
import dev.sluice.plugin.Verdict;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What a thread that was replaced can still do from inside its handler: nothing to the wire, and
/// nothing to flows that it has no packet of.
@Timeout(120)
final class DeposedThreadTest {
  private static final Duration BUDGET = Duration.ofMillis(50);

  private final AtomicReference<@Nullable Stuck> told = new AtomicReference<>();
  private final AtomicReference<@Nullable IllegalStateException> refusal = new AtomicReference<>();
  private volatile boolean open;

  private Rig rig(int workThreads) throws Exception {
    Rig rig =
        new Rig(
            PipelineSettings.standard(workThreads).withHandlerBudget(BUDGET), TestFrames.udp(60));
    rig.pipeline.report(told::set);
    return rig;
  }

  private static long number(Packet packet) {
    return packet.memory().get(ValueLayout.JAVA_LONG_UNALIGNED, TestDevice.NUMBER_AT);
  }

  private void assertRefused(String call) {
    Rig.await(call + " is refused", () -> refusal.get() != null);
    String said = String.valueOf(Objects.requireNonNull(refusal.get()).getMessage());
    assertTrue(said.startsWith(call + ": the handler took too long"), said);
  }

  /// Sends until it is refused, and stays where it is.
  private Verdict flood(Runnable sendsOne) {
    while (!open) {
      try {
        if (refusal.get() == null) {
          sendsOne.run();
        }
      } catch (IllegalStateException e) {
        refusal.set(e);
      }
      LockSupport.parkNanos(20_000);
    }
    return Verdict.PASS;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void dataIsRefusedFromAThreadThatWasReplaced(int workThreads) throws Exception {
    try (Rig rig = rig(workThreads)) {
      MemorySegment data = MemorySegment.ofArray(TestFrames.udp(60));
      Device to = rig.pipeline.devices().getFirst();
      rig.publish(_ -> _ -> flood(() -> rig.pipeline.sendData(to, data)));
      rig.pipeline.start();
      rig.left.arrive(1);
      assertRefused("sendData");
      assertTrue(rig.pipeline.sendData(to, data), "others may send");
      open = true;
      Rig.await("it has ended", () -> rig.pipeline.stuckThreads() == 0);
      rig.awaitWhole(0);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void heldPacketsAreRefusedFromAThreadThatWasReplaced(int workThreads) throws Exception {
    try (Rig rig = rig(workThreads)) {
      ConcurrentLinkedQueue<Packet> held = new ConcurrentLinkedQueue<>();
      rig.publish(_ ->
          packet -> {
            if (number(packet) == 500) {
              LockSupport.parkNanos(20_000);
              return flood(() -> sendSlowly(rig, held));
            }
            packet.hold();
            held.add(packet);
            return Verdict.TAKEN;
          });
      rig.pipeline.start();
      rig.left.arrive(500 + 1);
      assertRefused("sendPacket");
      assertFalse(held.isEmpty());
      open = true;
      Rig.await("it has ended", () -> rig.pipeline.stuckThreads() == 0);
      held.forEach(packet -> assertTrue(rig.pipeline.sendPacket(packet.egress(), packet)));
      rig.awaitWhole(0);
    }
  }

  private static void sendSlowly(Rig rig, ConcurrentLinkedQueue<Packet> held) {
    Packet packet = Objects.requireNonNull(held.peek());
    rig.pipeline.sendPacket(packet.egress(), packet);
    held.remove(packet);
    LockSupport.parkNanos(1_000_000);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void flowOfAPacketThatWasHandedOnIsNotQuarantined(int workThreads) throws Exception {
    try (Rig rig = rig(workThreads)) {
      rig.publish(_ ->
          packet -> {
            if (number(packet) == 0) {
              rig.pipeline.sendPacket(packet.egress(), packet);
              flood(() -> {});
            }
            return Verdict.PASS;
          });
      rig.pipeline.start();
      rig.left.arrive(1);
      Rig.await("told", () -> told.get() != null);
      assertEquals("", Objects.requireNonNull(told.get()).packet());
      assertEquals(0, rig.pipeline.quarantinedFlows());
      rig.left.arrive(100);
      rig.settle(101);
      assertEquals(0, rig.pipeline.counters().dropped().getOrDefault("flow-quarantined", 0L));
      open = true;
    }
  }
}
