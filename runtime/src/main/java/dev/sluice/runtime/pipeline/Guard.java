package dev.sluice.runtime.pipeline;

import dev.sluice.plugin.PacketHandler;
import java.time.Duration;
import java.util.List;

/// Stub.
public final class Guard {
  /// Stub.
  public Guard(
      String bundle, List<PacketHandler> fallback, long packets, Duration time, Duration budget) {}

  /// Stub.
  public CanaryState state() {
    return new CanaryState(CanaryState.Phase.PASSED, 1, "", 0);
  }
}
