package dev.sluice.plugins.terminalauth;

import org.jspecify.annotations.Nullable;

/// Whether a terminal is where the registry says, and calls whom it may.
final class Placement {
  private Placement() {}

  /// What is wrong with the place, or null.
  static @Nullable Cause flaw(Terminal terminal, Admission.Gate gate, Datagram.Peer peer) {
    if (gate.leadsToMaster(peer.device()) || !peer.device().name().equals(terminal.port())) {
      return Cause.WRONG_PORT;
    }
    if (peer.vlanKey() != terminal.vlanKey()) {
      return Cause.WRONG_VLAN;
    }
    if (terminal.hardwareAddress().isPresent()
        && terminal.hardwareAddress().getAsLong() != peer.hardwareAddress()) {
      return Cause.WRONG_MAC;
    }
    return mayCall(terminal, gate, peer.called()) ? null : Cause.WRONG_DESTINATION;
  }

  private static boolean mayCall(Terminal terminal, Admission.Gate gate, IpAddress called) {
    return called.equals(gate.ownAddress())
        || terminal.masters().contains(called)
        || Neighbours.master(gate, called.high(), called.low()) != null;
  }
}
