package dev.sluice.runtime.bench;

import dev.sluice.kernel.VersionSink;
import dev.sluice.runtime.bench.swap.Outcome;
import dev.sluice.runtime.bench.swap.SwapFigures;
import dev.sluice.runtime.bench.swap.Witness;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/// The row of `bench swap`, put together member by member. What could not be measured is missing.
final class SwapRow {
  /// Rows of runs that were repeated.
  static final String DISTURBED_BEFORE = "disturbedBefore";

  private static final int DIGITS = 3;
  private static final double NANOS_PER_MICRO = 1000;
  private static final double NANOS_PER_MILLI = 1_000_000;
  private static final Pattern DROPPED = Pattern.compile("\"dropped\":\\{([^}]*)}");
  private static final Pattern KERNEL_DROPPED = Pattern.compile("\"kernelDropped\":(\\d{1,18})");
  private static final Pattern REASON = Pattern.compile("\"([^\"]+)\":(\\d{1,18})");

  private static final Map<String, Double> PERCENTILES = percentiles();

  /// Members of which each must be 0.
  private static final List<String> MUST_BE_ZERO =
      List.of(
          "lost",
          "duplicated",
          "reordered",
          "wrongGeneration",
          "unfiltered",
          "leakedLoaders",
          "unexpected",
          // Of sessions and connections.
          "resets",
          "reauthentications",
          "sessionsEnded",
          "unexplainedRetransmissions",
          "reconnections",
          "missingValues",
          "brokenFrames");

  private final Map<String, Object> members = new LinkedHashMap<>();

  private static Map<String, Double> percentiles() {
    Map<String, Double> percentiles = new LinkedHashMap<>();
    percentiles.put("p50", 50.0);
    percentiles.put("p99", 99.0);
    percentiles.put("p999", 99.9);
    percentiles.put("max", 100.0);
    return percentiles;
  }

  SwapRow put(String name, Object value) {
    members.put(name, value);
    return this;
  }

  /// Whether frames were lost while the machine was disturbed, and nothing else is wrong. A frame
  /// that came unfiltered, or a bad bundle that was let in, is nobody's fault but the gateway's.
  boolean isWorthAnother() {
    boolean isLossAlone =
        MUST_BE_ZERO.stream()
            .filter(name -> !isZero(members.get(name)))
            .toList()
            .equals(List.of("lost"));
    return isLossAlone && Boolean.TRUE.equals(members.get("disturbed"));
  }

  /// What became of the bundles.
  SwapRow outcomes(int swaps, SwapFigures figures) {
    put("swaps", swaps);
    put("refused", figures.count(Outcome.Kind.REFUSED));
    put("rolledBack", figures.count(Outcome.Kind.ROLLED_BACK));
    put("unexpected", figures.unexpected());
    List<Map<String, Object>> kinds = new ArrayList<>();
    for (SwapFigures.Kind kind : figures.kinds()) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("kind", kind.label());
      one.put("expected", kind.expected());
      one.put("got", kind.got());
      one.put("surprises", kind.surprises());
      kinds.add(one);
    }
    return put("outcomes", kinds);
  }

  /// What became of the frames.
  ///
  /// @param failedClosed frames that bad versions dropped by failing on them, as they must be
  SwapRow frames(
      SwapLane.Sent sent, Witness witness, SwapFigures figures, int versions, long failedClosed) {
    VersionSink.Counts counts = witness.counts();
    put("sent", sent.frames());
    put("received", counts.received());
    put("lost", lost(sent, counts, failedClosed));
    put("failedClosed", failedClosed);
    put("duplicated", counts.duplicated());
    put("reordered", counts.reordered());
    put("unfiltered", counts.forbidden() + counts.unmarked());
    long stale = SwapFigures.stale(witness, versions);
    put("wrongGeneration", figures.wrongGeneration(witness) + stale);
    put("staleFrames", stale);
    return put("versionsUnseen", figures.unseenVersions());
  }

  private static long lost(SwapLane.Sent sent, VersionSink.Counts counts, long failedClosed) {
    long allowed = sent.frames() - sent.forbidden() - failedClosed;
    long wanted = counts.received() - counts.duplicated() - counts.forbidden();
    return Math.max(0, allowed - wanted);
  }

  /// What became of the frames of a time without swaps.
  SwapRow control(int seconds, SwapLane.Sent sent, Witness witness, LossLog losses) {
    Map<String, Object> control = new LinkedHashMap<>();
    control.put("seconds", seconds);
    control.put("sent", sent.frames());
    control.put("lost", lost(sent, witness.counts(), 0));
    control.put("lossEpisodes", episodes(losses));
    return put("control", control);
  }

  /// When frames were lost.
  SwapRow losses(LossLog losses) {
    if (losses.probes().getMaxValue() > 0) {
      ifAny("probeMicros", losses.probes(), 10);
      put("slowMillis", losses.slowMillis());
    }
    return put("lossEpisodes", episodes(losses));
  }

  private static List<Map<String, Object>> episodes(LossLog losses) {
    return losses.episodes().stream().map(LossLog.Episode::members).toList();
  }

  /// How long it all took.
  SwapRow times(SwapFigures figures) {
    ifAny("swapMicros", figures.switchNanos(), NANOS_PER_MICRO);
    ifAny("graceMicros", figures.graceNanos(), NANOS_PER_MICRO);
    ifAny("deployMillis", figures.deployNanos(), NANOS_PER_MILLI);
    ifAny("latencyNearMicros", figures.near(), NANOS_PER_MICRO);
    ifAny("latencyFarMicros", figures.far(), NANOS_PER_MICRO);
    if (figures.near().getTotalCount() > 0 && figures.far().getTotalCount() > 0) {
      put("addedLatencyMicros", difference(figures.near(), figures.far(), NANOS_PER_MICRO));
    }
    return put("untimedFrames", figures.untimed());
  }

  private void ifAny(String name, Histogram histogram, double unit) {
    if (histogram.getTotalCount() > 0) {
      put(name, percentiles(histogram, unit));
    }
  }

  static Map<String, Object> percentiles(Histogram histogram, double unit) {
    return difference(histogram, new Histogram(DIGITS), unit);
  }

  /// The difference of two histograms at each percentile.
  private static Map<String, Object> difference(Histogram one, Histogram other, double unit) {
    Map<String, Object> percentiles = new LinkedHashMap<>();
    PERCENTILES.forEach((name, percent) -> {
      double nanos = one.getValueAtPercentile(percent) - other.getValueAtPercentile(percent);
      percentiles.put(name, Report.rounded(nanos / unit, DIGITS));
    });
    return percentiles;
  }

  /// What is left in memory.
  SwapRow memory(SwapLane.Heap heap, OptionalLong leakedLoaders) {
    OptionalDouble slope = heap.trend().bytesPerSwap();
    if (slope.isPresent()) {
      Map<String, Object> trend = new LinkedHashMap<>();
      trend.put("value", Report.rounded(slope.getAsDouble(), 1));
      trend.put("unit", "bytes/swap");
      trend.put("samples", heap.trend().size());
      trend.put("from", heap.from());
      put("heapSlope", trend);
    }
    leakedLoaders.ifPresent(count -> put("leakedLoaders", count));
    return this;
  }

  /// What the gateway dropped, by reason.
  static Map<String, Long> dropped(String counters) {
    Map<String, Long> dropped = new LinkedHashMap<>();
    Matcher object = DROPPED.matcher(counters);
    if (object.find()) {
      Matcher reason = REASON.matcher(object.group(1));
      while (reason.find()) {
        dropped.put(reason.group(1), Long.parseLong(reason.group(2)));
      }
    }
    return dropped;
  }

  /// Frames that the kernel dropped before the gateway could take them.
  static long kernelDropped(String counters) {
    return KERNEL_DROPPED
        .matcher(counters)
        .results()
        .mapToLong(found -> Long.parseLong(found.group(1)))
        .sum();
  }

  Map<String, Object> members() {
    return new LinkedHashMap<>(members);
  }

  /// The exit code: 1 if something is not 0 that must be.
  int code() {
    return MUST_BE_ZERO.stream().allMatch(name -> isZero(members.get(name))) ? 0 : 1;
  }

  /// What could not be told is no fault.
  private static boolean isZero(@Nullable Object value) {
    return value == null || (value instanceof Number number && number.longValue() == 0);
  }

  /// For a person: a member a line.
  String text() {
    StringBuilder text = new StringBuilder(1000);
    members.forEach((name, value) -> {
      if (value instanceof List<?> list && name.equals("outcomes")) {
        list.forEach(one -> line(text, "outcome", one));
      } else if (value instanceof List<?> list && name.equals(DISTURBED_BEFORE)) {
        line(text, name, list.size() + " runs, see above");
      } else {
        line(text, name, value);
      }
    });
    return text.toString();
  }

  private static void line(StringBuilder text, String name, Object value) {
    text.append(String.format(Locale.ROOT, "%-22s %s%n", name, value));
  }
}
