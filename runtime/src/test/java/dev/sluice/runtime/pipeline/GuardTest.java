package dev.sluice.runtime.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.plugin.DropReason;
import dev.sluice.plugin.Packet;
import dev.sluice.plugin.PacketHandler;
import dev.sluice.plugin.Verdict;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// A handler on trial that goes wrong costs no packet.
@Timeout(60)
final class GuardTest {
  private static final DropReason TEST = DropReason.of("test-drop");
  private static final Duration LONG = Duration.ofHours(1);
  private static final Duration AMPLE = Duration.ofSeconds(30);
  private static final PacketHandler PASSING = _ -> Verdict.PASS;

  /// Ways to fail that leave the packet where it is.
  enum Wrong {
    THREW,
    NO_VERDICT,
    MISUSED
  }

  static long number(Packet packet) {
    return packet.memory().get(ValueLayout.JAVA_LONG_UNALIGNED, TestDevice.NUMBER_AT);
  }

  private static Guard guard(PacketHandler fallback) {
    return new Guard("test/1", List.of(fallback), 1000, LONG, AMPLE);
  }

  private static void publish(Rig rig, PacketHandler trial, Guard guard) throws Exception {
    publish(rig, new Chain.Link("test/2", List.of(trial), guard));
  }

  private static void publish(Rig rig, Chain.Link link) throws Exception {
    Chain chain = new Chain(List.of(link), Rig.BY_NUMBER, true);
    assertTrue(rig.pipeline.publish(chain, Rig.PATIENCE));
  }

  /// What takes long here is a guard's business.
  static PipelineSettings unwatched(int workThreads) {
    return PipelineSettings.standard(workThreads).withHandlerBudget(Duration.ZERO);
  }

  private static Rig fused() throws Exception {
    Rig rig = new Rig(unwatched(0), TestFrames.udp(60));
    rig.pipeline.start();
    return rig;
  }

  static BundleCounters row(Rig rig, String title) {
    return rig.pipeline.counters().bundles().stream()
        .filter(row -> row.title().equals(title))
        .findFirst()
        .orElseThrow();
  }

  @SuppressWarnings("NullAway") // a handler in the wild may well answer null
  private static Verdict wrong(Wrong how) {
    return switch (how) {
      case THREW -> throw new IllegalStateException("test");
      case NO_VERDICT -> null;
      case MISUSED -> Verdict.TAKEN;
    };
  }

  @ParameterizedTest
  @EnumSource
  void aPacketThatTheTrialFailsAtIsJudgedByTheFallback(Wrong how) throws Exception {
    try (Rig rig = fused()) {
      Guard guard = guard(PASSING);
      publish(rig, packet -> number(packet) == 100 ? wrong(how) : Verdict.PASS, guard);
      rig.left.arrive(1000);
      rig.settle(1000);
      assertEquals(1000, rig.right.sentCount());
      assertEquals(Map.of(), rig.pipeline.counters().dropped());
      CanaryState state = guard.state();
      assertEquals(CanaryState.Phase.FAILED, state.phase());
      assertEquals(CanaryState.Cause.valueOf(how.name()), state.cause());
      assertEquals(101, state.failedAt());
      assertFalse(state.message().isEmpty());
      assertEquals(100, row(rig, "test/2").passed());
      assertEquals(900, row(rig, "test/2").rescued());
      assertEquals(0, row(rig, "test/2").failed());
      assertEquals(900, row(rig, "test/1").passed());
      assertEquals(List.of(), rig.pipeline.counters().imbalances());
    }
  }

  @Test
  void aPacketThatTookLongerThanTheBudgetIsJudgedByTheFallback() throws Exception {
    try (Rig rig = fused()) {
      Guard guard = new Guard("test/1", List.of(TEST_DROP), 1000, LONG, Duration.ofMillis(500));
      publish(
          rig,
          packet -> {
            if (number(packet) == 10) {
              sleep(700);
            }
            return Verdict.PASS;
          },
          guard);
      rig.left.arrive(20);
      rig.settle(20);
      assertEquals(Map.of("test-drop", 10L), rig.pipeline.counters().dropped());
      assertEquals(CanaryState.Cause.SLOW, guard.state().cause());
      assertEquals(11, guard.state().failedAt());
      assertTrue(guard.state().message().endsWith("allowed 500000 us"), guard.state()::message);
    }
  }

  private static final PacketHandler TEST_DROP = _ -> TEST.verdict();

  private static void sleep(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void theFallbackSeesThePacketAsItWas() throws Exception {
    byte[] tagged = TestFrames.udp(200);
    try (Rig rig = new Rig(PipelineSettings.standard(0), tagged)) {
      rig.pipeline.start();
      AtomicInteger same = new AtomicInteger();
      Guard guard = guard(packet -> isAsItWas(packet, tagged, same));
      publish(rig, GuardTest::spoilt, guard);
      rig.left.arrive(1);
      rig.settle(1);
      assertEquals(1, same.get());
      assertEquals(1, rig.right.sentCount());
      assertEquals(CanaryState.Phase.FAILED, guard.state().phase());
    }
  }

  private static Verdict spoilt(Packet packet) {
    packet.setLength(packet.capacity());
    packet.memory().fill((byte) 0xff);
    packet.setLength(33);
    packet.parseAgain();
    packet.setEgress(packet.ingress());
    throw new IllegalStateException("test");
  }

  private static Verdict isAsItWas(Packet packet, byte[] was, AtomicInteger same) {
    MemorySegment template = MemorySegment.ofArray(was);
    int number = TestDevice.NUMBER_AT;
    long head = MemorySegment.mismatch(template, 0, number, packet.memory(), 0, number);
    int after = number + Long.BYTES;
    long tail =
        MemorySegment.mismatch(template, after, was.length, packet.memory(), after, was.length);
    boolean layers =
        packet.networkAt() == 14
            && packet.transportProtocol() == 17
            && packet.transportAt() == 34
            && packet.payloadAt() == 42
            && packet.endAt() == was.length
            && packet.etherType() == 0x0800;
    boolean whole = packet.length() == was.length && packet.egress() != packet.ingress();
    if (head == -1 && tail == -1 && layers && whole && number(packet) == 0) {
      same.incrementAndGet();
    }
    return Verdict.PASS;
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whatWasHandedOverBeforeTheFailureStands(boolean throwing) throws Exception {
    try (Rig rig = fused()) {
      AtomicLong seen = new AtomicLong();
      Guard guard =
          guard(packet -> {
            seen.incrementAndGet();
            return Verdict.PASS;
          });
      publish(
          rig,
          packet -> {
            rig.pipeline.sendPacket(packet.egress(), packet);
            if (throwing) {
              throw new IllegalStateException("test");
            }
            return Verdict.PASS;
          },
          guard);
      rig.left.arrive(500);
      rig.settle(500);
      assertEquals(500, rig.right.sentCount());
      assertEquals(499, seen.get());
      assertEquals(1, rig.pipeline.counters().misuses());
      BundleCounters trial = row(rig, "test/2");
      assertEquals(1, throwing ? trial.failed() : trial.taken());
      assertEquals(499, trial.rescued());
      assertEquals(
          throwing ? CanaryState.Cause.THREW : CanaryState.Cause.MISUSED, guard.state().cause());
      rig.awaitWhole(0);
      assertEquals(List.of(), rig.pipeline.counters().imbalances());
    }
  }

  @Test
  void aHeldPacketStaysHeld() throws Exception {
    try (Rig rig = fused()) {
      Guard guard = guard(TEST_DROP);
      publish(
          rig,
          packet -> {
            packet.hold();
            throw new IllegalStateException("test");
          },
          guard);
      rig.left.arrive(10);
      rig.settle(10);
      assertEquals(1, rig.pipeline.counters().held());
      assertEquals(Map.of("test-drop", 9L), rig.pipeline.counters().dropped());
    }
  }

  @Test
  void aFallbackThatDropsDropsAndIsCountedForIt() throws Exception {
    try (Rig rig = fused()) {
      publish(rig, packet -> wrong(Wrong.THREW), guard(TEST_DROP));
      rig.left.arrive(1000);
      rig.settle(1000);
      assertEquals(Map.of("test-drop", 1000L), rig.pipeline.counters().dropped());
      assertEquals(Map.of("test-drop", 1000L), row(rig, "test/1").dropped());
      assertEquals(0, row(rig, "test/2").in());
      assertEquals(1000, row(rig, "test/2").rescued());
    }
  }

  @Test
  void aFallbackThatFailsHasItsPacketDropped() throws Exception {
    try (Rig rig = fused()) {
      publish(rig, packet -> wrong(Wrong.THREW), guard(packet -> wrong(Wrong.NO_VERDICT)));
      rig.left.arrive(100);
      rig.settle(100);
      assertEquals(Map.of("handler-failed", 100L), rig.pipeline.counters().dropped());
      assertEquals(100, row(rig, "test/1").failed());
      assertEquals(List.of(), rig.pipeline.counters().imbalances());
    }
  }

  @Test
  void ofTwoWorkThreadsThatFailAtOnceOneCauseIsKeptAndBothPacketsAreSaved() throws Exception {
    try (Rig rig = new Rig(unwatched(2), TestFrames.udp(60))) {
      rig.pipeline.start();
      CyclicBarrier both = new CyclicBarrier(2);
      List<PacketHandler> trial = List.of(_ -> failing(both, "one"), _ -> failing(both, "two"));
      List<PacketHandler> before = Collections.nCopies(2, PASSING);
      Guard guard = new Guard("test/1", before, 1000, LONG, AMPLE);
      publish(rig, new Chain.Link("test/2", trial, guard));
      rig.left.arrive(3000);
      rig.settle(3000);
      assertEquals(3000, rig.right.sentCount());
      CanaryState state = guard.state();
      assertEquals(CanaryState.Phase.FAILED, state.phase());
      assertTrue(state.message().matches("threw .*Exception: (one|two)"), state::message);
      assertEquals(state, guard.state());
      assertEquals(3000, row(rig, "test/2").rescued());
    }
  }

  private static Verdict failing(CyclicBarrier both, String who) {
    try {
      both.await(30, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
    throw new IllegalStateException(who);
  }

  @Test
  void aTrialThatIsPassedNoLongerSavesPackets() throws Exception {
    try (Rig rig = fused()) {
      Guard guard = new Guard("test/1", List.of(PASSING), 1, Duration.ZERO, AMPLE);
      publish(rig, packet -> number(packet) == 0 ? Verdict.PASS : wrong(Wrong.THREW), guard);
      rig.left.arrive(1);
      rig.settle(1);
      assertEquals(CanaryState.Phase.PASSED, guard.state().phase());
      assertFalse(guard.state().byTimeAlone());
      rig.left.arrive(9);
      rig.settle(10);
      assertEquals(Map.of("handler-failed", 9L), rig.pipeline.counters().dropped());
      assertEquals(CanaryState.Phase.PASSED, guard.state().phase());
      assertEquals(0, row(rig, "test/2").rescued());
    }
  }

  @Test
  void aTrialWithoutPacketsWaitsAndOneWithFewPassesByTimeAlone() throws Exception {
    try (Rig rig = fused()) {
      Guard guard = new Guard("test/1", List.of(PASSING), 1000, Duration.ofMillis(300), AMPLE);
      assertEquals(CanaryState.Phase.RUNNING, guard.state().phase());
      publish(rig, PASSING, guard);
      Rig.await("time over", () -> guard.state().phase() != CanaryState.Phase.RUNNING);
      assertEquals(CanaryState.Phase.WAITING, guard.state().phase());
      rig.left.arrive(1);
      rig.settle(1);
      Rig.await("its longest", () -> guard.state().phase() == CanaryState.Phase.PASSED);
      CanaryState state = guard.state();
      assertTrue(state.byTimeAlone());
      assertEquals(1, state.packets());
    }
  }

  /// As at a start, where the ports receive some time after the chain is in force.
  @Test
  void aTrialIsNotPassedByAFirstPacketThatComesLate() throws Exception {
    Guard guard = new Guard("test/1", List.of(PASSING), 1000, Duration.ofMillis(100), AMPLE);
    guard.begin();
    Thread.sleep(100 * (Guard.LONGEST + 1));
    long now = System.nanoTime();
    assertTrue(guard.judged(0, Verdict.PASS, null, true, now, 0));
    assertEquals(CanaryState.Phase.WAITING, guard.state().phase());
    assertFalse(guard.judged(0, null, "threw", true, now, 0));
    assertEquals(CanaryState.Phase.FAILED, guard.state().phase());
  }

  @Test
  void aTrialOfManyYearsIsNotPassedByFewPackets() throws Exception {
    Guard guard = new Guard("test/1", List.of(PASSING), 1000, Duration.ofDays(12_000), AMPLE);
    Judgement.begunWell(guard, 100);
    assertEquals(CanaryState.Phase.RUNNING, guard.state().phase());
  }

  @Test
  void aTrialIsNotPassedBeforeItsPacketsHaveCome() throws Exception {
    try (Rig rig = fused()) {
      Guard guard = new Guard("test/1", List.of(PASSING), 100, Duration.ofSeconds(5), AMPLE);
      Guard over = new Guard("test/1", List.of(PASSING), 100, Duration.ofMillis(500), AMPLE);
      publish(rig, PASSING, over);
      rig.left.arrive(50);
      rig.settle(50);
      Thread.sleep(600);
      assertEquals(CanaryState.Phase.RUNNING, guard.state().phase());
      assertEquals(CanaryState.Phase.WAITING, over.state().phase());
      rig.left.arrive(50);
      rig.settle(100);
      assertEquals(CanaryState.Phase.PASSED, over.state().phase());
    }
  }

  @Test
  void aTrialIsNotPassedBeforeItsTimeIsOver() throws Exception {
    try (Rig rig = fused()) {
      Guard guard = new Guard("test/1", List.of(PASSING), 1, LONG, AMPLE);
      publish(rig, PASSING, guard);
      rig.left.arrive(10_000);
      rig.settle(10_000);
      assertEquals(CanaryState.Phase.RUNNING, guard.state().phase());
      assertEquals(10_000, guard.state().packets());
    }
  }

  @Test
  void aTrialGoesOnInTheNextChainWithTheSameGuardAndEndsWithoutIt() throws Exception {
    try (Rig rig = fused()) {
      Guard guard = guard(PASSING);
      PacketHandler trial = packet -> number(packet) < 10 ? wrong(Wrong.THREW) : TEST.verdict();
      publish(rig, trial, guard);
      rig.left.arrive(10);
      rig.settle(10);
      publish(rig, trial, guard);
      rig.left.arrive(10);
      rig.settle(20);
      assertEquals(20, rig.right.sentCount());
      assertEquals(20, row(rig, "test/2").rescued());
      publish(rig, new Chain.Link("test/2", List.of(trial)));
      rig.left.arrive(10);
      rig.settle(30);
      assertEquals(20, rig.right.sentCount());
      assertEquals(10, row(rig, "test/2").droppedTotal());
      assertEquals(CanaryState.Phase.FAILED, guard.state().phase());
    }
  }

  @Test
  void bothTickAndATickThatThrowsFailsTheTrial() throws Exception {
    try (Rig rig = fused()) {
      AtomicInteger ticks = new AtomicInteger();
      Guard guard = guard(new Ticking(ticks::incrementAndGet));
      publish(
          rig,
          new Ticking(() -> {
            throw new IllegalStateException("test");
          }),
          guard);
      Rig.await("failed", () -> guard.state().phase() == CanaryState.Phase.FAILED);
      assertEquals(CanaryState.Cause.TICK_THREW, guard.state().cause());
      assertEquals(0, guard.state().failedAt());
      int seen = ticks.get();
      Rig.await("ticks go on", () -> ticks.get() > seen + 2);
      assertTrue(row(rig, "test/2").ticksFailed() > 0);
      assertEquals(0, row(rig, "test/2").failed());
    }
  }

  private record Ticking(Runnable onTick) implements PacketHandler {
    @Override
    public Verdict receive(Packet packet) {
      return Verdict.PASS;
    }

    @Override
    public void tick(long nowNanos) {
      onTick.run();
    }
  }

  @Test
  void aHandlerThatIsStuckFailsTheTrialAndCostsOnePacket() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    try (Rig rig = new Rig(PipelineSettings.standard(0), TestFrames.udp(60))) {
      rig.pipeline.start();
      Guard guard = guard(PASSING);
      publish(
          rig,
          packet -> {
            awaited(release);
            return TEST.verdict();
          },
          guard);
      rig.left.arrive(1);
      Rig.await("failed", () -> guard.state().phase() == CanaryState.Phase.FAILED);
      assertEquals(CanaryState.Cause.STUCK, guard.state().cause());
      assertFalse(guard.state().message().isEmpty());
      Rig.await("flow in quarantine", () -> rig.pipeline.quarantinedFlows() == 1);
      rig.pipeline.releaseFlows();
      rig.left.arrive(1000);
      rig.settle(1001);
      assertEquals(Map.of("handler-stuck", 1L), rig.pipeline.counters().dropped());
      assertEquals(1000, rig.right.sentCount());
      assertEquals(1, rig.pipeline.counters().chain().stuck());
      assertEquals(List.of(), rig.pipeline.counters().imbalances());
    } finally {
      release.countDown();
    }
  }

  private static void awaited(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aGuardThatCannotServeIsRefused() throws Exception {
    try (Rig rig = fused()) {
      Guard two = new Guard("test/1", List.of(PASSING, PASSING), 1, LONG, AMPLE);
      assertThrows(IllegalArgumentException.class, () -> publish(rig, PASSING, two));
      List<PacketHandler> one = List.of(PASSING);
      Duration less = Duration.ofNanos(-1);
      assertThrows(IllegalArgumentException.class, () -> new Guard("a/1", one, 0, LONG, AMPLE));
      assertThrows(IllegalArgumentException.class, () -> new Guard("a/1", one, 1, less, AMPLE));
      assertThrows(
          IllegalArgumentException.class, () -> new Guard("a/1", one, 1, LONG, Duration.ZERO));
      List<PacketHandler> many = Collections.nCopies(65, PASSING);
      assertThrows(IllegalArgumentException.class, () -> new Guard("a/1", many, 1, LONG, AMPLE));
      Guard longest =
          new Guard("a/1", one, 1, Duration.ofSeconds(Long.MAX_VALUE), Duration.ofDays(999_999));
      assertEquals(CanaryState.Phase.RUNNING, longest.state().phase());
    }
  }
}
