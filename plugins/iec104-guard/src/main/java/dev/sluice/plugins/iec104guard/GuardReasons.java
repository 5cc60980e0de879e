package dev.sluice.plugins.iec104guard;

import dev.sluice.plugin.DropReason;

/// Every cause for which the guard drops a packet.
final class GuardReasons {
  /// Holds a command of a blocked type, or the byte that would tell the station which it is.
  static final DropReason COMMAND_BLOCKED = DropReason.of("iec104-command-blocked");

  /// Is no IEC 60870-5-104, or bytes of which the guard cannot tell where their APDU began.
  static final DropReason NOT_PARSABLE = DropReason.of("iec104-not-parsable");

  /// Comes before bytes that the guard has not seen: the sender repeats both in order.
  static final DropReason OUT_OF_ORDER = DropReason.of("iec104-out-of-order");

  /// More flows at a time than the guard follows.
  static final DropReason FLOWS_FULL = DropReason.of("iec104-flows-full");

  private GuardReasons() {}
}
