package dev.sluice.runtime.pipeline;

/// A role that a thread plays: one bounded turn after the other.
interface DutyCycle {
  /// Does at most one batch of work.
  ///
  /// @return how much it did, 0 if there was none
  int doWork();

  /// Whether another thread has left work for the next turn; those who do so ring this thread's
  /// [Bell] afterwards.
  default boolean hasWork() {
    return false;
  }

  /// How long the thread may wait after a turn without work, unless it is woken, in nanoseconds.
  default long restNanos() {
    return Idle.LONGEST_NANOS;
  }

  /// Called on the thread when it takes no more turns.
  default void leave() {}
}
