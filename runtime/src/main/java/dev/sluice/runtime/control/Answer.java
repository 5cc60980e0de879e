package dev.sluice.runtime.control;

/// What became of an order.
///
/// @param sentence what happened, for the operator; why, if it is not what was ordered
/// @param generation number of the chain in force afterwards
/// @param millis from the order to the outcome
public record Answer(Outcome outcome, String sentence, long generation, long millis) {
  /// How an order ends.
  public enum Outcome {
    /// The bundle is in the chain, and packets pass through it.
    ACTIVE,
    /// The bundle is in the chain, and no packet has come to it yet.
    IN_FORCE,
    /// Nothing has changed.
    REFUSED,
    /// The version before is in the chain again.
    ROLLED_BACK,
    /// The bundle has left the chain.
    REMOVED,
    /// Not decided in the time that an order may take; `bundles` tells later.
    TIMEOUT
  }
}
