package dev.sluice.runtime.pipeline;

/// How long a thread that finds no work stays awake: as long as its work has earned it. One thread.
///
/// Between the bursts of a loaded link there are gaps of some tens of microseconds. A thread that
/// sleeps through each of them is late now and then by milliseconds, above all under a hypervisor,
/// which gives a processor that sleeps to others; then the rings of a port run full, though the
/// thread could have carried many times as much. A thread that never sleeps takes a whole processor
/// on an idle link. So each frame earns some time, and the time awake without work uses it up: what
/// that costs grows with the load and ends with it. A thread that does all to a frame, and so is
/// paid five times, sleeps no more from a hundred thousand frames a second on.
final class Vigil {
  /// What a frame earns for being received, judged, taken to be sent, sent, and sent at last.
  static final long NANOS_PER_MOVE = 2_000;

  /// No more is saved up.
  static final long MOST_NANOS = 1_000_000;

  /// Between two turns without work. Where it takes longer, somebody else wants the processor.
  static final long UNDISTURBED_NANOS = 50_000;

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
  /// @param moves how much it did
  void worked(int moves) {
    earned = Math.min(earned + moves * NANOS_PER_MOVE, most);
    idle = false;
  }

  /// Whether to stay awake for once more, without work since the last call or since [#worked].
  ///
  /// @param now as [System#nanoTime] says
  boolean lasts(long now) {
    if (idle) {
      long took = now - counted;
      earned = took <= UNDISTURBED_NANOS ? Math.max(0, earned - took) : 0;
    }
    idle = true;
    counted = now;
    return 0 < earned;
  }
}
