package dev.sluice.runtime.bench;

import dev.sluice.runtime.arguments.ArgumentException;
import dev.sluice.runtime.bench.swap.BadBundle;
import dev.sluice.runtime.bench.swap.SwapPlan;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/// What `bench swap` is asked to do.
///
/// @param load share of the loss-free rate, more than 0, at most 1
/// @param mpps the rate that is offered; 0 if it is to be found
/// @param trials how the loss-free rate is found
/// @param confirmSeconds for which it is shown to be loss-free
/// @param controlSeconds for which the same load is offered without a swap afterwards
/// @param workThreads of a gateway in this process; 0 for one thread in all
record SwapOptions(
    SwapBackend backend,
    BundleKind bundle,
    SwapPlan plan,
    double load,
    double mpps,
    int bytes,
    LossTrials trials,
    double confirmSeconds,
    int controlSeconds,
    int workThreads,
    int sessions,
    Optional<Path> json) {

  /// Which bundle is replaced.
  enum BundleKind {
    MARKING("marking"),
    TERMINAL_AUTH("terminal-auth");

    private final String label;

    BundleKind(String label) {
      this.label = label;
    }

    String label() {
      return label;
    }
  }

  /// The search for the loss-free rate goes on for longer, and begins above it.
  static final double WARM_UP_SECONDS = 2;

  static final Set<String> NAMES =
      Set.of(
          "backend",
          "bundle",
          "swaps",
          "load",
          "rate",
          "bad",
          "bad-every",
          "pause",
          "bytes",
          "seconds",
          "confirm",
          "control",
          "resolution",
          "tolerance",
          "work-threads",
          "sessions",
          "json");

  private static final int MOST_SWAPS = 500_000;
  private static final Duration OUTCOME_LIMIT = Duration.ofMinutes(2);
  private static final Duration SETTLE = Duration.ofSeconds(3);

  static SwapOptions parse(List<String> words) throws ArgumentException {
    BenchOptions options = BenchOptions.parse(words, NAMES);
    SwapBackend backend =
        options.choice("backend", "xdp", SwapBackend::named, SwapBackend.labels());
    List<String> bundles = Arrays.stream(BundleKind.values()).map(BundleKind::label).toList();
    BundleKind bundle =
        options.choice(
            "bundle",
            "marking",
            text ->
                Arrays.stream(BundleKind.values())
                    .filter(kind -> kind.label().equals(text))
                    .findFirst(),
            bundles);
    if (bundle == BundleKind.TERMINAL_AUTH && backend == SwapBackend.MEMORY) {
      throw new ArgumentException(
          "--bundle terminal-auth needs real terminals; --backend xdp or packet is allowed");
    }
    SwapPlan plan =
        new SwapPlan(
            options.number("swaps", 100, 1, MOST_SWAPS),
            bad(options, backend),
            options.number("bad-every", 10, 1, MOST_SWAPS),
            OUTCOME_LIMIT,
            SETTLE,
            Duration.ofMillis(options.number("pause", 20, 0, 60_000)));
    return new SwapOptions(
        backend,
        bundle,
        plan,
        options.decimal("load", 0.8, 0.01, 1),
        options.decimal("rate", 0, 0.0001, 1000),
        options.number("bytes", UdpFrames.LEAST, UdpFrames.LEAST, UdpFrames.MOST),
        LossBench.trials(options, 3, 0.02),
        options.decimal("confirm", 60, 0, 3600),
        options.number("control", 0, 0, 3600),
        options.number("work-threads", 0, 0, 8),
        options.number("sessions", 1000, 1, 10_000),
        options.path("json"));
  }

  /// Those that keep a thread for long must be asked for: behind wires no ring holds what comes
  /// meanwhile, and the last one is left behind for good.
  private static List<BadBundle> bad(BenchOptions options, SwapBackend backend)
      throws ArgumentException {
    List<BadBundle> all = List.of(BadBundle.values());
    List<String> words = options.parts("bad");
    if (words.equals(List.of("none"))) {
      return List.of();
    }
    if (words.equals(List.of("all"))) {
      return all;
    }
    if (words.isEmpty()) {
      Predicate<BadBundle> excluded =
          backend == SwapBackend.MEMORY ? BadBundle.ENDLESS_ON_A_PACKET::equals : BadBundle::stalls;
      return all.stream().filter(excluded.negate()).toList();
    }
    return options.named("bad", BadBundle::named, all.stream().map(BadBundle::label).toList());
  }
}
