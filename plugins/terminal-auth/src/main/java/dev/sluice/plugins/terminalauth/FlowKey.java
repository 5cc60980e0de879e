package dev.sluice.plugins.terminalauth;

/// Which connection a segment belongs to: terminal and master, whoever sends. Addresses are as in
/// [IpAddress]. Filled anew for each packet so that none is allocated.
final class FlowKey {
  long terminalHigh;
  long terminalLow;
  long masterHigh;
  long masterLow;
  int terminalPort;
  int masterPort;

  void set(FlowKey from) {
    terminalHigh = from.terminalHigh;
    terminalLow = from.terminalLow;
    masterHigh = from.masterHigh;
    masterLow = from.masterLow;
    terminalPort = from.terminalPort;
    masterPort = from.masterPort;
  }

  boolean isSame(FlowKey other) {
    return terminalLow == other.terminalLow
        && masterLow == other.masterLow
        && terminalPort == other.terminalPort
        && masterPort == other.masterPort
        && terminalHigh == other.terminalHigh
        && masterHigh == other.masterHigh;
  }

  boolean isV4() {
    return IpAddress.isV4(terminalHigh, terminalLow);
  }

  /// Depends on every bit of the key and of the seed.
  long hash(long seed) {
    long hash = mix(seed ^ terminalHigh);
    hash = mix(hash ^ terminalLow);
    hash = mix(hash ^ masterHigh);
    hash = mix(hash ^ masterLow);
    return mix(hash ^ ((long) terminalPort << 16 | masterPort));
  }

  /// The finalizer of MurmurHash3: each bit in changes each bit out with even odds.
  private static long mix(long value) {
    long mixed = (value ^ value >>> 33) * 0xff51afd7ed558ccdL;
    mixed = (mixed ^ mixed >>> 33) * 0xc4ceb9fe1a85ec53L;
    return mixed ^ mixed >>> 33;
  }
}
