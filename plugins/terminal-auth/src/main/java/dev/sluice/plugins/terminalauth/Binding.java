package dev.sluice.plugins.terminalauth;

import dev.sluice.plugin.Device;

/// Where a session's terminal was when it authenticated; its packets must come from exactly there.
///
/// @param device the ingress device
/// @param vlanKey as `Packet.vlanKey()`
/// @param hardwareAddress the terminal's, 48 bits
/// @param address the terminal's
record Binding(Device device, int vlanKey, long hardwareAddress, IpAddress address) {

  /// Whether a packet from this address came the bound way.
  boolean matches(Device ingress, int vlans, long source) {
    return ingress == device && vlans == vlanKey && source == hardwareAddress;
  }
}
