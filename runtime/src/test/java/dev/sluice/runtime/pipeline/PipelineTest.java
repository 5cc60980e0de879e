package dev.sluice.runtime.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.kernel.LinkState;
import dev.sluice.plugin.Device;
import dev.sluice.plugin.DropReason;
import dev.sluice.plugin.Packet;
import dev.sluice.plugin.PacketHandler;
import dev.sluice.plugin.Verdict;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
final class PipelineTest {
  private static final DropReason TEST = DropReason.of("test-drop");

  private static long number(Packet packet) {
    return packet.memory().get(ValueLayout.JAVA_LONG_UNALIGNED, TestDevice.NUMBER_AT);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void nothingPassesBeforeTheFirstChain(int workThreads) throws Exception {
    try (Rig rig = new Rig(PipelineSettings.standard(workThreads), TestFrames.udp(60))) {
      rig.pipeline.start();
      rig.left.arrive(1000);
      rig.settle(1000);
      assertEquals(Map.of("no-chain", 1000L), rig.pipeline.counters().dropped());
      assertEquals(0, rig.right.sentCount());
      rig.awaitWhole(0);
    }
  }

  @Test
  void aChainThatIsNotOpenLetsNothingPass() throws Exception {
    try (Rig rig = new Rig(PipelineSettings.standard(0), TestFrames.udp(60))) {
      Chain open = rig.chain(_ -> _ -> Verdict.PASS);
      rig.pipeline.publish(new Chain(open.links(), open.hash(), false), Rig.PATIENCE);
      rig.pipeline.start();
      rig.left.arrive(100);
      rig.settle(100);
      assertEquals(Map.of("no-chain", 100L), rig.pipeline.counters().dropped());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  void aMillionPacketsOfEveryFateAreConservedAndNoFrameLeaks(int workThreads) throws Exception {
    byte[][] templates = {
      TestFrames.udp(60),
      TestFrames.udp(1514),
      TestFrames.udp(60),
      TestFrames.lyingUdp(),
      TestFrames.fragment(),
      TestFrames.udp(124),
      TestFrames.udp(764),
    };
    try (Rig rig = new Rig(PipelineSettings.standard(workThreads), templates);
        FateHandler.Keeper keeper = new FateHandler.Keeper(rig.pipeline)) {
      rig.publish(_ -> new FateHandler(rig.pipeline, keeper));
      rig.pipeline.start();
      long perSide = 500_000;
      rig.left.arrive(perSide);
      rig.right.arrive(perSide);
      rig.settle(2 * perSide);
      Rig.await("keeper is done", () -> rig.pipeline.counters().held() == 0);
      rig.awaitWhole(0);
      PipelineCounters counters = rig.pipeline.counters();
      assertEquals(
          counters.received(),
          counters.forwarded() + counters.answered() + counters.droppedTotal());
      assertEquals(counters.forwarded(), rig.left.sentCount() + rig.right.sentCount());
      for (String reason :
          List.of("malformed", "fragment", "test-drop", "handler-failed", "handler-misuse")) {
        assertTrue(counters.dropped().getOrDefault(reason, 0L) > 1000, reason + " in " + counters);
      }
      assertTrue(counters.answered() > 1000 && counters.forwarded() > 1000, counters.toString());
      assertTrue(keeper.kept() > 1000, "kept " + keeper.kept());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3})
  void orderIsKeptPerWorkThread(int workThreads) throws Exception {
    try (Rig rig = new Rig(PipelineSettings.standard(workThreads), TestFrames.udp(60))) {
      int workers = rig.pipeline.workThreads();
      long[] last = new long[workers];
      AtomicLong disorder = new AtomicLong();
      rig.right.sink((frame, _) -> {
        int worker = frame.get(ValueLayout.JAVA_BYTE, 50);
        long number = frame.get(ValueLayout.JAVA_LONG_UNALIGNED, TestDevice.NUMBER_AT);
        if (number < last[worker]) {
          disorder.incrementAndGet();
        }
        last[worker] = number;
      });
      rig.publish(worker ->
          packet -> {
            packet.memory().set(ValueLayout.JAVA_BYTE, 50, (byte) worker);
            return number(packet) % 7 == 0 ? sent(rig, packet) : Verdict.PASS;
          });
      rig.pipeline.start();
      for (int i = 0; i < 100; i++) {
        rig.left.arrive(1000);
        rig.settle((i + 1) * 1000L);
      }
      assertEquals(0, disorder.get());
      assertEquals(100_000, rig.right.sentCount());
    }
  }

  private static Verdict sent(Rig rig, Packet packet) {
    rig.pipeline.sendPacket(packet.egress(), packet);
    return Verdict.TAKEN;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  void publishReturnsOnlyWhenNobodyUsesTheOldChain(int workThreads) throws Exception {
    try (Rig rig = new Rig(PipelineSettings.standard(workThreads), TestFrames.udp(60))) {
      rig.pipeline.start();
      rig.left.arrive(Long.MAX_VALUE / 2);
      AtomicInteger late = new AtomicInteger();
      for (int generation = 1; generation <= 200; generation++) {
        int mine = generation;
        AtomicInteger inForce = new AtomicInteger(mine);
        rig.publish(_ ->
            _ -> {
              if (inForce.get() != mine) {
                late.incrementAndGet();
              }
              return Verdict.PASS;
            });
        Chain next = rig.chain(_ -> _ -> Verdict.PASS);
        assertTrue(rig.pipeline.publish(next, Rig.PATIENCE));
        inForce.set(-1);
      }
      assertEquals(0, late.get());
      assertEquals(400, rig.pipeline.generation());
      rig.left.stop();
    }
  }

  @Test
  void publishSaysWhenAThreadDoesNotLeaveTheOldChain() throws Exception {
    try (Rig rig = new Rig(PipelineSettings.standard(1), TestFrames.udp(60))) {
      java.util.concurrent.CountDownLatch gate = new java.util.concurrent.CountDownLatch(1);
      java.util.concurrent.CountDownLatch stuck = new java.util.concurrent.CountDownLatch(1);
      rig.publish(_ ->
          _ -> {
            stuck.countDown();
            awaitUninterrupted(gate);
            return Verdict.PASS;
          });
      rig.pipeline.start();
      rig.left.arrive(1);
      Rig.await("handler is stuck", () -> stuck.getCount() == 0);
      Chain next = rig.chain(_ -> _ -> Verdict.PASS);
      assertFalse(rig.pipeline.publish(next, Duration.ofMillis(50)));
      gate.countDown();
      assertTrue(rig.pipeline.publish(next, Rig.PATIENCE));
    }
  }

  private static void awaitUninterrupted(java.util.concurrent.CountDownLatch gate) {
    try {
      gate.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void aHandlerThatStaysKeepsItsCounters() throws Exception {
    try (Rig rig = new Rig(PipelineSettings.standard(0), TestFrames.udp(60))) {
      PacketHandler stays = _ -> Verdict.PASS;
      rig.publish(_ -> stays);
      rig.pipeline.start();
      rig.left.arrive(10);
      rig.settle(10);
      Chain.Link first = new Chain.Link("test/1", List.of(stays));
      Chain.Link second = new Chain.Link("test/2", List.of((Packet _) -> TEST.verdict()));
      rig.pipeline.publish(new Chain(List.of(first, second), Rig.BY_NUMBER, true), Rig.PATIENCE);
      rig.left.arrive(10);
      rig.settle(20);
      List<PipelineCounters.Handler> rows = rig.pipeline.counters().handlers();
      assertEquals(20, rows.get(0).passed());
      assertEquals(10, rows.get(1).dropped());
    }
  }

  @Test
  void whatALinkThatIsDownDoesNotTakeIsDropped() throws Exception {
    try (Rig rig = new Rig(PipelineSettings.standard(0), TestFrames.udp(60))) {
      rig.publish(_ -> _ -> Verdict.PASS);
      rig.right.link(LinkState.NO_CARRIER);
      rig.pipeline.start();
      rig.left.arrive(10_000);
      rig.settle(10_000);
      assertEquals(Map.of("device-refused", 10_000L), rig.pipeline.counters().dropped());
      rig.right.link(LinkState.UP);
      rig.left.arrive(10);
      rig.settle(10_010);
      assertEquals(10, rig.right.sentCount());
      rig.awaitWhole(0);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  void aDeviceThatIsFullDropsAndRecovers(int workThreads) throws Exception {
    try (Rig rig = new Rig(PipelineSettings.standard(workThreads), TestFrames.udp(60))) {
      rig.publish(_ -> _ -> Verdict.PASS);
      rig.right.accepts(false);
      rig.pipeline.start();
      rig.left.arrive(100_000);
      Rig.await("all came in", () -> rig.pipeline.counters().received() == 100_000);
      rig.right.accepts(true);
      rig.settle(100_000);
      PipelineCounters counters = rig.pipeline.counters();
      assertTrue(counters.droppedTotal() > 0, counters.toString());
      assertTrue(counters.forwarded() > 0, counters.toString());
      rig.awaitWhole(0);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void aDeviceThatIsNeverQuiteEmptyLosesNothing(int workThreads) throws Exception {
    try (Rig rig = new Rig(PipelineSettings.standard(workThreads), TestFrames.udp(60))) {
      rig.publish(_ -> _ -> Verdict.PASS);
      rig.right.keepsBack(1);
      rig.pipeline.start();
      int rounds = 200;
      for (int i = 1; i <= rounds; i++) {
        rig.left.arrive(64);
        long taken = i * 64L - 1;
        Rig.await("all but one taken", () -> fates(rig) >= taken);
      }
      rig.right.keepsBack(0);
      rig.settle(rounds * 64L);
      assertEquals(Map.of(), rig.pipeline.counters().dropped());
      rig.awaitWhole(0);
    }
  }

  private static long fates(Rig rig) {
    PipelineCounters counters = rig.pipeline.counters();
    return counters.forwarded() + counters.droppedTotal();
  }

  @Test
  void sendDataFromManyThreadsIsSentOrRefusedAndCounted() throws Exception {
    try (Rig rig = new Rig(PipelineSettings.standard(2), TestFrames.udp(60))) {
      rig.publish(_ -> _ -> Verdict.PASS);
      rig.pipeline.start();
      AtomicLong accepted = new AtomicLong();
      int each = 50_000;
      List<Thread> threads =
          List.of(0, 1, 2).stream()
              .map(_ -> Thread.ofPlatform().start(() -> accepted.addAndGet(send(rig, each))))
              .toList();
      for (Thread thread : threads) {
        thread.join();
      }
      Rig.await("all left", () -> rig.right.sentCount() == accepted.get());
      PipelineCounters counters = rig.pipeline.counters();
      assertEquals(3L * each, counters.dataSent() + counters.dataDropped());
      assertEquals(0, counters.forwarded());
      rig.awaitWhole(0);
    }
  }

  private static long send(Rig rig, int times) {
    Device right = rig.pipeline.devices().get(1);
    MemorySegment frame = MemorySegment.ofArray(TestFrames.udp(60));
    long accepted = 0;
    for (int i = 0; i < times; i++) {
      accepted += rig.pipeline.sendData(right, frame) ? 1 : 0;
    }
    return accepted;
  }

  @Test
  void aShortFrameOfTheGatewaysOwnIsPaddedWithZeros() throws Exception {
    try (Rig rig = new Rig(PipelineSettings.standard(0), TestFrames.udp(60))) {
      AtomicLong seen = new AtomicLong(-1);
      rig.right.sink(
          (frame, length) -> seen.set(length * 1000L + frame.get(ValueLayout.JAVA_BYTE, 59)));
      rig.pipeline.start();
      byte[] data = new byte[42];
      java.util.Arrays.fill(data, (byte) 7);
      Device right = rig.pipeline.devices().get(1);
      assertTrue(rig.pipeline.sendData(right, MemorySegment.ofArray(data)));
      Rig.await("sent", () -> seen.get() >= 0);
      assertEquals(60_000, seen.get());
      for (int wrong : new int[] {0, 13, 1793, 65_536}) {
        MemorySegment bad = MemorySegment.ofArray(new byte[wrong]);
        assertThrows(
            IllegalArgumentException.class, () -> rig.pipeline.sendData(right, bad), "" + wrong);
      }
    }
  }

  @Test
  void packetsOfAnotherOwnerAreRefused() throws Exception {
    try (Rig rig = new Rig(PipelineSettings.standard(0), TestFrames.udp(60))) {
      java.util.concurrent.atomic.AtomicReference<Packet> leaked =
          new java.util.concurrent.atomic.AtomicReference<>();
      rig.publish(_ ->
          packet -> {
            leaked.set(packet);
            return Verdict.PASS;
          });
      rig.pipeline.start();
      rig.left.arrive(1);
      rig.settle(1);
      Device right = rig.pipeline.devices().get(1);
      Packet packet = leaked.get();
      assertThrows(IllegalStateException.class, () -> rig.pipeline.sendPacket(right, packet));
      assertThrows(IllegalStateException.class, () -> rig.pipeline.drop(packet, TEST));
      assertThrows(IllegalStateException.class, packet::hold);
      rig.awaitWhole(0);
    }
  }

  @Test
  void afterReceivingHasStoppedWhatIsInFlightHasLeftAndDataStillLeaves() throws Exception {
    try (Rig rig = new Rig(PipelineSettings.standard(2), TestFrames.udp(60))) {
      rig.publish(_ -> _ -> Verdict.PASS);
      rig.pipeline.start();
      rig.left.arrive(Long.MAX_VALUE / 2);
      Rig.await("traffic", () -> rig.pipeline.counters().forwarded() > 10_000);
      rig.pipeline.stopReceiving();
      PipelineCounters stopped = rig.pipeline.counters();
      assertEquals(0, stopped.inFlight());
      Device right = rig.pipeline.devices().get(1);
      assertTrue(rig.pipeline.sendData(right, MemorySegment.ofArray(TestFrames.udp(60))));
      Rig.await("data left", () -> rig.pipeline.counters().dataSent() == 1);
      assertEquals(stopped.received(), rig.pipeline.counters().received());
      rig.pipeline.stopReceiving();
    }
  }

  @Test
  void closingTakesBackWhatIsHeld() throws Exception {
    Rig rig = new Rig(PipelineSettings.standard(2), TestFrames.udp(60));
    rig.publish(_ ->
        packet -> {
          packet.hold();
          return Verdict.TAKEN;
        });
    rig.pipeline.start();
    rig.left.arrive(100);
    rig.settle(100);
    assertEquals(100, rig.pipeline.counters().held());
    rig.awaitWhole(100);
    rig.close();
    PipelineCounters counters = rig.pipeline.counters();
    assertEquals(0, counters.held());
    assertEquals(Map.of("stopping", 100L), counters.dropped());
    assertEquals(rig.pipeline.totalFrames(), rig.pipeline.freeFrames());
  }

  @Test
  void ticksComeWithoutTraffic() throws Exception {
    try (Rig rig = new Rig(PipelineSettings.standard(2), TestFrames.udp(60))) {
      AtomicInteger ticks = new AtomicInteger();
      rig.publish(_ ->
          new PacketHandler() {
            @Override
            public Verdict receive(Packet packet) {
              return Verdict.PASS;
            }

            @Override
            public void tick(long nowNanos) {
              ticks.incrementAndGet();
            }
          });
      rig.pipeline.start();
      Rig.await("ticks", () -> ticks.get() >= 20);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  void bytesThatThePacketThreadsTookFromTheHeapAreTold(int workThreads) throws Exception {
    Rig rig = new Rig(PipelineSettings.standard(workThreads), TestFrames.udp(60));
    try (rig) {
      assertEquals(0, rig.pipeline.counters().allocatedBytes());
      rig.publish(_ -> new Wasteful());
      rig.pipeline.start();
      rig.left.arrive(1000);
      rig.settle(1000);
      long told = rig.pipeline.counters().allocatedBytes();
      assertTrue(1000 * Wasteful.BYTES <= told, "only " + told);
      assertTrue(told < 100 * 1000 * Wasteful.BYTES, "as many as " + told);
    }
    assertTrue(1000 * Wasteful.BYTES <= rig.pipeline.counters().allocatedBytes());
  }

  /// Allocates what a handler must not.
  private static final class Wasteful implements PacketHandler {
    static final int BYTES = 4096;

    private byte[] wasted = {};

    @Override
    public Verdict receive(Packet packet) {
      wasted = new byte[BYTES + wasted.length % 2];
      return Verdict.PASS;
    }
  }
}
