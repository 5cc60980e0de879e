package dev.sluice.runtime.config;

import dev.sluice.kernel.XdpOptions;
import dev.sluice.plugin.Settings;
import dev.sluice.plugin.SettingsException;

/// The keys of `sluice.cfg` that say how `xdp:` ports receive and send.
final class XdpSettings {
  private static final int MOST_RING = 1 << 17;
  private static final int LEAST_BUDGET = 32;

  private XdpSettings() {}

  private enum Switch {
    ON,
    OFF
  }

  /// @param ringFrames the paper's n; the kernel's rings have the next power of two, or what
  ///   [XdpOptions#DEFAULT] has if the operator leaves n to the gateway
  static XdpOptions read(Settings settings, int ringFrames) throws SettingsException {
    XdpOptions standard = XdpOptions.DEFAULT;
    int ring =
        settings.has("ring-frames")
            ? Integer.highestOneBit(ringFrames - 1) << 1
            : standard.ringFrames();
    String budgetKey = "xdp-transmit-budget";
    int budget =
        settings.integer(
            budgetKey, LEAST_BUDGET, MOST_RING, Math.min(standard.transmitBudget(), ring));
    if (ring < budget) {
      throw settings.wrong(
          budgetKey,
          String.valueOf(budget),
          "at most ring-frames, here " + LEAST_BUDGET + ".." + ring);
    }
    Switch wakeup = settings.choice("xdp-need-wakeup", Switch.class, Switch.ON);
    return new XdpOptions(
        settings.choice("xdp-mode", XdpOptions.Mode.class, standard.mode()),
        settings.choice("xdp-copy", XdpOptions.Copy.class, standard.copy()),
        ring,
        budget,
        wakeup == Switch.ON,
        settings.integer("xdp-busy-poll-us", 0, 1000, standard.busyPollMicros()),
        standard.queue(),
        settings.choice("transmit", XdpOptions.Transmit.class, standard.transmit()));
  }

  /// Refuses what no interface can be.
  static void requireConsistent(Settings settings, XdpOptions xdp) throws SettingsException {
    if (xdp.mode() == XdpOptions.Mode.GENERIC && xdp.copy() == XdpOptions.Copy.ZERO_COPY) {
      throw settings.wrong(
          "xdp-copy", "zero-copy", "best or copy, because xdp-mode = generic always copies");
    }
  }
}
