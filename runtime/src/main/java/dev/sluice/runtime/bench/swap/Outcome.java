package dev.sluice.runtime.bench.swap;

/// What the gateway has told of one deployment, by its event log.
///
/// @param bundle symbolic name and version, or empty
/// @param sentence why, or empty
/// @param toldNanos when this was read, of [System#nanoTime]
/// @param switchMicros the longest time by which a WorkThread's turn was prolonged by the switch;
///   -1 if the gateway does not tell
/// @param graceMicros from the new chain's publication until no thread was in the old one; -1 if
///   the gateway does not tell
public record Outcome(
    Kind kind,
    String bundle,
    String sentence,
    long toldNanos,
    double switchMicros,
    double graceMicros) {
  /// Kinds of outcome.
  public enum Kind {
    /// It is in the chain in force.
    ACTIVE,
    /// It was never in the chain.
    REFUSED,
    /// It was in the chain, and left it again for the version before.
    ROLLED_BACK,
    /// Nothing was told in time.
    NONE
  }

  /// Nothing was told in time.
  static Outcome none() {
    return new Outcome(Kind.NONE, "", "nothing was told in time", System.nanoTime(), -1, -1);
  }
}
