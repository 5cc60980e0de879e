package dev.sluice.runtime.pipeline;

import dev.sluice.plugin.PacketHandler;
import java.time.Duration;

/// Stub.
public interface Incidents {
  /// Stub.
  record Stuck(
      String bundle,
      PacketHandler instance,
      int worker,
      String thread,
      String where,
      boolean deadlocked,
      Duration after,
      long generation,
      String packet) {}

  /// Stub.
  void stuck(Stuck what);

  /// Stub.
  void cameBack(PacketHandler instance);
}
