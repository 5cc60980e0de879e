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

  void set(FlowKey from) {
    sourceHigh = from.sourceHigh;
    sourceLow = from.sourceLow;
    destHigh = from.destHigh;
    destLow = from.destLow;
    ports = from.ports;
  }

  /// The other direction of the same connection.
  void setReverse(FlowKey from) {
    sourceHigh = from.destHigh;
    sourceLow = from.destLow;
    destHigh = from.sourceHigh;
    destLow = from.sourceLow;
    ports = from.ports << 16 | from.ports >>> 16;
  }

  boolean isSame(FlowKey other) {
    return ports == other.ports
        && sourceLow == other.sourceLow
        && destLow == other.destLow
        && sourceHigh == other.sourceHigh
        && destHigh == other.destHigh;
  }

  /// Depends on every bit of the key and of the seed.
  long hash(long seed) {
    long hash = mix(seed ^ sourceHigh);
    hash = mix(hash ^ sourceLow);
    hash = mix(hash ^ destHigh);
    hash = mix(hash ^ destLow);
    return mix(hash ^ ports);
  }

  /// The finalizer of MurmurHash3: each bit in changes each bit out with even odds.
  private static long mix(long value) {
    long mixed = (value ^ value >>> 33) * 0xff51afd7ed558ccdL;
    mixed = (mixed ^ mixed >>> 33) * 0xc4ceb9fe1a85ec53L;
    return mixed ^ mixed >>> 33;
  }
}
