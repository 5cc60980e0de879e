package dev.sluice.runtime.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.kernel.VersionSink;
import dev.sluice.runtime.bench.swap.BadBundle;
import dev.sluice.runtime.bench.swap.MemoryBed;
import dev.sluice.runtime.bench.swap.MemoryTraffic;
import dev.sluice.runtime.bench.swap.OutcomeBoard;
import dev.sluice.runtime.bench.swap.SwapFigures;
import dev.sluice.runtime.bench.swap.SwapPlan;
import dev.sluice.runtime.bench.swap.SwapRun;
import dev.sluice.runtime.bench.swap.SwapTarget;
import dev.sluice.runtime.bench.swap.Witness;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Every bad bundle, deployed over a good one while traffic flows: it has the outcome and the
/// sentence that it must, and no frame notices it.
@Tag("alone")
final class BadBundlesTest {
  private static final int WORK_THREADS = 2;
  private static final long COUNTERS_MILLIS = 500; // the file is up to 200 ms old

  /// Million frames a second: few, for what counts is what becomes of each.
  private static final double MPPS = 0.01;

  @TempDir private Path folder;

  private static List<BadBundle> kinds() {
    return List.of(BadBundle.values());
  }

  @Test
  void eachIsFoundOutAndNoFrameNotices() throws Exception {
    SwapPlan plan =
        new SwapPlan(
            kinds().size(),
            kinds(),
            1,
            Duration.ofSeconds(60),
            Duration.ofMillis(100),
            Duration.ofMillis(1));
    try (MemoryBed bed = MemoryBed.open(folder, "work-threads = " + WORK_THREADS + "\n");
        MemoryBed.Flow flow =
            bed.flow(UdpFrames.versioned(60), UdpFrames.FORBIDDEN_FLOW, MPPS, plan.versions())) {
      SwapFigures figures = new SwapRun(target(bed, flow.witness()), bed.forge(), plan).run();
      MemoryTraffic.Sent sent = flow.stop();
      for (SwapFigures.Kind kind : figures.kinds()) {
        assertEquals(List.of(), kind.surprises(), kind.label());
        assertEquals(0, kind.unexpected(), kind.label());
      }
      assertEquals(1 + kinds().size(), figures.kinds().size());
      Thread.sleep(COUNTERS_MILLIS);
      String counters = bed.counters();
      long failed = figures.failedClosed(SwapRow.dropped(counters), WORK_THREADS);
      VersionSink.Counts counts = flow.witness().counts();
      assertTrue(sent.frames() > 1000, sent.toString());
      // Of those that a stuck handler cost, some may be frames that the bundle would have dropped.
      long least = sent.frames() - sent.forbidden() - failed;
      assertTrue(least <= counts.received() && counts.received() <= least + failed, counters);
      assertTrue(counters.contains("\"forwarded\":" + counts.received() + ","), counters);
      assertTrue(counts.missing() <= failed, counts.toString());
      assertEquals(
          new VersionSink.Counts(counts.received(), 0, 0, counts.missing(), 0, 0, 0, 0, 0), counts);
      assertEquals(0, figures.wrongGeneration(flow.witness()));
      assertEquals(0, SwapFigures.stale(flow.witness(), plan.versions()));
      assertEquals(List.of(), figures.unseenVersions());
      // A thread in an endless loop keeps that bundle, and the one that it was on trial against.
      int left = bed.loaders().leaked();
      assertTrue(left <= 2, () -> "left over: " + left);
    }
  }

  private static SwapTarget target(MemoryBed bed, Witness witness) {
    return new SwapTarget() {
      @Override
      public Path file() {
        return bed.file();
      }

      @Override
      public OutcomeBoard board() {
        return bed.board();
      }

      @Override
      public Witness witness() {
        return witness;
      }

      @Override
      public void placed() {}

      @Override
      public void swapped(int swaps) {}
    };
  }
}
