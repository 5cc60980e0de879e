package dev.sluice.plugins.terminalauth;

import dev.sluice.plugin.Packet;
import dev.sluice.wire.Tcp;

/// Which connection a segment belongs to: terminal and master, whoever sends. Addresses are as in
/// [IpAddress]. Filled anew for each packet so that none is allocated.
final class FlowKey {
  private static final int PORT_BITS = 16;

  long terminalHigh;
  long terminalLow;
  long masterHigh;
  long masterLow;
  int terminalPort;
  int masterPort;

  /// Reads it from a packet whose transport is TCP.
  void read(IpHeader ip, Packet packet, boolean terminalSends) {
    int both = Tcp.ports(packet.memory(), packet.transportAt());
    int sourcePort = both >>> PORT_BITS;
    int destPort = both & 0xffff;
    terminalHigh = terminalSends ? ip.sourceHigh : ip.destHigh;
    terminalLow = terminalSends ? ip.sourceLow : ip.destLow;
    masterHigh = terminalSends ? ip.destHigh : ip.sourceHigh;
    masterLow = terminalSends ? ip.destLow : ip.sourceLow;
    terminalPort = terminalSends ? sourcePort : destPort;
    masterPort = terminalSends ? destPort : sourcePort;
  }

  /// Both ports as one number.
  long ports() {
    return (long) terminalPort << PORT_BITS | masterPort;
  }

  static int terminalPort(long ports) {
    return (int) (ports >>> PORT_BITS);
  }

  static int masterPort(long ports) {
    return (int) ports & 0xffff;
  }
}
