package dev.sluice.runtime.host;

import dev.sluice.plugin.DropReason;
import dev.sluice.plugin.PacketHandler;
import dev.sluice.plugin.Verdict;
import dev.sluice.runtime.config.DeploySettings;
import dev.sluice.runtime.pipeline.CanaryState;
import dev.sluice.runtime.pipeline.Guard;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// A bundle in the chain that has yet to prove itself: what it falls back to, and how it does. For
/// the deploying thread alone.
final class Trial {
  private final Deployment fresh;
  private final @Nullable Deployment old;
  private final Guard guard;
  private final String replaced;
  private final long beganNanos;
  private final long inForceNanos;
  private final long timeNanos;
  private boolean toldInForce;

  /// Where a trial stands.
  enum Standing {
    /// No packet has come yet.
    WAITING,
    RUNNING,
    PASSED,
    FAILED
  }

  /// Begins.
  ///
  /// @param old what it takes the place of, or null
  /// @param wasOpen whether packets passed before without it
  /// @param beganNanos when its file was noticed
  Trial(
      Deployment fresh,
      @Nullable Deployment old,
      boolean wasOpen,
      DeploySettings settings,
      long beganNanos) {
    this.fresh = fresh;
    this.old = old;
    this.replaced = old == null ? "" : old.stored().title();
    this.beganNanos = beganNanos;
    this.inForceNanos = System.nanoTime();
    this.timeNanos = settings.canaryTime().toNanos();
    this.guard =
        new Guard(
            old == null ? "(none)" : old.stored().title(),
            old == null ? before(wasOpen, fresh.handlers().instances().size()) : old.judges(),
            settings.canaryPackets(),
            settings.canaryTime(),
            settings.canaryBudget());
  }

  /// Handlers that do what was done before there was a bundle.
  private static List<PacketHandler> before(boolean wasOpen, int workers) {
    Verdict verdict = wasOpen ? Verdict.PASS : DropReason.NO_CHAIN.verdict();
    return IntStream.range(0, workers).<PacketHandler>mapToObj(_ -> _ -> verdict).toList();
  }

  Deployment fresh() {
    return fresh;
  }

  /// What goes on if it fails, or null if nothing was there.
  @Nullable Deployment old() {
    return old;
  }

  /// Title of what it took the place of, or empty.
  String replaced() {
    return replaced;
  }

  Guard guard() {
    return guard;
  }

  Standing standing() {
    return switch (guard.state().phase()) {
      case FAILED -> Standing.FAILED;
      case PASSED -> Standing.PASSED;
      case RUNNING, WAITING -> packets() == 0 ? Standing.WAITING : Standing.RUNNING;
    };
  }

  /// Packets that it has judged.
  long packets() {
    return guard.state().packets();
  }

  /// Why it failed.
  String cause() {
    CanaryState state = guard.state();
    return "packet " + state.failedAt() + " of its trial: it " + state.message();
  }

  /// Milliseconds since its file was noticed.
  long millis() {
    return (System.nanoTime() - beganNanos) / 1_000_000;
  }

  /// Whether the operator is to be told that it is in force and no packet has come: once, and only
  /// after packets had some time to come.
  boolean isToBeTold() {
    if (toldInForce || System.nanoTime() - inForceNanos < timeNanos) {
      return false;
    }
    toldInForce = standing() == Standing.WAITING;
    return toldInForce;
  }
}
