package dev.sluice.runtime.bench;

/// What systems are measured under.
///
/// @param settings more lines of the gateways' `sluice.cfg`; may be empty
/// @param warmUpSeconds traffic before the first figure, for all systems alike
record Conditions(String settings, double warmUpSeconds) {
  /// So long a JIT compiler may need that shares two processors with what it compiles for.
  static final double WARM_UP_SECONDS = 10;
}
