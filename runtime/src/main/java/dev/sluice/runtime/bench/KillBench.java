package dev.sluice.runtime.bench;

import dev.sluice.kernel.VersionSink;
import dev.sluice.runtime.arguments.ArgumentException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/// `bench kill`: a gateway is killed at random moments of the replacement of a bundle, and what it
/// comes up with is looked at.
final class KillBench {
  static final String USAGE =
      """
      bench kill [--kills 100] [--backend xdp|packet] [--rate 0.02] [--most-millis 800]
                 [--start cold|standby] [--seed 1] [--json FILE]
          Puts a new version of a bundle in its place, kills the gateway (SIGKILL) after
          up to --most-millis, and starts it again, --kills times under traffic. Ends with 1
          if anything passes while it is down, unfiltered, or judged by another version than
          the old or the new one, or if the new one is not in force 10 s later. With --start
          standby the supervisor starts it again, each time when a second process is ready for it.
      """;

  private static final Set<String> NAMES =
      Set.of("kills", "backend", "rate", "most-millis", "start", "seed", "json");
  private static final int MOST_KILLS = 10_000;
  private static final long LOOK_MILLIS = 2;

  /// What left the gateway before its end has arrived by then.
  private static final long LEFT_MILLIS = 20;

  private static final long DOWN_MILLIS = 100;
  private static final long START_NANOS = 30_000_000_000L;
  private static final long NEW_NANOS = 10_000_000_000L;
  private static final long PREPARED_NANOS = 60_000_000_000L;

  private final KillLane lane;
  private final KillLane.Start start;
  private final Random random;
  private final int mostMillis;
  private final List<Double> goneMillis = new ArrayList<>();
  private final List<Double> readyMillis = new ArrayList<>();
  private int cameUpOld;
  private int cameUpNew;
  private long passedWhileDown;
  private final List<Integer> notInForce = new ArrayList<>();
  private final List<String> strange = new ArrayList<>();

  private KillBench(KillLane lane, KillLane.Start start, Random random, int mostMillis) {
    this.lane = lane;
    this.start = start;
    this.random = random;
    this.mostMillis = mostMillis;
  }

  /// Measures.
  ///
  /// @return the exit code
  static int run(List<String> words) throws ArgumentException, BenchException {
    BenchOptions options = BenchOptions.parse(words, NAMES);
    List<String> backends = List.of(SwapBackend.XDP.label(), SwapBackend.PACKET.label());
    SwapBackend backend =
        options.choice(
            "backend",
            "xdp",
            label -> SwapBackend.named(label).filter(one -> one != SwapBackend.MEMORY),
            backends);
    int kills = options.number("kills", 100, 1, MOST_KILLS);
    double mpps = options.decimal("rate", 0.02, 0.0001, 10);
    int mostMillis = options.number("most-millis", 800, 1, 60_000);
    Random random = new Random(options.number("seed", 1, 0, Integer.MAX_VALUE));
    KillLane.Start start =
        options.choice(
            "start",
            "cold",
            label ->
                Arrays.stream(KillLane.Start.values())
                    .filter(one -> label(one).equals(label))
                    .findFirst(),
            List.of("cold", "standby"));
    Optional<Path> json = options.path("json");
    int[] code = {0};
    Output.run(
        "kill",
        words,
        json,
        (bed, report) -> {
          try (KillLane lane =
              KillLane.open(bed, backend.system(), bed.folder("kill"), start, kills + 2)) {
            KillBench bench = new KillBench(lane, start, random, mostMillis);
            Map<String, Object> row = bench.measure(kills, mpps, report);
            row.put("backend", backend.label());
            row.put("start", label(start));
            report.add(row);
            row.forEach((name, value) -> System.out.printf("%-16s %s%n", name, value));
            code[0] = bench.isRight() ? 0 : 1;
          }
        });
    return code[0];
  }

  private static String label(KillLane.Start start) {
    return start.name().toLowerCase(Locale.ROOT);
  }

  private Map<String, Object> measure(int kills, double mpps, Report report) throws BenchException {
    awaitReady();
    lane.send(mpps);
    require(awaitFrames(1, NEW_NANOS), "nothing came through at the start");
    for (int kill = 1; kill <= kills; kill++) {
      report.progress("kill %d of %d".formatted(kill, kills));
      round(kill + 1);
    }
    VersionSink.Counts counts = lane.sink().counts();
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("kills", kills);
    row.put("cameUpOld", cameUpOld);
    row.put("cameUpNew", cameUpNew);
    row.put("strange", strange);
    row.put("notInForce", notInForce);
    row.put("passedWhileDown", passedWhileDown);
    row.put("unfiltered", counts.forbidden() + counts.unmarked());
    row.put("unknownVersion", counts.strange());
    row.put("received", counts.received());
    row.put("goneMillis", spread(goneMillis));
    row.put("readyMillis", spread(readyMillis));
    return row;
  }

  private static Map<String, Object> spread(List<Double> values) {
    Spread spread = Spread.of(values);
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("min", Report.rounded(spread.min(), 0));
    members.put("median", Report.rounded(spread.median(), 0));
    members.put("max", Report.rounded(spread.max(), 0));
    return members;
  }

  private boolean isRight() {
    VersionSink.Counts counts = lane.sink().counts();
    return strange.isEmpty()
        && notInForce.isEmpty()
        && passedWhileDown == 0
        && counts.forbidden() + counts.unmarked() + counts.strange() == 0;
  }

  /// @param version the new one
  private void round(int version) throws BenchException {
    awaitPrepared();
    lane.place(version);
    Lane.pause(random.nextInt(mostMillis));
    lane.gateway().requireAlive();
    long killed = System.nanoTime();
    lane.gateway().kill();
    goneMillis.add((System.nanoTime() - killed) / 1e6);
    Lane.pause(LEFT_MILLIS);
    long down = lane.sink().counts().received();
    Lane.pause(DOWN_MILLIS);
    passedWhileDown += lane.sink().counts().received() - down;
    down = lane.sink().counts().received();
    long[] before = frames(version);
    // A supervisor has begun at once.
    long begun = start == KillLane.Start.COLD ? System.nanoTime() : killed;
    lane.gateway().startAgain();
    awaitReady();
    readyMillis.add((System.nanoTime() - begun) / 1e6);
    look(version, before, down);
    if (!awaitFrames(version, NEW_NANOS)) {
      notInForce.add(version);
    }
    findStrange(version, before);
  }

  /// Frames of each version up to one.
  private long[] frames(int version) {
    long[] frames = new long[version + 1];
    for (int i = 1; i <= version; i++) {
      frames[i] = lane.sink().sight(i).count();
    }
    return frames;
  }

  /// Which version judged what came first.
  private void look(int version, long[] before, long received) throws BenchException {
    long until = System.nanoTime() + NEW_NANOS;
    while (lane.sink().counts().received() == received) {
      require(System.nanoTime() - until < 0, "nothing came through after kill " + (version - 1));
      Lane.pause(LOOK_MILLIS);
    }
    long[] now = frames(version);
    if (now[version - 1] != before[version - 1]) {
      cameUpOld++;
    } else if (now[version] != before[version]) {
      cameUpNew++;
    } else {
      strange.add("neither the old nor the new version after kill " + (version - 1));
    }
  }

  /// Versions that came back although they were replaced long ago.
  private void findStrange(int version, long[] before) {
    long[] now = frames(version);
    for (int i = 1; i < version - 1; i++) {
      if (now[i] != before[i]) {
        strange.add("version " + i + " in the place of " + version);
      }
    }
  }

  private void awaitPrepared() throws BenchException {
    long until = System.nanoTime() + PREPARED_NANOS;
    while (!lane.gateway().isPrepared()) {
      lane.gateway().requireAlive();
      require(System.nanoTime() - until < 0, "no process stood by in time");
      Lane.pause(DOWN_MILLIS);
    }
  }

  private void awaitReady() throws BenchException {
    long until = System.nanoTime() + START_NANOS;
    while (!lane.gateway().isReady()) {
      lane.gateway().requireAlive();
      require(System.nanoTime() - until < 0, "the gateway was not ready in time");
      Lane.pause(LOOK_MILLIS);
    }
  }

  /// Waits for new frames of a version.
  private boolean awaitFrames(int version, long nanos) throws BenchException {
    long before = lane.sink().sight(version).count();
    long until = System.nanoTime() + nanos;
    while (lane.sink().sight(version).count() == before) {
      if (System.nanoTime() - until >= 0) {
        return false;
      }
      lane.gateway().requireAlive();
      Lane.pause(LOOK_MILLIS);
    }
    return true;
  }

  private static void require(boolean condition, String sentence) throws BenchException {
    if (!condition) {
      throw new BenchException(sentence);
    }
  }
}
