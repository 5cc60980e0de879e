package dev.sluice.runtime.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.plugin.Device;
import dev.sluice.plugin.DropReason;
import dev.sluice.plugin.Packet;
import dev.sluice.plugin.PacketHandler;
import dev.sluice.plugin.PacketSender;
import dev.sluice.plugin.Verdict;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Whatever handlers do in a rehearsal, the gateway does not notice.
@Timeout(60)
final class RehearsalTest {
  private static final DropReason TEST = DropReason.of("test-drop");
  private static final Duration LIMIT = Duration.ofMillis(300);

  private static Rehearsed rehearsed(Rig rig, PacketHandler... handlers) throws Exception {
    List<Chain.Link> links =
        List.of(handlers).stream().map(each -> new Chain.Link("spare/1", List.of(each))).toList();
    Rehearsed result = rig.pipeline.rehearse(links, LIMIT);
    // On a machine that is busy with other things the thread may get no core in time.
    for (int i = 0; i < 20 && result.leftBehind(); i++) {
      result = rig.pipeline.rehearse(links, LIMIT);
    }
    return result;
  }

  private static Rig rig() throws Exception {
    Rig rig = new Rig(PipelineSettings.standard(0), TestFrames.udp(60));
    rig.publish(_ -> _ -> Verdict.PASS);
    rig.pipeline.start();
    return rig;
  }

  private static void assertUntouched(Rig rig) {
    PipelineCounters counters = rig.pipeline.counters();
    assertEquals(0, counters.received());
    assertEquals(0, counters.dataSent());
    assertEquals(0, counters.misuses());
    assertEquals(0, counters.chain().given());
    assertEquals(0, rig.left.sentCount() + rig.right.sentCount());
    rig.awaitWhole(0);
  }

  private static long sum(Map<String, Long> verdicts) {
    return verdicts.values().stream().mapToLong(Long::longValue).sum();
  }

  @Test
  void whatBecameOfThePacketsIsTold() throws Exception {
    try (Rig rig = rig()) {
      AtomicInteger next = new AtomicInteger();
      Rehearsed result =
          rehearsed(
              rig,
              _ ->
                  switch (next.incrementAndGet() % 4) {
                    case 0 -> TEST.verdict();
                    case 1 -> Verdict.ANSWERED;
                    default -> Verdict.PASS;
                  },
              _ -> Verdict.PASS);
      assertTrue(result.packets() > 1000, result::toString);
      assertEquals(result.packets(), sum(result.verdicts()), result::toString);
      assertEquals(
          List.of("answered", "drop test-drop", "pass"),
          result.verdicts().keySet().stream().sorted().toList());
      assertEquals(0, result.failures());
      assertEquals("", result.firstFailure());
      assertFalse(result.leftBehind());
      assertTrue(result.nanosPerPacketLast() > 0, result::toString);
      assertUntouched(rig);
    }
  }

  @Test
  void packetsSeemToComeInByThePortsOfTheGateway() throws Exception {
    try (Rig rig = rig()) {
      List<Device> devices = rig.pipeline.devices();
      Rehearsed result =
          rehearsed(
              rig,
              packet ->
                  devices.contains(packet.ingress())
                          && packet.ingress().peer().orElseThrow() == packet.egress()
                          && packet.networkAt() >= 0
                      ? (packet.ingress() == devices.getFirst() ? Verdict.PASS : Verdict.ANSWERED)
                      : TEST.verdict());
      assertEquals(
          List.of("answered", "pass"), result.verdicts().keySet().stream().sorted().toList());
    }
  }

  @Test
  @SuppressWarnings("NullAway") // a handler in the wild may well answer null
  void failuresAreCountedAndTheFirstIsTold() throws Exception {
    try (Rig rig = rig()) {
      Rehearsed result =
          rehearsed(
              rig,
              packet -> {
                if (packet.length() == 60) { // as the first of them
                  throw new IllegalStateException("short");
                }
                return null;
              });
      assertEquals(result.packets(), result.failures());
      assertEquals("java.lang.IllegalStateException: short", result.firstFailure());
      assertEquals(Map.of("failed", result.packets()), result.verdicts());
      assertUntouched(rig);
    }
  }

  @Test
  void aHandlerThatDoesNotReturnIsLeftBehind() throws Exception {
    try (Rig rig = rig()) {
      CountDownLatch release = new CountDownLatch(1);
      CountDownLatch released = new CountDownLatch(1);
      long begun = System.nanoTime();
      PacketHandler waiting =
          _ -> {
            try {
              release.await();
            } catch (InterruptedException e) {
              throw new IllegalStateException(e);
            }
            released.countDown();
            return Verdict.PASS;
          };
      Rehearsed result =
          rig.pipeline.rehearse(List.of(new Chain.Link("spare/1", List.of(waiting))), LIMIT);
      assertTrue(System.nanoTime() - begun < 10_000_000_000L);
      assertTrue(result.leftBehind());
      assertEquals(0, result.packets());
      rig.left.arrive(1000);
      rig.settle(1000);
      assertEquals(1000, rig.right.sentCount());
      release.countDown();
      released.await();
      Rig.await(
          "its thread ends",
          () ->
              Thread.getAllStackTraces().keySet().stream()
                  .noneMatch(thread -> thread.getName().equals("rehearsal")));
    }
  }

  @Test
  void handlersThatHoldEveryPacketEndIt() throws Exception {
    try (Rig rig = rig()) {
      Rehearsed result =
          rehearsed(
              rig,
              packet -> {
                packet.hold();
                return Verdict.TAKEN;
              });
      assertTrue(result.packets() >= 64 && result.packets() < 1000, result::toString);
      assertEquals(Map.of("taken", result.packets()), result.verdicts());
      assertFalse(result.leftBehind());
      assertUntouched(rig);
    }
  }

  /// What would leave the gateway.
  private static final class Counting implements PacketSender {
    final AtomicLong calls = new AtomicLong();
    private final List<Device> devices;

    Counting(List<Device> devices) {
      this.devices = devices;
    }

    @Override
    public List<Device> devices() {
      return devices;
    }

    @Override
    public boolean sendPacket(Device sendTo, Packet packet) {
      calls.incrementAndGet();
      return false;
    }

    @Override
    public boolean sendData(Device sendTo, MemorySegment frame) {
      calls.incrementAndGet();
      return false;
    }

    @Override
    public void drop(Packet packet, DropReason reason) {
      calls.incrementAndGet();
    }
  }

  @Test
  void nothingThatIsSentLeaves() throws Exception {
    try (Rig rig = rig()) {
      Counting gateway = new Counting(rig.pipeline.devices());
      BundleSender sender = new BundleSender(gateway);
      MemorySegment data = MemorySegment.ofArray(new byte[60]);
      AtomicInteger refused = new AtomicInteger();
      AtomicInteger next = new AtomicInteger();
      Rehearsed result =
          rehearsed(
              rig,
              packet -> {
                Device left = sender.devices().getFirst();
                switch (next.getAndIncrement() % 3) {
                  case 0 -> refused.addAndGet(sender.sendPacket(left, packet) ? 0 : 1);
                  case 1 -> {
                    packet.hold();
                    sender.drop(packet, TEST);
                  }
                  default -> {
                    refused.addAndGet(sender.sendData(left, data) ? 0 : 1);
                    return Verdict.ANSWERED;
                  }
                }
                return Verdict.TAKEN;
              });
      assertEquals(0, gateway.calls.get());
      assertEquals(0, refused.get());
      assertEquals(0, result.failures(), result::toString);
      assertTrue(result.packets() > 1000, result::toString);
      assertTrue(Math.abs(result.packets() * 2 / 3 - result.sends()) <= 2, result::toString);
      assertUntouched(rig);
      assertFalse(sender.sendData(rig.pipeline.devices().getFirst(), data));
      assertEquals(1, gateway.calls.get(), "on any other thread it is the gateway that sends");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 13, 4096})
  void dataOfALengthThatCannotBeSentIsRefusedAsEver(int bytes) throws Exception {
    try (Rig rig = rig()) {
      BundleSender sender = new BundleSender(rig.pipeline);
      MemorySegment data = MemorySegment.ofArray(new byte[bytes]);
      Rehearsed result =
          rehearsed(
              rig,
              packet -> {
                sender.sendData(packet.ingress(), data);
                return Verdict.PASS;
              });
      assertEquals(result.packets(), result.failures());
      assertTrue(
          result.firstFailure().startsWith("java.lang.IllegalArgumentException: sendData"),
          result::toString);
    }
  }

  @Test
  void aPacketThatIsGivenBackTwiceIsAFailureAsEver() throws Exception {
    try (Rig rig = rig()) {
      BundleSender sender = new BundleSender(rig.pipeline);
      Rehearsed result =
          rehearsed(
              rig,
              packet -> {
                sender.sendPacket(packet.ingress(), packet);
                sender.sendPacket(packet.ingress(), packet);
                return Verdict.TAKEN;
              });
      assertEquals(result.packets(), result.failures());
      assertTrue(result.firstFailure().contains("does not own"), result::toString);
      assertUntouched(rig);
    }
  }

  @Test
  void recentFramesAreRehearsedToo() throws Exception {
    byte[] odd = TestFrames.udp(999);
    try (Rig rig = new Rig(PipelineSettings.standard(0), odd)) {
      rig.publish(_ -> _ -> Verdict.PASS);
      rig.pipeline.start();
      rig.right.arrive(60_000);
      rig.settle(60_000);
      Rehearsed result =
          rehearsed(
              rig,
              packet ->
                  packet.length() == odd.length && packet.ingress().index() == 1
                      ? TEST.verdict()
                      : Verdict.PASS);
      assertTrue(result.verdicts().containsKey("drop test-drop"), result::toString);
      assertTrue(result.verdicts().containsKey("pass"), result::toString);
    }
  }

  @Test
  void whatIsNoSpareChainIsRefused() throws Exception {
    try (Rig rig = rig()) {
      assertThrows(IllegalArgumentException.class, () -> rig.pipeline.rehearse(List.of(), LIMIT));
      PacketHandler passing = _ -> Verdict.PASS;
      List<Chain.Link> two = List.of(new Chain.Link("spare/1", List.of(passing, passing)));
      assertThrows(IllegalArgumentException.class, () -> rig.pipeline.rehearse(two, LIMIT));
      List<Chain.Link> one = List.of(new Chain.Link("spare/1", List.of(passing)));
      assertThrows(
          IllegalArgumentException.class, () -> rig.pipeline.rehearse(one, LIMIT.negated()));
      assertEquals(0, rig.pipeline.rehearse(one, Duration.ZERO).failures());
    }
  }

  @Test
  void rehearsalThatGetsNoTimeHasSomePacketsAllTheSame() throws Exception {
    PacketHandler throwing =
        _ -> {
          throw new IllegalStateException("each one");
        };
    List<Chain.Link> spares = List.of(new Chain.Link("spare/1", List.of(throwing)));
    try (Rig rig = rig()) {
      assertTrue(rig.pipeline.rehearse(spares, Duration.ZERO).failures() > 0);
    }
  }
}
