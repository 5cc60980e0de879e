package dev.sluice.runtime.pipeline;

/// How long a thread that finds no work stays awake: as long as its work has earned it. One thread.
///
/// Between the bursts of a loaded link there are gaps of some tens of microseconds. A thread that
/// sleeps through each of them is late now and then by milliseconds, above all under a hypervisor,
/// which gives a processor that sleeps to others; then the rings of a port run full, though the
/// thread could have carried many times as much. A thread that never sleeps takes a whole processor
/// on an idle link. So each frame earns some time, and the time awake without work uses it up: what
/// that costs grows with the load and ends with it.
final class Vigil {
  /// What a frame earns each time that a role moves it; a fused thread moves it three times.
  static final long NANOS_PER_FRAME = 2_000;

  /// More is not saved up.
  static final long MOST_NANOS = 1_000_000;

  private final long most;
  private long earned;

  /// When the time awake was last counted, if there has been no work since.
  private long counted;

  private boolean idle;

  /// @param allowed whether the thread may stay awake at all: where there are fewer cores than such
  ///   threads, they would take each other's time
  Vigil(boolean allowed) {
    this.most = allowed ? MOST_NANOS : 0;
  }

  boolean isAllowed() {
    return 0 < most;
  }

  /// To be called after work.
  ///
  /// @param frames that were moved, 1 or more
  void worked(int frames) {
    earned = Math.min(earned + frames * NANOS_PER_FRAME, most);
    idle = false;
  }

  /// Whether to stay awake for once more, without work since the last call or since [#worked].
  ///
  /// @param now as [System#nanoTime] says
  boolean lasts(long now) {
    if (idle) {
      earned = Math.max(0, earned - (now - counted));
    }
    idle = true;
    counted = now;
    return 0 < earned;
  }
}
