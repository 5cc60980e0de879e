package dev.sluice.plugins.iec104guard;

/// Which direction of which TCP connection a packet belongs to. Filled anew for each packet so that
/// none is allocated.
final class FlowKey {
  long sourceHigh;
  long sourceLow;
  long destHigh;
  long destLow;

  /// Source port in the upper 16 bits, destination port in the lower.
  int ports;

  /// The other direction of the same connection.
  void setReverse(FlowKey from) {
    sourceHigh = from.destHigh;
    sourceLow = from.destLow;
    destHigh = from.sourceHigh;
    destLow = from.sourceLow;
    ports = from.ports << 16 | from.ports >>> 16;
  }
}
