package dev.sluice.runtime.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.kernel.FramePool;
import dev.sluice.kernel.MemoryDevice;
import dev.sluice.plugin.FlowHash;
import dev.sluice.plugin.MemoryTables;
import dev.sluice.plugin.PacketHandler;
import dev.sluice.plugin.SettingsException;
import dev.sluice.plugins.allowall.AllowAll;
import dev.sluice.plugins.iec104guard.Iec104Guard;
import dev.sluice.plugins.terminalauth.LiveGate;
import dev.sluice.wire.FuzzRun;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Hostile frames against the whole packet path: the gate with a live session, and the built-in
/// bundles behind it. A handler that throws is contained by the pipeline; here it is a bug.
@Timeout(600)
final class ChainFuzzTest {
  private static final int FRAMES = 40_000;

  static Stream<Arguments> runs() {
    return FuzzRun.seeds()
        .boxed()
        .flatMap(seed -> Stream.of(Arguments.of(0, seed), Arguments.of(2, seed)));
  }

  @ParameterizedTest
  @MethodSource("runs")
  void noFrameHarmsThePathOrPassesWithoutASession(int workThreads, long seed) throws Exception {
    PipelineSettings settings = PipelineSettings.standard(workThreads);
    FramePool pool = FramePool.create(settings.poolFrames() + settings.dataFrames());
    List<Port> ports =
        Port.over(
            List.of(
                MemoryDevice.open("fuzz-terminal", pool), MemoryDevice.open("fuzz-master", pool)));
    try (Pipeline pipeline = new Pipeline(settings, pool, ports, new FlowHash(seed));
        LiveGate gate = new LiveGate(ports.get(0), ports.get(1))) {
      assertTrue(pipeline.publish(chain(pipeline, gate, seed), Rig.PATIENCE));
      pipeline.start();
      HostileLine line =
          new HostileLine(
              MemoryDevice.wire("fuzz-terminal"),
              MemoryDevice.wire("fuzz-master"),
              seed,
              gate.hello());
      try {
        run(pipeline, line);
        check(pipeline, gate, line);
      } catch (RuntimeException | AssertionError e) {
        throw new AssertionError(FuzzRun.hint(seed, line.offered()) + ": " + e.getMessage(), e);
      }
    }
  }

  /// The first half lets the path be compiled; in the second it may not allocate.
  private static void run(Pipeline pipeline, HostileLine line) {
    int episodes = Math.max(2, FuzzRun.frames(FRAMES) / HostileLine.EPISODE);
    Runnable settled = () -> settle(pipeline, line);
    for (int i = 0; i < episodes / 2; i++) {
      line.episode(settled);
    }
    line.sparesAdmission();
    Map<Long, Long> before = PathThreads.allocated();
    long offered = line.offered();
    for (int i = episodes / 2; i < episodes; i++) {
      line.episode(settled);
    }
    long grown = PathThreads.allocatedSince(before);
    long frames = line.offered() - offered;
    // What is still interpreted may box a few times; one object for each frame would be 16 bytes.
    assertTrue(grown < 8 * frames, grown + " bytes for " + frames + " frames");
  }

  private static void check(Pipeline pipeline, LiveGate gate, HostileLine line) {
    PipelineCounters counters = pipeline.counters();
    assertEquals(line.offered(), counters.received());
    assertEquals(0, counters.inFlight());
    assertEquals(0, counters.held());
    assertEquals(0, counters.misuses());
    for (PipelineCounters.Handler handler : counters.handlers()) {
      assertEquals(0, handler.failed(), handler.toString());
      assertTrue(handler.passed() > 0, handler.toString());
    }
    Rig.await("whole", () -> pipeline.freeFrames() == pipeline.totalFrames());
    assertNull(pipeline.failure());
    assertTrue(line.toMaster() > 0, "some of the honest segments come through");
    assertTrue(gate.isLive(), "no frame ends the session");
    assertFalse(gate.isStrangerIn());
    assertEquals(List.of(), gate.failures());
  }

  private static void settle(Pipeline pipeline, HostileLine line) {
    long start = System.nanoTime();
    while (true) {
      PipelineCounters now = pipeline.counters();
      if (now.received() == line.offered() && now.inFlight() == 0) {
        return;
      }
      line.drain();
      Throwable failure = pipeline.failure();
      assertNull(failure, () -> "a thread has failed: " + failure);
      assertTrue(System.nanoTime() - start < 20_000_000_000L, () -> "not settled: " + now);
      Thread.onSpinWait();
    }
  }

  private static Chain chain(Pipeline pipeline, LiveGate gate, long seed) {
    int workers = pipeline.workThreads();
    return new Chain(
        List.of(
            link("terminal-auth", workers, () -> gate.handler(pipeline)),
            link("iec104-guard", workers, ChainFuzzTest::guard),
            link("allow-all", workers, AllowAll::new)),
        new FlowHash(seed),
        true);
  }

  private static Chain.Link link(String bundle, int workers, Supplier<PacketHandler> handler) {
    return new Chain.Link(
        bundle, IntStream.range(0, workers).mapToObj(_ -> handler.get()).toList());
  }

  private static PacketHandler guard() {
    try {
      Iec104Guard guard = new Iec104Guard(Map.of());
      guard.begin(MemoryTables.ofWorkThread());
      return guard;
    } catch (SettingsException e) {
      throw new IllegalArgumentException(e);
    }
  }
}
