package dev.sluice.runtime.config;

import dev.sluice.plugin.Settings;
import dev.sluice.plugin.SettingsException;
import java.time.Duration;

/// How a bundle comes into the chain, and how long its code may take there. Takes effect at the
/// next start.
///
/// @param rehearsal how long handlers are run beside the packet path before they come into it, at
///   most; zero for not at all
/// @param canaryPackets packets that a bundle is guarded for
/// @param canaryTime how long it is guarded at least
/// @param canaryBudget how long one packet may take meanwhile
/// @param handOver how long flows may take to go over to a new version; zero for all at once
/// @param handlerBudget how long a handler may take before its thread counts as stuck
public record DeploySettings(
    Duration rehearsal,
    long canaryPackets,
    Duration canaryTime,
    Duration canaryBudget,
    Duration handOver,
    Duration handlerBudget) {

  static DeploySettings read(Settings settings) throws SettingsException {
    return new DeploySettings(
        Duration.ofMillis(settings.number("rehearsal-ms", 0, 5000, 400)),
        settings.number("canary-packets", 0, 1_000_000, 1000),
        Duration.ofMillis(settings.number("canary-ms", 0, 60_000, 200)),
        Duration.ofMillis(settings.number("canary-budget-ms", 1, 1000, 50)),
        Duration.ofMillis(settings.number("hand-over-ms", 0, 120_000, 20_000)),
        Duration.ofMillis(settings.number("handler-budget-ms", 10, 10_000, 100)));
  }

  /// Whether a bundle is guarded at all.
  public boolean guards() {
    return canaryPackets > 0;
  }
}
