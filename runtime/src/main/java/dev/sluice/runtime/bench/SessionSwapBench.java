package dev.sluice.runtime.bench;

import dev.sluice.kernel.FrameSink;
import dev.sluice.runtime.bench.swap.BundleForge;
import dev.sluice.runtime.bench.swap.EventFollower;
import dev.sluice.runtime.bench.swap.Outcome;
import dev.sluice.runtime.bench.swap.RaisedBundle;
import dev.sluice.runtime.demo.SwapTrial;
import dev.sluice.runtime.lab.LabBackend;
import dev.sluice.runtime.pki.PkiException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.HdrHistogram.Histogram;

/// `bench swap --bundle terminal-auth`: the bundles of the real chain are replaced by turns, by
/// copies of themselves, first under the frames of many live sessions, then under IEC 60870-5-104
/// over the kernel's own TCP.
final class SessionSwapBench {
  private static final Path PROC = Path.of("/proc");
  private static final Duration OUTCOME_LIMIT = Duration.ofMinutes(2);
  private static final long COUNTERS_MILLIS = 500; // the gateway's file is up to 200 ms old
  private static final double ENDLESS_SECONDS = 1e6;
  private static final int REAL_TERMINALS = 1;
  private static final String ACCEPTED = "auth-accepted";
  private static final String ENDED = "session-ended";

  private final Bed bed;
  private final SwapOptions options;
  private final Report report;

  private SessionSwapBench(Bed bed, SwapOptions options, Report report) {
    this.bed = bed;
    this.options = options;
    this.report = report;
  }

  /// Measures.
  ///
  /// @return the exit code
  static int run(Bed bed, SwapOptions options, Report report) throws BenchException {
    bed.sessionCount(options.sessions());
    bed.moreSettings(WireSwapLane.rings(options.backend().system()));
    SessionSwapBench bench = new SessionSwapBench(bed, options, report);
    int sessions = bench.tell(bench.underSessions());
    int connection = bench.tell(bench.underRealConnections());
    return Math.max(sessions, connection);
  }

  private int tell(SwapRow row) {
    report.add(row.members());
    System.out.println(row.text());
    return row.code();
  }

  private SwapRow begun(String part) {
    return new SwapRow()
        .put("backend", options.backend().label())
        .put("bundle", options.bundle().label())
        .put("part", part)
        .put("swaps", options.plan().swaps());
  }

  private SwapRow underSessions() throws BenchException {
    report.progress(options.sessions() + " sessions");
    BenchSystem system = options.backend().system();
    SwapRow row = begun("sessions").put("sessions", options.sessions());
    try (Lane lane = Lane.open(bed, system, BenchChain.REAL, Lane.Ends.ONE_WAY)) {
      lane.bursts(Traffic.Bursts.LONG);
      lane.warmUp(options.bytes(), SwapOptions.WARM_UP_SECONDS);
      double mpps = options.mpps();
      if (mpps == 0) {
        LossFreeRate lossFree =
            options
                .trials()
                .lossFreeFor(
                    settled(lane).telling(Report::detail),
                    options.bytes(),
                    options.confirmSeconds());
        row.put("lossFreeMpps", Report.rounded(lossFree.offered(), 4));
        mpps = lossFree.asked() * options.load();
      }
      if (mpps <= 0) {
        throw new BenchException("no rate was without loss; give --rate");
      }
      Path folder = bed.sessions().folder();
      try (Copies copies =
              Copies.of(folder, folder.resolve("state/events.jsonl"), bed.folder("workshop"));
          ResetWatch resets = ResetWatch.start(bed.world())) {
        swapUnderSessions(lane, mpps, copies, row);
        row.put("resets", resets.resets());
      }
      return row.put("sessionsLive", lane.liveSessions());
    }
  }

  /// A lane whose deep rings are empty when a trial begins.
  private static Loadable settled(Lane lane) {
    return new Loadable() {
      @Override
      public Trial saturate(int bytes, double seconds) throws BenchException {
        Lane.awaitQuiet(() -> lane.sink().counts().received());
        return lane.saturate(bytes, seconds);
      }

      @Override
      public Trial pace(int bytes, double mpps, double seconds) throws BenchException {
        Lane.awaitQuiet(() -> lane.sink().counts().received());
        return lane.pace(bytes, mpps, seconds);
      }
    };
  }

  private void swapUnderSessions(Lane lane, double mpps, Copies copies, SwapRow row)
      throws BenchException {
    report.progress("%d swaps at %.3f Mpps".formatted(options.plan().swaps(), mpps));
    GatewayForwarder gateway = (GatewayForwarder) lane.forwarder();
    String countersBefore = gateway.counters();
    OtherLoad before = OtherLoad.now(PROC);
    long begun = System.nanoTime();
    Lane.awaitQuiet(() -> lane.sink().counts().received());
    lane.sink().reset();
    try (Traffic traffic = lane.paced(options.bytes(), mpps, ENDLESS_SECONDS)) {
      copies.replace(options.plan().swaps(), options.plan().pause());
      Traffic.Sent sent = traffic.stop();
      Lane.awaitQuiet(() -> lane.sink().counts().received());
      FrameSink.Counts counts = lane.sink().counts();
      row.put("offeredMpps", Report.rounded(sent.mpps(), 4));
      row.put("sent", sent.frames());
      row.put("received", counts.received());
      row.put("lost", Math.max(0, sent.frames() - counts.received() + counts.duplicated()));
      row.put("duplicated", counts.duplicated());
      row.put("reordered", counts.reordered());
    }
    double seconds = (System.nanoTime() - begun) / 1e9;
    double others = OtherLoad.now(PROC).secondsSince(before, OtherLoad.ours());
    Lane.pause(COUNTERS_MILLIS);
    String counters = gateway.counters();
    Map<String, Long> dropped = SwapRow.dropped(counters);
    SwapRow.dropped(countersBefore)
        .forEach((reason, count) -> dropped.merge(reason, -count, Long::sum));
    row.put("dropped", dropped);
    copies.tell(row);
    row.put("seconds", Report.rounded(seconds, 1));
    row.put("otherCpuSeconds", Report.rounded(others, 2));
    row.put("disturbed", OneInFlight.QUIET_SHARE * seconds < others);
  }

  private SwapRow underRealConnections() throws BenchException {
    report.progress("IEC 60870-5-104 over TCP");
    bed.world().giveBackCpus(); // the lab's gateway is started by this process itself
    SwapRow row = begun("iec104");
    LabBackend backend =
        options.backend() == SwapBackend.PACKET ? LabBackend.PACKET : LabBackend.XDP;
    Path folder = bed.folder("lab");
    try (SwapTrial trial = SwapTrial.open(folder, REAL_TERMINALS, backend);
        Copies copies = Copies.over(trial.bundles(), trial.events(), trial::sealed)) {
      copies.replace(options.plan().swaps(), options.plan().pause());
      trial.figures().forEach(row::put);
      copies.tell(row);
      return row;
    } catch (SwapTrial.TrialException e) {
      throw new BenchException("in the lab: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BenchException("interrupted", e);
    }
  }

  /// The bundles of a gateway that runs, and what came of their replacements.
  private static final class Copies implements AutoCloseable {
    private final List<RaisedBundle> bundles = new ArrayList<>();
    private final Map<String, Map<Outcome.Kind, Integer>> outcomes = new TreeMap<>();
    private final List<String> surprises = new ArrayList<>();
    private final Histogram nanos = new Histogram(3);
    private final EventFollower events;
    private long accepted;
    private long ended;

    private Copies(Path bundles, Path events, RaisedBundle.Seal seal) throws IOException {
      this.bundles.add(new RaisedBundle(bundles.resolve("terminal-auth.jar"), seal));
      Path rules = bundles.resolve("rule-firewall.jar");
      if (Files.exists(rules)) {
        this.bundles.add(new RaisedBundle(rules, seal));
      }
      this.events =
          EventFollower.start(
              events, line -> this.bundles.forEach(bundle -> bundle.board().put(line)));
    }

    /// Copies that a signer of the benchmark's own signs.
    static Copies of(Path folder, Path events, Path workshop) throws BenchException {
      try {
        BundleForge forge = BundleForge.open(workshop);
        Path config = folder.resolve("config");
        forge.settleIn(config.resolve("trust"), config.resolve("sluice.cfg"));
        return over(folder.resolve("bundles"), events, forge::raised);
      } catch (IOException | PkiException e) {
        throw new BenchException("a signer cannot be made: " + e.getMessage(), e);
      }
    }

    static Copies over(Path bundles, Path events, RaisedBundle.Seal seal) throws BenchException {
      try {
        return new Copies(bundles, events, seal);
      } catch (IOException e) {
        throw new BenchException("copies of the bundles cannot be made: " + e.getMessage(), e);
      }
    }

    /// Replaces them by turns.
    void replace(int swaps, Duration pause) throws BenchException {
      Lane.pause(COUNTERS_MILLIS); // by then what was told before is read
      accepted = count(ACCEPTED);
      ended = count(ENDED);
      for (int swap = 0; swap < swaps; swap++) {
        RaisedBundle bundle = bundles.get(swap % bundles.size());
        try {
          RaisedBundle.Replaced replaced = bundle.replace(OUTCOME_LIMIT);
          note(bundle, replaced);
          if (replaced.outcome().kind() == Outcome.Kind.NONE) {
            return; // told as a surprise; a gateway that is silent is not asked again
          }
        } catch (IOException e) {
          throw new BenchException("a bundle cannot be replaced: " + e.getMessage(), e);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new BenchException("interrupted", e);
        }
        Lane.pause(pause.toMillis());
      }
    }

    private void note(RaisedBundle bundle, RaisedBundle.Replaced replaced) {
      Outcome outcome = replaced.outcome();
      outcomes
          .computeIfAbsent(bundle.symbolicName(), _ -> new TreeMap<>())
          .merge(outcome.kind(), 1, Integer::sum);
      nanos.recordValue(replaced.nanos());
      if (outcome.kind() != Outcome.Kind.ACTIVE) {
        surprises.add(bundle.symbolicName() + ": " + outcome.kind() + ": " + outcome.sentence());
      }
    }

    private long count(String event) {
      return bundles.getFirst().board().count(event);
    }

    void tell(SwapRow row) {
      row.put("reauthentications", count(ACCEPTED) - accepted);
      row.put("sessionsEnded", count(ENDED) - ended);
      row.put("unexpected", surprises.size());
      row.put("outcomesByBundle", outcomes);
      row.put("surprises", surprises.subList(0, Math.min(5, surprises.size())));
      row.put("toldMillis", SwapRow.percentiles(nanos, 1_000_000));
    }

    @Override
    public void close() {
      events.close();
    }
  }
}
