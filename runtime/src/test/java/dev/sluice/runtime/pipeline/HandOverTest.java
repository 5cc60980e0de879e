package dev.sluice.runtime.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.plugin.Packet;
import dev.sluice.plugin.PacketHandler;
import dev.sluice.plugin.Verdict;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Flows go over to new versions one after the other, each as a whole, and a packet meets all of
/// those that came together or none.
@Timeout(60)
final class HandOverTest {
  private static final int FLOWS = 64;
  private static final int FLOW_AT = 35; // low byte of the source port
  private static final Duration AMPLE = Duration.ofSeconds(30);

  private record Judged(int version, int flow) {}

  private final List<Judged> judged = Collections.synchronizedList(new ArrayList<>());
  private final List<Guard> guards = new ArrayList<>();
  private final List<Chain.Link> links = new ArrayList<>();

  private static Rig rig() throws Exception {
    byte[][] templates = new byte[FLOWS][];
    for (int i = 0; i < FLOWS; i++) {
      templates[i] = TestFrames.udp(60);
      templates[i][FLOW_AT] = (byte) i;
    }
    Rig rig = new Rig(GuardTest.unwatched(0), templates);
    rig.pipeline.start();
    return rig;
  }

  private Verdict judgedBy(int version, Packet packet, long nanos) {
    judged.add(new Judged(version, packet.memory().get(ValueLayout.JAVA_BYTE, FLOW_AT)));
    long begun = System.nanoTime();
    while (System.nanoTime() - begun < nanos) {
      Thread.onSpinWait();
    }
    return Verdict.PASS;
  }

  /// Makes it another flow's.
  private Verdict judgedAnew(int version, Packet packet, long nanos) {
    Verdict verdict = judgedBy(version, packet, nanos);
    byte port = packet.memory().get(ValueLayout.JAVA_BYTE, FLOW_AT);
    packet.memory().set(ValueLayout.JAVA_BYTE, FLOW_AT, (byte) (port + FLOWS));
    return verdict;
  }

  private void link(PacketHandler old, PacketHandler fresh, HandOver handOver) {
    int number = links.size();
    Guard guard = new Guard("old/" + number, List.of(old), 1, Duration.ZERO, AMPLE, handOver);
    guards.add(guard);
    links.add(new Chain.Link("new/" + number, List.of(fresh), guard));
  }

  private void publish(Rig rig) throws Exception {
    assertTrue(rig.pipeline.publish(new Chain(links, Rig.BY_NUMBER, true), Rig.PATIENCE));
  }

  /// Until the last trial is passed.
  ///
  /// @return packets that were sent
  private int run(Rig rig) throws Exception {
    int sent = 0;
    while (guards.getLast().state().phase() != CanaryState.Phase.PASSED) {
      rig.left.arrive(FLOWS);
      rig.settle(sent += FLOWS);
    }
    return sent;
  }

  private void requireOneVersionForEachPacket(int sent) {
    assertEquals(2 * sent, judged.size());
    for (int i = 0; i < 2 * sent; i += 2) {
      assertEquals(judged.get(i).version, judged.get(i + 1).version, "packet " + i / 2);
    }
    assertTrue(judged.stream().anyMatch(each -> each.version == 1));
  }

  /// With a version that is slow, and stays so.
  @Test
  void flowsGoOverOnceAndTheTrialWaitsForTheLast() throws Exception {
    try (Rig rig = rig()) {
      Duration time = Duration.ofMillis(700);
      link(p -> judgedBy(1, p, 0), p -> judgedBy(2, p, 1_000_000), new HandOver(1, time));
      long begun = System.nanoTime();
      publish(rig);
      int sent = run(rig);
      assertTrue(System.nanoTime() - begun >= time.toNanos(), "some flows had not gone over");
      rig.left.arrive(FLOWS);
      rig.settle(sent += FLOWS);
      assertEquals(sent, judged.size());
      assertEquals(sent, rig.right.sentCount());
      assertTrue(judged.subList(sent - FLOWS, sent).stream().allMatch(each -> each.version == 2));
      for (int flow = 0; flow < FLOWS; flow++) {
        List<Integer> versions = versions(flow);
        assertEquals(versions.stream().sorted().toList(), versions, "a flow does not go back");
      }
      BundleCounters before = GuardTest.row(rig, "old/0");
      assertEquals(judged.stream().filter(each -> each.version == 1).count(), before.passed());
      assertEquals(sent, before.passed() + GuardTest.row(rig, "new/0").passed());
      assertEquals(0, GuardTest.row(rig, "new/0").rescued());
      assertEquals(List.of(), rig.pipeline.counters().imbalances());
    }
  }

  private List<Integer> versions(int flow) {
    return judged.stream().filter(each -> each.flow == flow).map(Judged::version).toList();
  }

  /// A check that moves from one bundle to another is made for each packet, also for one that the
  /// first of them makes another flow's.
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void packetMeetsAllNewVersionsOrNone(boolean anew) throws Exception {
    try (Rig rig = rig()) {
      HandOver handOver = new HandOver(1, Duration.ofMillis(500));
      for (long nanos : List.of(0L, 200_000L)) {
        link(p -> judged(anew, 1, p, 0), p -> judged(anew, 2, p, nanos), handOver);
      }
      publish(rig);
      requireOneVersionForEachPacket(run(rig));
    }
  }

  private Verdict judged(boolean anew, int version, Packet packet, long nanos) {
    return anew ? judgedAnew(version, packet, nanos) : judgedBy(version, packet, nanos);
  }

  /// Whichever version is at the packet, and whichever trial ends: it may be at any moment, on any
  /// thread.
  @ParameterizedTest
  @CsvSource({"1,0", "1,1", "2,0", "2,1"})
  void packetMeetsAllNewVersionsOrNoneWhereATrialEndsInTheMidst(int version, int ended)
      throws Exception {
    try (Rig rig = rig()) {
      HandOver handOver = new HandOver(1, Duration.ofHours(1));
      Set<CanaryState.Phase> ends = Collections.synchronizedSet(new HashSet<>());
      PacketHandler ending =
          packet -> {
            if (guards.get(ended).state().packets() > 0) {
              handOver.end();
              ends.add(guards.get(ended).state().phase());
            }
            return judgedBy(version, packet, 0);
          };
      PacketHandler old = version == 1 ? ending : p -> judgedBy(1, p, 0);
      link(old, version == 2 ? ending : p -> judgedBy(2, p, 0), handOver);
      link(p -> judgedBy(1, p, 0), p -> judgedBy(2, p, 0), handOver);
      publish(rig);
      int sent = 0;
      // Shares grow with time, which a quick machine needs more rounds for.
      while (sent < FLOWS * 20 || (judged.getLast().version < 2 && sent < FLOWS * 20_000)) {
        rig.left.arrive(FLOWS);
        rig.settle(sent += FLOWS);
      }
      requireOneVersionForEachPacket(sent);
      assertEquals(2, judged.getLast().version);
      assertEquals(Set.of(CanaryState.Phase.PASSED), ends);
    }
  }
}
