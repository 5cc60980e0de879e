package dev.sluice.runtime.bench.swap;

import dev.sluice.kernel.VersionSink;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.HdrHistogram.Histogram;

/// What a [SwapRun] has found out. Complete when the run is over; not for concurrent use then.
public final class SwapFigures {
  private static final int DIGITS = 3;
  private static final String GOOD = "good";

  private final Map<String, Kind> kinds = new LinkedHashMap<>();
  private final List<Integer> refusedVersions = new ArrayList<>();
  private final List<Integer> unseenVersions = new ArrayList<>();
  private final Histogram deployNanos = new Histogram(DIGITS);
  private final Histogram switchNanos = new Histogram(DIGITS);
  private final Histogram graceNanos = new Histogram(DIGITS);
  private Histogram near = new Histogram(DIGITS);
  private Histogram far = new Histogram(DIGITS);
  private long untimed;

  /// What became of the bundles of one kind.
  ///
  /// @param label of a [BadBundle], or `good`
  /// @param got how often each outcome came
  /// @param surprises sentences that do not say why, and outcomes that are not the expected one
  public record Kind(
      String label, Outcome.Kind expected, Map<Outcome.Kind, Integer> got, List<String> surprises) {
    private static final int MOST_TOLD = 5;

    private Kind(String label, Outcome.Kind expected) {
      this(label, expected, new TreeMap<>(), new ArrayList<>());
    }

    private void add(Outcome outcome, boolean explained) {
      got.merge(outcome.kind(), 1, Integer::sum);
      if (surprises.size() < MOST_TOLD && (outcome.kind() != expected || !explained)) {
        surprises.add(outcome.kind() + ": " + outcome.sentence());
      }
    }

    /// How many had another outcome than the expected one.
    public int unexpected() {
      return got.entrySet().stream()
          .filter(entry -> entry.getKey() != expected)
          .mapToInt(Map.Entry::getValue)
          .sum();
    }
  }

  void good(Outcome outcome) {
    kinds.computeIfAbsent(GOOD, label -> new Kind(label, Outcome.Kind.ACTIVE)).add(outcome, true);
    record(switchNanos, outcome.switchMicros());
    record(graceNanos, outcome.graceMicros());
  }

  private static void record(Histogram histogram, double micros) {
    if (micros >= 0) {
      histogram.recordValue((long) (micros * 1000));
    }
  }

  void bad(BadBundle bad, Outcome outcome) {
    kinds
        .computeIfAbsent(bad.label(), label -> new Kind(label, bad.expected()))
        .add(outcome, bad.explains(outcome.sentence()));
  }

  /// A version that was never in force.
  void refused(int version) {
    refusedVersions.add(version);
  }

  /// A version that is active and that no frame was marked with.
  void unseen(int version) {
    unseenVersions.add(version);
  }

  void deployed(long nanos) {
    deployNanos.recordValue(Math.max(0, nanos));
  }

  void untimed(long frames) {
    untimed += frames;
  }

  void delays(Histogram nearSwitches, Histogram farFromSwitches) {
    near = nearSwitches;
    far = farFromSwitches;
  }

  /// All kinds of bundles that were deployed, the good ones first.
  public List<Kind> kinds() {
    return List.copyOf(kinds.values());
  }

  /// Bundles whose outcome was not the expected one, or whose refusal does not say why.
  public int unexpected() {
    return kinds.values().stream().mapToInt(Kind::unexpected).sum() + unexplained();
  }

  private int unexplained() {
    String prefix = ": ";
    return (int)
        kinds.values().stream()
            .flatMap(kind ->
                kind.surprises().stream().filter(told -> told.startsWith(kind.expected() + prefix)))
            .count();
  }

  /// How many bundles had an outcome.
  public int count(Outcome.Kind outcome) {
    return kinds.values().stream().mapToInt(kind -> kind.got().getOrDefault(outcome, 0)).sum();
  }

  /// Frames that bad versions dropped by failing on them, as they must be: where one throws or has
  /// no verdict, one for each of its instances; where one is stuck, whatever was behind it, and its
  /// flow. What is dropped for these reasons beyond that is lost.
  ///
  /// @param dropped by the gateway meanwhile, by reason
  public long failedClosed(Map<String, Long> dropped, int workThreads) {
    long instances =
        (long) Math.max(1, workThreads) * judging(BadBundle.ENDLESS_ON_A_PACKET, false);
    long failed = Math.min(dropped.getOrDefault("handler-failed", 0L), instances);
    return judging(BadBundle.ENDLESS_ON_A_PACKET, true) == 0
        ? failed
        : failed
            + dropped.getOrDefault("handler-stuck", 0L)
            + dropped.getOrDefault("flow-quarantined", 0L);
  }

  /// Bundles deployed of one kind that judges packets, or of all others that do.
  private int judging(BadBundle kind, boolean same) {
    return kinds.values().stream()
        .filter(one -> BadBundle.named(one.label()).filter(BadBundle::judgesPackets).isPresent())
        .filter(one -> one.label().equals(kind.label()) == same)
        .flatMap(one -> one.got().values().stream())
        .mapToInt(Integer::intValue)
        .sum();
  }

  /// Frames judged by a version that was not to judge them: one that was refused, one that had
  /// left, or an older one than that of the frame before.
  public long wrongGeneration(Witness witness) {
    VersionSink.Counts counts = witness.counts();
    long wrong = counts.backwards() + counts.strange();
    for (int version : refusedVersions) {
      wrong += witness.sight(version).count();
    }
    return wrong;
  }

  /// Frames made after the end of their version was told.
  ///
  /// @param versions are below it
  public static long stale(Witness witness, int versions) {
    long stale = 0;
    for (int version = 0; version < versions; version++) {
      stale += witness.sight(version).stale();
    }
    return stale;
  }

  /// Versions that were told to be active, and that no frame shows.
  public List<Integer> unseenVersions() {
    return List.copyOf(unseenVersions);
  }

  /// From a file in its place to the first frame that its version marked, in nanoseconds.
  public Histogram deployNanos() {
    return deployNanos;
  }

  /// What the gateway tells of its switches, in nanoseconds; empty if it does not.
  public Histogram switchNanos() {
    return switchNanos;
  }

  /// What the gateway tells of its grace periods, in nanoseconds; empty if it does not.
  public Histogram graceNanos() {
    return graceNanos;
  }

  /// Delays of frames made near a switch, in nanoseconds.
  public Histogram near() {
    return near;
  }

  /// Delays of frames made far from any, in nanoseconds.
  public Histogram far() {
    return far;
  }

  /// Timed frames whose delay was overwritten before it was read.
  public long untimed() {
    return untimed;
  }
}
