package dev.sluice.runtime.config;

/// What a thread does that finds no work.
public enum IdleStrategy {
  /// Spins: for threads with cores of their own.
  SPIN,
  /// Spins, then yields.
  YIELD,
  /// Spins, yields, then waits in poll(2).
  POLL
}
