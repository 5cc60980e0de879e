package dev.sluice.runtime.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.plugin.DropReason;
import dev.sluice.plugin.Packet;
import dev.sluice.plugin.PacketHandler;
import dev.sluice.plugin.Verdict;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
final class TraceTest {
  private static final DropReason TEST = DropReason.of("test-drop");
  private static final Duration LONG = Duration.ofSeconds(30);

  private static boolean any(Packet packet) {
    return packet.length() > 0;
  }

  /// Passes, and is an object of its own each time.
  private static final class Passing implements PacketHandler {
    @Override
    public Verdict receive(Packet packet) {
      return Verdict.PASS;
    }
  }

  private static void publish(Rig rig, Chain.Link... links) throws Exception {
    Chain chain = new Chain(List.of(links), Rig.BY_NUMBER, true);
    assertTrue(rig.pipeline.publish(chain, Rig.PATIENCE));
  }

  private static Chain.Link link(Rig rig, String title, PacketHandler handler) {
    return new Chain.Link(title, Collections.nCopies(rig.pipeline.workThreads(), handler));
  }

  /// A trace with frames that come once it is in force.
  private static List<TraceRecord> traced(
      Rig rig, int packets, Predicate<Packet> filter, Duration patience, int frames)
      throws Exception {
    long before = rig.pipeline.generation();
    try (ExecutorService other = Executors.newSingleThreadExecutor()) {
      Callable<List<TraceRecord>> task = () -> rig.pipeline.trace(packets, filter, patience);
      Future<List<TraceRecord>> records = other.submit(task);
      Rig.await("trace in force", () -> rig.pipeline.generation() > before);
      rig.left.arrive(frames);
      return records.get();
    }
  }

  private static List<String> told(TraceRecord record) {
    List<String> told = new ArrayList<>();
    record.steps().forEach(step -> told.add(step.bundle() + " " + step.verdict()));
    told.add(record.end());
    return told;
  }

  private static Rig fused() throws Exception {
    Rig rig = new Rig(PipelineSettings.standard(0), TestFrames.udp(60));
    rig.pipeline.start();
    return rig;
  }

  @Test
  void eachHandlerAndTheEndAreTold() throws Exception {
    try (Rig rig = fused()) {
      PacketHandler second = packet -> fate(rig, packet);
      publish(rig, link(rig, "a/1", _ -> Verdict.PASS), link(rig, "b/1", second));
      List<TraceRecord> records = traced(rig, 7, TraceTest::any, LONG, 8);
      List<List<String>> told = records.stream().map(TraceTest::told).toList();
      assertEquals(7, told.size());
      assertTrue(told.contains(List.of("a/1 pass", "b/1 pass", "to right")), told::toString);
      assertTrue(told.contains(List.of("a/1 pass", "b/1 drop test-drop", "drop test-drop")));
      assertTrue(told.contains(List.of("a/1 pass", "b/1 answered", "answered")));
      assertTrue(told.contains(List.of("a/1 pass", "b/1 taken", "drop handler-misuse")));
      assertTrue(told.contains(List.of("a/1 pass", "b/1 failed", "drop handler-failed")));
      assertTrue(told.contains(List.of("a/1 pass", "b/1 taken", "taken")));
      assertTrue(told.contains(List.of("a/1 pass", "b/1 pass", "to left")));
      TraceRecord one = records.getFirst();
      assertEquals("left", one.ingress());
      assertEquals(60, one.length());
      assertEquals("udp 10.104.0.11:4000 > 10.104.0.1:5000", one.flow());
      assertTrue(one.steps().stream().allMatch(step -> step.nanos() >= 0));
      assertFalse(one.cut());
    }
  }

  private static Verdict fate(Rig rig, Packet packet) {
    return switch ((int) GuardTest.number(packet)) {
      case 0 -> TEST.verdict();
      case 1 -> Verdict.ANSWERED;
      case 2 -> Verdict.TAKEN;
      case 3 -> throw new IllegalStateException("test");
      case 4 -> {
        rig.pipeline.sendPacket(packet.egress(), packet);
        yield Verdict.TAKEN;
      }
      case 5 -> {
        packet.setEgress(packet.ingress());
        yield Verdict.PASS;
      }
      default -> Verdict.PASS;
    };
  }

  @Test
  void onlyPacketsThatMatchAreTold() throws Exception {
    try (Rig rig = fused()) {
      publish(rig, link(rig, "a/1", _ -> Verdict.PASS));
      Predicate<Packet> every = packet -> GuardTest.number(packet) % 100 == 99;
      List<TraceRecord> records = traced(rig, 20, every, LONG, 2000);
      assertEquals(20, records.size());
      rig.settle(2000);
      assertEquals(2000, rig.right.sentCount());
      assertEquals(List.of(), rig.pipeline.counters().imbalances());
    }
  }

  @Test
  void aTraceThatFindsNothingEndsInTimeAndLeavesThePlainLoop() throws Exception {
    try (Rig rig = fused()) {
      publish(rig, link(rig, "a/1", _ -> Verdict.PASS));
      long before = rig.pipeline.generation();
      assertEquals(List.of(), traced(rig, 5, _ -> false, Duration.ofMillis(100), 1000));
      assertEquals(before + 2, rig.pipeline.generation());
      rig.left.arrive(30_000);
      rig.settle(31_000);
      assertEquals(31_000, rig.right.sentCount());
      assertEquals(31_000, rig.pipeline.counters().bundles().getFirst().passed());
      assertEquals(List.of(), rig.pipeline.trace(1, TraceTest::any, Duration.ZERO));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  void aChainPublishedMeanwhileIsTracedOn(int workThreads) throws Exception {
    try (Rig rig = new Rig(PipelineSettings.standard(workThreads), TestFrames.udp(60));
        ExecutorService other = Executors.newSingleThreadExecutor()) {
      rig.pipeline.start();
      publish(rig, link(rig, "chain/0", packet -> Verdict.PASS));
      Predicate<Packet> every = packet -> GuardTest.number(packet) % 50 == 7;
      Callable<List<TraceRecord>> task = () -> rig.pipeline.trace(1000, every, LONG);
      Future<List<TraceRecord>> traced = other.submit(task);
      Rig.await("trace in force", () -> rig.pipeline.generation() == 2);
      for (int swap = 1; swap <= 60; swap++) {
        publish(rig, link(rig, "chain/" + swap, new Passing()));
        rig.left.arrive(1000);
        if (swap % 3 == 0) {
          rig.settle(swap * 1000L); // no more than any queue can hold, however slow a trace is
        }
      }
      List<TraceRecord> records = traced.get();
      assertEquals(1000, records.size());
      long chains =
          records.stream().map(each -> each.steps().getFirst().bundle()).distinct().count();
      assertTrue(chains > 5, "chains: " + chains);
      for (TraceRecord record : records) {
        assertEquals(1, record.steps().size());
        assertEquals("to right", record.end());
      }
      assertEquals(60_000, rig.right.sentCount());
      assertEquals(List.of(), rig.pipeline.counters().imbalances());
    }
  }

  @Test
  void aFilterThatThrowsEndsTheTraceAndNoPacket() throws Exception {
    try (Rig rig = fused()) {
      publish(rig, link(rig, "a/1", _ -> Verdict.PASS));
      Predicate<Packet> failing =
          packet -> {
            throw new IllegalStateException("odd filter");
          };
      Exception thrown = assertThrows(Exception.class, () -> traced(rig, 5, failing, LONG, 1000));
      assertTrue(thrown.toString().contains("odd filter"), thrown::toString);
      rig.settle(1000);
      assertEquals(1000, rig.right.sentCount());
      assertEquals(List.of(), rig.pipeline.trace(5, TraceTest::any, Duration.ofMillis(10)));
    }
  }

  @Test
  void aSecondTraceIsRefusedWhileOneRuns() throws Exception {
    try (Rig rig = fused();
        ExecutorService other = Executors.newSingleThreadExecutor()) {
      long before = rig.pipeline.generation();
      Future<List<TraceRecord>> first =
          other.submit(() -> rig.pipeline.trace(1, TraceTest::any, LONG));
      Rig.await("trace in force", () -> rig.pipeline.generation() > before);
      assertThrows(
          IllegalStateException.class,
          () -> rig.pipeline.trace(1, TraceTest::any, Duration.ofMillis(10)));
      rig.left.arrive(1);
      assertEquals(1, first.get().size());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {Integer.MIN_VALUE, -1, 0, 1001})
  void aNumberOfPacketsOutOfRangeIsRefused(int packets) throws Exception {
    try (Rig rig = fused()) {
      assertThrows(
          IllegalArgumentException.class, () -> rig.pipeline.trace(packets, TraceTest::any, LONG));
      assertEquals(0, rig.pipeline.generation());
    }
  }

  @Test
  void aClosedChainIsTracedToo() throws Exception {
    try (Rig rig = fused()) {
      List<TraceRecord> records = traced(rig, 2, TraceTest::any, LONG, 3);
      assertEquals(
          List.of(List.of("drop no-chain"), List.of("drop no-chain")),
          records.stream().map(TraceTest::told).toList());
      rig.settle(3);
      assertEquals(3, rig.pipeline.counters().chain().closed());
      assertEquals(List.of(), rig.pipeline.counters().imbalances());
    }
  }

  @Test
  void aTrialAndWhatItsFallbackSaidAreBothTold() throws Exception {
    try (Rig rig = fused()) {
      PacketHandler trial =
          packet -> {
            throw new IllegalStateException("test");
          };
      Guard guard = new Guard("old/1", List.of(_ -> TEST.verdict()), 1, Duration.ofHours(1), LONG);
      publish(rig, new Chain.Link("new/1", List.of(trial), guard));
      List<List<String>> told =
          traced(rig, 2, TraceTest::any, LONG, 2).stream().map(TraceTest::told).toList();
      assertEquals(
          List.of(
              List.of("new/1 failed", "old/1 drop test-drop", "drop test-drop"),
              List.of("old/1 drop test-drop", "drop test-drop")),
          told);
    }
  }

  @Test
  void moreStepsThanThereIsRoomForAreCut() throws Exception {
    try (Rig rig = fused()) {
      List<Chain.Link> links = new ArrayList<>();
      for (int i = 0; i < TraceSlot.MOST_STEPS + 3; i++) {
        links.add(link(rig, "a/" + i, _ -> Verdict.PASS));
      }
      publish(rig, links.toArray(Chain.Link[]::new));
      TraceRecord record = traced(rig, 1, TraceTest::any, LONG, 1).getFirst();
      assertTrue(record.cut());
      assertEquals(TraceSlot.MOST_STEPS, record.steps().size());
      assertEquals("to right", record.end());
    }
  }
}
