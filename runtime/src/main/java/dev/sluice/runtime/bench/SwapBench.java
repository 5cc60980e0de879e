package dev.sluice.runtime.bench;

import dev.sluice.runtime.arguments.ArgumentException;
import dev.sluice.runtime.bench.swap.OutcomeBoard;
import dev.sluice.runtime.bench.swap.SwapFigures;
import dev.sluice.runtime.bench.swap.SwapPlan;
import dev.sluice.runtime.bench.swap.SwapRun;
import dev.sluice.runtime.bench.swap.SwapTarget;
import dev.sluice.runtime.bench.swap.Witness;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// `bench swap`: one bundle is replaced again and again while traffic flows, and each frame is
/// accounted for.
final class SwapBench {
  static final String USAGE =
      """
      bench swap [--swaps 100] [--backend xdp|packet|memory] [--load 0.8] [--rate MPPS]
                 [--bad KIND,..|all|none] [--bad-every 10] [--pause MS] [--bytes 60]
                 [--work-threads 0] [--seconds 3] [--confirm 60] [--resolution 0.02]
                 [--tolerance 0] [--bundle marking|terminal-auth] [--sessions 1000]
                 [--control SECONDS] [--json FILE]
          Replaces a bundle --swaps times, mixed with bad ones, at a share of the loss-free
          rate, or at --rate. Ends with 1 if a frame is lost, comes twice or out of order,
          passes unfiltered or judged by the wrong version, if a bundle stays loaded, or if a
          bundle has another outcome than it must. A run on wires that ends so and that the
          machine disturbed is repeated, up to twice. --bundle terminal-auth replaces that one
          under live sessions. --control offers the same load without swaps afterwards, for
          comparison. --backend memory needs no privileges.
      """;

  private static final Path PROC = Path.of("/proc");
  private static final long TOLD_NANOS = 60_000_000_000L;
  private static final long COUNTERS_MILLIS = 500; // the gateway's file is up to 200 ms old

  /// A run of which the machine spent more at a third of its speed was disturbed.
  private static final long SLOW_MILLIS = 1_000;

  private final SwapOptions options;
  private final Report report;
  private final SwapRow row = new SwapRow();

  private SwapBench(SwapOptions options, Report report) {
    this.options = options;
    this.report = report;
  }

  /// Measures.
  ///
  /// @return the exit code
  static int run(List<String> words) throws ArgumentException, BenchException {
    SwapOptions options = SwapOptions.parse(words);
    int[] code = {0};
    if (options.backend() == SwapBackend.MEMORY) {
      Output.runPlaceless(
          "swap", words, options.json(), report -> code[0] = inMemory(options, report));
    } else if (options.bundle() == SwapOptions.BundleKind.TERMINAL_AUTH) {
      Output.run(
          "swap",
          words,
          options.json(),
          (bed, report) -> code[0] = SessionSwapBench.run(bed, options, report));
    } else {
      Output.run(
          "swap", words, options.json(), (bed, report) -> code[0] = onWires(bed, options, report));
    }
    return code[0];
  }

  private static int inMemory(SwapOptions options, Report report) throws BenchException {
    Path folder;
    try {
      folder = Files.createTempDirectory("sluice-bench-swap-");
    } catch (IOException e) {
      throw new BenchException("no folder for a gateway's files can be made: " + e, e);
    }
    // A trial of 200 ms for each of ten thousand swaps would be half an hour of nothing else.
    String settings = "work-threads = %d\ncanary-ms = 20\n".formatted(options.workThreads());
    SwapPlan plan = options.plan();
    try (SwapLane lane = MemorySwapLane.open(folder, settings, plan.swaps(), plan.versions())) {
      SwapBench bench = new SwapBench(options, report);
      bench.measure(lane);
      return bench.told(List.of());
    } finally {
      Bed.delete(folder);
    }
  }

  private static int onWires(Bed bed, SwapOptions options, Report report) throws BenchException {
    List<SwapRow> earlier = new ArrayList<>();
    SwapBench bench = onWiresOnce(bed, "swap", options, report);
    while (bench.row.isWorthAnother() && earlier.size() < Undisturbed.REPEATS) {
      System.out.println(bench.row.text());
      report.progress("once more, since the machine disturbed that run");
      earlier.add(bench.row);
      bench = onWiresOnce(bed, "swap-" + earlier.size(), options, report);
    }
    return bench.told(earlier);
  }

  private static SwapBench onWiresOnce(Bed bed, String folder, SwapOptions options, Report report)
      throws BenchException {
    int versions = options.plan().versions();
    BenchSystem system = options.backend().system();
    SwapBench bench = new SwapBench(options, report);
    try (SwapLane lane = WireSwapLane.open(bed, system, bed.folder(folder), "", versions)) {
      bench.measure(lane);
    }
    return bench;
  }

  private int told(List<SwapRow> earlier) {
    if (!earlier.isEmpty()) {
      row.put(SwapRow.DISTURBED_BEFORE, earlier.stream().map(SwapRow::members).toList());
    }
    report.add(row.members());
    System.out.println(row.text());
    return row.code();
  }

  private void measure(SwapLane lane) throws BenchException {
    row.put("backend", options.backend().label());
    row.put("bundle", options.bundle().label());
    row.put("frameBytes", options.bytes());
    report.progress("the loss-free rate");
    lane.saturate(options.bytes(), SwapOptions.WARM_UP_SECONDS); // so that a JIT compiler is done
    double mpps = options.mpps();
    if (mpps == 0) {
      LossFreeRate lossFree =
          options
              .trials()
              .lossFreeFor(lane.telling(Report::detail), options.bytes(), options.confirmSeconds());
      row.put("lossFreeMpps", Report.rounded(lossFree.offered(), 4));
      mpps = lossFree.asked() * options.load();
    }
    if (mpps <= 0) {
      throw new BenchException("no rate was without loss; give --rate");
    }
    report.progress("%d swaps at %.3f Mpps".formatted(options.plan().swaps(), mpps));
    swap(lane, mpps);
    if (options.controlSeconds() > 0) {
      report.progress("%d s without a swap".formatted(options.controlSeconds()));
      control(lane, mpps);
    }
  }

  private void swap(SwapLane lane, double mpps) throws BenchException {
    OtherLoad before = OtherLoad.now(PROC);
    String countersBefore = lane.counters();
    long begun = System.nanoTime();
    try (SwapLane.Load load = lane.load(options.bytes(), mpps);
        CpuWitness cpu = lane.cpuWitness();
        LossLog losses = LossLog.start(lane::counters, PROC, cpu)) {
      SwapTarget target = target(lane, load.witness(), losses);
      SwapFigures figures = new SwapRun(target, lane.forge(), options.plan()).run();
      SwapLane.Sent sent = load.stop();
      double seconds = (System.nanoTime() - begun) / 1e9;
      double others = OtherLoad.now(PROC).secondsSince(before, OtherLoad.ours());
      Lane.pause(COUNTERS_MILLIS);
      String counters = lane.counters();
      Map<String, Long> dropped = SwapRow.dropped(counters);
      SwapRow.dropped(countersBefore)
          .forEach((reason, count) -> dropped.merge(reason, -count, Long::sum));
      row.put("offeredMpps", Report.rounded(sent.mpps(), 4));
      row.outcomes(options.plan().swaps(), figures);
      long failed = figures.failedClosed(dropped, options.workThreads());
      row.frames(sent, load.witness(), figures, options.plan().versions(), failed);
      row.put("lateBursts", sent.late());
      row.put("dropped", dropped);
      row.put(
          "kernelDropped", SwapRow.kernelDropped(counters) - SwapRow.kernelDropped(countersBefore));
      row.losses(losses);
      row.times(figures).memory(lane.heap(), lane.leakedLoaders());
      row.put("seconds", Report.rounded(seconds, 1));
      row.put("otherCpuSeconds", Report.rounded(others, 2));
      boolean isSlow = SLOW_MILLIS < losses.slowMillis();
      row.put("disturbed", isSlow || OneInFlight.QUIET_SHARE * seconds < others);
    } catch (IOException e) {
      throw new BenchException("the run ends early: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BenchException("interrupted", e);
    }
  }

  /// The same load without a swap: who asks what of the losses is the machine's compares the two.
  private void control(SwapLane lane, double mpps) throws BenchException {
    int seconds = options.controlSeconds();
    try (SwapLane.Load load = lane.load(options.bytes(), mpps);
        CpuWitness cpu = lane.cpuWitness();
        LossLog losses = LossLog.start(lane::counters, PROC, cpu)) {
      Lane.pause(seconds * 1000L);
      SwapLane.Sent sent = load.stop();
      Lane.pause(COUNTERS_MILLIS);
      row.control(seconds, sent, load.witness(), losses);
    }
  }

  private SwapTarget target(SwapLane lane, Witness witness, LossLog losses) {
    return new SwapTarget() {
      private long toldNanos = System.nanoTime();

      @Override
      public Path file() {
        return lane.file();
      }

      @Override
      public OutcomeBoard board() {
        return lane.board();
      }

      @Override
      public Witness witness() {
        return witness;
      }

      @Override
      public void placed() {
        losses.placed();
      }

      @Override
      public void swapped(int swaps) throws InterruptedException {
        lane.swapped(swaps);
        long now = System.nanoTime();
        if (TOLD_NANOS < now - toldNanos) {
          toldNanos = now;
          Report.detail("%d of %d swaps".formatted(swaps, options.plan().swaps()));
        }
      }
    };
  }
}
