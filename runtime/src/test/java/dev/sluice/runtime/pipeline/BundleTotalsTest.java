package dev.sluice.runtime.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.plugin.DropReason;
import dev.sluice.plugin.Packet;
import dev.sluice.plugin.PacketHandler;
import dev.sluice.plugin.RoundRobin;
import dev.sluice.plugin.Verdict;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntFunction;
import java.util.function.LongPredicate;
import java.util.function.ToLongFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
final class BundleTotalsTest {
  private static final DropReason TEST = DropReason.of("test-drop");
  private static final DropReason OTHER = DropReason.of("test-other-drop");
  private static final int SWAPS = 200;
  private static final int PER_SWAP = 1000;

  private static Chain chain(Chain.Link... links) {
    return new Chain(List.of(links), Rig.BY_NUMBER, true);
  }

  private static List<PacketHandler> all(Rig rig, IntFunction<PacketHandler> handler) {
    List<PacketHandler> handlers = new ArrayList<>();
    for (int i = 0; i < rig.pipeline.workThreads(); i++) {
      handlers.add(handler.apply(i));
    }
    return handlers;
  }

  private static long sum(
      List<BundleCounters> rows, String begin, ToLongFunction<BundleCounters> what) {
    return rows.stream().filter(row -> row.title().startsWith(begin)).mapToLong(what).sum();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  void sumsAreExactAfterManySwapsUnderLoad(int workThreads) throws Exception {
    try (Rig rig = new Rig(PipelineSettings.standard(workThreads), TestFrames.udp(60))) {
      List<PacketHandler> first = all(rig, _ -> packet -> fate(rig, packet, 11));
      List<PacketHandler> last = all(rig, _ -> packet -> fate(rig, packet, 13));
      AtomicReference<String> wrong = new AtomicReference<>("");
      rig.pipeline.start();
      Map<String, Long> before = new HashMap<>();
      List<PacketHandler> old = all(rig, _ -> packet -> fate(rig, packet, 17));
      for (int swap = 1; swap <= SWAPS; swap++) {
        List<PacketHandler> fresh = all(rig, _ -> packet -> fate(rig, packet, 17));
        Guard guard =
            swap % 3 == 0
                ? null
                : new Guard("middle/" + (swap - 1), old, 10, Duration.ZERO, Duration.ofDays(1));
        Chain.Link middle = new Chain.Link("middle/" + swap, fresh, guard);
        rig.left.arrive(PER_SWAP);
        Chain next =
            chain(new Chain.Link("first/1", first), middle, new Chain.Link("last/1", last));
        assertTrue(rig.pipeline.publish(next, Rig.PATIENCE));
        nothingGoesDown(rig.pipeline.counters().bundles(), before, wrong);
        old = fresh;
      }
      rig.settle((long) SWAPS * PER_SWAP);
      assertEquals("", wrong.get());
      assertExact(rig.pipeline.counters());
    }
  }

  private static void assertExact(PipelineCounters counters) {
    assertEquals(List.of(), counters.imbalances());
    List<BundleCounters> rows = counters.bundles();
    long given = counters.chain().given() - counters.chain().closed();
    assertEquals(given, sum(rows, "first/", BundleCounters::in));
    assertEquals(
        sum(rows, "first/", BundleCounters::passed), sum(rows, "middle/", BundleCounters::in));
    assertEquals(
        sum(rows, "middle/", BundleCounters::passed), sum(rows, "last/", BundleCounters::in));
    assertEquals(counters.chain().passed(), sum(rows, "last/", BundleCounters::passed));
    for (String reason : List.of("test-drop", "test-other-drop", "handler-misuse")) {
      long byBundles = sum(rows, "", row -> row.dropped().getOrDefault(reason, 0L));
      assertTrue(byBundles > 0, reason);
      assertEquals(counters.dropped().get(reason), byBundles, reason);
    }
    assertTrue(sum(rows, "middle/", BundleCounters::failed) > 0);
    assertTrue(rows.size() > SWAPS, "rows: " + rows.size());
  }

  private static void nothingGoesDown(
      List<BundleCounters> rows, Map<String, Long> before, AtomicReference<String> wrong) {
    for (BundleCounters row : rows) {
      Long was = before.put(row.title(), row.in());
      if (was != null && row.in() < was) {
        wrong.set(row.title() + " went from " + was + " to " + row.in());
      }
    }
  }

  /// Every kind of end, each now and then, else a pass.
  @SuppressWarnings("NullAway") // a handler in the wild may well answer null
  private static Verdict fate(Rig rig, Packet packet, int every) {
    int number = (int) (GuardTest.number(packet) % (8L * every));
    return switch (number % every == 0 ? number / every : -1) {
      case 0 -> TEST.verdict();
      case 1 -> OTHER.verdict();
      case 2 -> Verdict.ANSWERED;
      case 3 -> Verdict.TAKEN;
      case 4 -> null;
      case 5 -> throw new IllegalStateException("test");
      case 6 -> {
        rig.pipeline.sendPacket(packet.egress(), packet);
        yield Verdict.TAKEN;
      }
      case 7 -> {
        rig.pipeline.sendPacket(packet.egress(), packet);
        yield Verdict.PASS;
      }
      default -> Verdict.PASS;
    };
  }

  @Test
  void aClosedChainIsInTheSumToo() throws Exception {
    try (Rig rig = new Rig(PipelineSettings.standard(1), TestFrames.udp(60))) {
      rig.pipeline.start();
      rig.left.arrive(1000);
      rig.settle(1000);
      PipelineCounters counters = rig.pipeline.counters();
      assertEquals(1000, counters.chain().closed());
      assertEquals(List.of(), counters.imbalances());
      assertEquals(List.of(), counters.bundles());
    }
  }

  @Test
  void packetsRefusedBeforeTheChainAreNotGivenToIt() throws Exception {
    try (Rig rig =
        new Rig(
            PipelineSettings.standard(0),
            TestFrames.udp(60),
            TestFrames.lyingUdp(),
            TestFrames.fragment())) {
      rig.publish(_ -> _ -> Verdict.PASS);
      rig.pipeline.start();
      rig.left.arrive(300);
      rig.settle(300);
      PipelineCounters counters = rig.pipeline.counters();
      assertEquals(200, counters.chain().refused());
      assertEquals(100, counters.chain().given());
      assertEquals(List.of(), counters.imbalances());
    }
  }

  @Test
  void aMissingPacketIsTold() {
    ChainCounters chain = new ChainCounters(1, 0, 8, 8, 0, 0);
    PipelineCounters counters =
        new PipelineCounters(
            10, 8, 0, 0, Map.of(), 0, 0, 0, 0, 1, List.of(), List.of(), chain, List.of());
    assertEquals(1, counters.imbalances().size(), counters.imbalances()::toString);
  }

  /// Passes, and is an object of its own each time.
  private static final class Passing implements PacketHandler {
    @Override
    public Verdict receive(Packet packet) {
      return Verdict.PASS;
    }
  }

  private static Generation next(Generation before, String title) {
    Chain.Link link = new Chain.Link(title, List.of(new Passing()));
    return before.next(new Chain(List.of(link), new RoundRobin(), true));
  }

  private static HandlerCounters only(Generation generation) {
    return generation.handlers().getFirst().getFirst().counters();
  }

  private static BundleTotals after(int titles, Generation first, LongPredicate reached) {
    BundleTotals totals = new BundleTotals(first, reached);
    Generation now = first;
    for (int i = 0; i < titles; i++) {
      now = next(now, "bundle/" + i);
      totals.replaced(now);
      only(now).add(HandlerCounters.PASSED);
    }
    return totals;
  }

  @ParameterizedTest
  @ValueSource(ints = {10, 257, 300})
  void theOldestBundlesAreAddedUpWhenThereAreTooMany(int titles) {
    Generation first = Generation.first(1, new RoundRobin());
    List<BundleCounters> rows = after(titles, first, _ -> true).rows();
    assertEquals(titles, sum(rows, "", BundleCounters::passed));
    assertTrue(rows.size() <= BundleTotals.MOST_TITLES + 1, "rows: " + rows.size());
    assertEquals("bundle/" + (titles - 1), rows.getFirst().title());
    assertEquals(0, rows.getFirst().place());
    // One more is in the chain, and one row is that of the earlier ones.
    int earlier = titles <= BundleTotals.MOST_TITLES + 1 ? 0 : titles - BundleTotals.MOST_TITLES;
    assertEquals(earlier, sum(rows, "(earlier)", BundleCounters::passed), rows::toString);
  }

  @Test
  void whatLeftIsReadOnWhileAThreadMayStillCount() {
    Generation first = Generation.first(1, new RoundRobin());
    boolean[] reached = {false};
    BundleTotals totals = new BundleTotals(first, _ -> reached[0]);
    Generation one = next(first, "one/1");
    totals.replaced(one);
    totals.replaced(next(one, "two/1"));
    only(one).add(HandlerCounters.PASSED);
    assertEquals(1, sum(totals.rows(), "one/1", BundleCounters::in));
    only(one).add(HandlerCounters.PASSED);
    assertEquals(2, sum(totals.rows(), "one/1", BundleCounters::in));
    reached[0] = true;
    assertEquals(2, sum(totals.rows(), "one/1", BundleCounters::in));
    only(one).add(HandlerCounters.PASSED); // by then nobody does so
    assertEquals(2, sum(totals.rows(), "one/1", BundleCounters::in));
    assertEquals(-1, totals.rows().getLast().place());
  }

  @Test
  void handlersThatManyBatchesMetAreTimed() throws Exception {
    try (Rig rig = new Rig(PipelineSettings.standard(0), TestFrames.udp(60))) {
      rig.pipeline.start();
      rig.publish(_ ->
          _ -> {
            long begun = System.nanoTime();
            while (System.nanoTime() - begun < 20_000) {
              Thread.onSpinWait();
            }
            return Verdict.PASS;
          });
      rig.left.arrive(30_000);
      rig.settle(30_000);
      Timing timing = rig.pipeline.counters().bundles().getFirst().timing();
      assertTrue(timing.count() > 0 && timing.count() < 3000, timing::toString);
      assertTrue(timing.percentile(50) >= 20_000, timing::toString);
      assertTrue(timing.percentile(50) <= timing.percentile(99), timing::toString);
      assertTrue(timing.percentile(99) <= timing.max(), timing::toString);
    }
  }

  @Test
  void queuesTellTheirDepthAndTheHighestSinceTheLastReading() throws Exception {
    try (Rig rig = new Rig(PipelineSettings.standard(0), TestFrames.udp(60))) {
      rig.publish(_ -> _ -> Verdict.PASS);
      rig.pipeline.start();
      rig.left.arrive(10_000);
      rig.settle(10_000);
      List<QueueDepth> depths = rig.pipeline.depths();
      assertEquals(List.of("recv-0", "send"), depths.stream().map(QueueDepth::name).toList());
      for (QueueDepth depth : depths) {
        assertEquals(0, depth.now());
        assertTrue(0 < depth.highest() && depth.highest() <= depth.capacity(), depth::toString);
      }
      assertTrue(rig.pipeline.depths().stream().allMatch(depth -> depth.highest() == 0));
    }
  }
}
