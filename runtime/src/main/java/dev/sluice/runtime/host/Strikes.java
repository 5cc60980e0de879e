package dev.sluice.runtime.host;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/// Counts what bundles did wrong of late, to tell a slip from a habit. For the deploying thread
/// alone.
final class Strikes {
  /// So many within [#WINDOW_NANOS], and the bundle is out.
  static final int MOST = 3;

  static final long WINDOW_NANOS = 60_000_000_000L;

  private final Map<String, Deque<Long>> byName = new HashMap<>();

  /// Counts one.
  ///
  /// @param nowNanos of [System#nanoTime]
  /// @return whether that was one too many
  boolean add(String symbolicName, long nowNanos) {
    Deque<Long> recent = byName.computeIfAbsent(symbolicName, _ -> new ArrayDeque<>());
    recent.removeIf(at -> nowNanos - at > WINDOW_NANOS);
    recent.addLast(nowNanos);
    return recent.size() >= MOST;
  }

  /// Begins anew for a bundle, as when another version of it has come.
  void forget(String symbolicName) {
    byName.remove(symbolicName);
  }
}
