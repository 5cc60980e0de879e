package dev.sluice.runtime.pipeline;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What one WorkThread's loops have in common from one generation to the next.
///
/// @param worker index of the WorkThread
/// @param recent frames that its measured batches began with
/// @param habits how its loops behave
record Lane(int worker, LoopCounters counters, RecentFrames recent, Habits habits) {
  /// How the loops of a lane behave.
  ///
  /// @param ownLoops makes the loops that a generation breaks in
  /// @param aloneNanos before that begins
  /// @param measureEvery one batch in so many is measured; a power of two
  /// @param atOnce whether own loops have all packets from the first, and are broken in besides
  record Habits(OwnLoops ownLoops, long aloneNanos, int measureEvery, boolean atOnce) {
    /// Most of several chains that come together are gone when their own loops would begin.
    static final Habits STANDARD =
        new Habits((places, _) -> LoopSpinner.spin(places), 2_000_000_000, ChainLoop.EVERY, false);

    /// Begins at once.
    static final Habits BENCHMARK = new Habits(STANDARD.ownLoops, 0, ChainLoop.EVERY, false);

    /// For a few packets.
    static final Habits REHEARSAL = new Habits((_, _) -> null, 0, ChainLoop.EVERY, false);
  }

  /// Makes a loop that only one generation has.
  interface OwnLoops {
    /// For a chain without trials.
    ///
    /// @param shared that does the same
    /// @return null for none
    @Nullable BatchLoop make(List<LoopSpinner.Place> places, SharedLoop shared);
  }

  /// One for a WorkThread of a pipeline with so many.
  static Lane of(int worker, int workers, Habits habits) {
    return new Lane(worker, new LoopCounters(), RecentFrames.shared(workers), habits);
  }
}
