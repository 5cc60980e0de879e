package dev.sluice.plugin;

/// Where in the chain a handler stands. Stages run in this order, and the handlers of one stage by
/// their number.
public enum Stage {
  /// Refuses what no network should carry.
  SANITY,
  /// Lets through only what belongs to an authenticated terminal.
  AUTHENTICATE,
  /// Understands the application's protocol.
  INSPECT,
  /// Applies the operator's rules.
  FILTER,
  /// Sees what is about to leave, and counts or copies it.
  OBSERVE
}
