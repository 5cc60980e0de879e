package dev.sluice.runtime.pipeline;

import dev.sluice.kernel.XdpSupport;
import java.util.List;

/// What interfaces of different kinds can do.
public final class Supports {
  private Supports() {}

  /// A driver that shares its rings.
  public static XdpSupport zeroCopy(String name, int queues) {
    return of(name, "ixgbe", queues, true, true, List.of());
  }

  /// A driver that runs programs and copies.
  public static XdpSupport copying(String name) {
    return of(name, "veth", 1, true, false, List.of("Zero-copy: the driver cannot do it."));
  }

  /// A driver without XDP.
  public static XdpSupport generic(String name) {
    return of(
        name,
        "r8169",
        1,
        false,
        false,
        List.of("XDP in the driver: the driver cannot do it.", "Zero-copy: it needs the driver."));
  }

  private static XdpSupport of(
      String name, String driver, int queues, boolean xdp, boolean zeroCopy, List<String> why) {
    return new XdpSupport(
        name, driver, "1.0", queues, queues, 1500, 1770, xdp, true, zeroCopy, List.of(), 0, why);
  }
}
