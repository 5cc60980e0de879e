package dev.sluice.runtime.pipeline;

/// A role that a thread plays: one bounded turn after the other.
interface DutyCycle {
  /// Does at most one batch of work.
  ///
  /// @return how much it did, 0 if there was none
  int doWork();

  /// Called on the thread when it takes no more turns.
  default void leave() {}
}
