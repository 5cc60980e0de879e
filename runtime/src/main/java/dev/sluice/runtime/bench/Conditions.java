package dev.sluice.runtime.bench;

/// What systems are measured under.
///
/// @param rings lines of `sluice.cfg` that say how deep the gateways' rings are; empty for what
///   they are without any
/// @param warmUpSeconds traffic before the first figure, for all systems alike
record Conditions(String rings, double warmUpSeconds) {
  /// So long a JIT compiler may need that shares two processors with what it compiles for.
  static final double WARM_UP_SECONDS = 10;
}
