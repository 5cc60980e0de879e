package dev.sluice.runtime.host;

import dev.sluice.plugin.PacketHandler;
import dev.sluice.plugin.Verdict;
import dev.sluice.runtime.config.DeploySettings;
import dev.sluice.runtime.pipeline.CanaryState;
import dev.sluice.runtime.pipeline.Guard;
import dev.sluice.runtime.pipeline.HandOver;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// A bundle in the chain that has yet to prove itself: what it falls back to, and how it does. For
/// the deploying thread alone.
final class Trial {
  private final Deployment fresh;
  private final @Nullable Deployment old;
  private @Nullable Guard guard;
  private final LongSupplier judged;
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
  /// @param stays whether the bundle stays in the chain though it fails at a packet, which is then
  ///   dropped: because it ran well before, or because without it nothing would pass anyway.
  ///   Whoever can send a packet that it fails at must not be able to close the gateway
  /// @param handOver by which flows go over to it
  /// @param judged packets that it has judged, where there is no guard to count them
  /// @param beganNanos when its file was noticed
  Trial(
      Deployment fresh,
      @Nullable Deployment old,
      boolean stays,
      DeploySettings settings,
      HandOver handOver,
      LongSupplier judged,
      long beganNanos) {
    this.fresh = fresh;
    this.old = old;
    this.judged = judged;
    this.replaced = old == null ? "" : old.stored().title();
    this.beganNanos = beganNanos;
    this.inForceNanos = System.nanoTime();
    this.timeNanos = settings.canaryTime().toNanos();
    this.guard = stays ? null : guard(fresh, old, settings, handOver);
  }

  private static Guard guard(
      Deployment fresh, @Nullable Deployment old, DeploySettings settings, HandOver handOver) {
    return new Guard(
        old == null ? "(none)" : old.stored().title(),
        old == null ? before(fresh) : old.judges(),
        settings.canaryPackets(),
        settings.canaryTime(),
        settings.canaryBudget(),
        handOver);
  }

  /// Handlers that do what was done before there was a bundle.
  private static List<PacketHandler> before(Deployment fresh) {
    return fresh.judges().stream().<PacketHandler>map(_ -> _ -> Verdict.PASS).toList();
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

  /// What guards the chain against it; null if it stays whatever it does.
  @Nullable Guard guard() {
    return guard;
  }

  /// What would go on has other instances now: the trial begins anew against them.
  void oldRenewed() {
    if (guard != null && old != null && standing() != Standing.FAILED) {
      guard = guard.against(old.judges());
      endHandOver(); // it lets nothing pass now, or has lost what it kept in tables
    }
  }

  /// Has all flows go over now.
  void endHandOver() {
    if (guard != null) {
      guard.handOver().end();
    }
  }

  /// Whether the bundle leaves the chain if it fails.
  boolean canFail() {
    return guard != null;
  }

  Standing standing() {
    if (guard == null) {
      boolean over = System.nanoTime() - inForceNanos > timeNanos;
      return packets() == 0 ? Standing.WAITING : over ? Standing.PASSED : Standing.RUNNING;
    }
    return switch (guard.state().phase()) {
      case FAILED -> Standing.FAILED;
      case PASSED -> Standing.PASSED;
      case RUNNING, WAITING -> packets() == 0 ? Standing.WAITING : Standing.RUNNING;
    };
  }

  /// Packets that it has judged.
  long packets() {
    return guard == null ? judged.getAsLong() : guard.state().packets();
  }

  /// Why it failed.
  String cause() {
    if (guard == null) {
      return "";
    }
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
