package dev.sluice.plugins.terminalauth;

import dev.sluice.plugin.Device;
import dev.sluice.plugin.Packet;
import dev.sluice.wire.Ethernet;
import org.jspecify.annotations.Nullable;

/// That a packet of one connection and direction went the whole way, through session, binding,
/// registry, settings and neighbours, and passed. One like it need not go there again.
///
/// "Like it" is all that the whole way looks at: same connection (so same addresses, ports and
/// session), devices, VLANs and hardware addresses, and the same stamp. The stamp is the sum of
/// [Admission#revision] and [Neighbours#changes], read before the whole way began; both only grow,
/// and do so after each change of what is asked there, so while the sum holds, so do the answers.
/// Checksums, flags and sequence numbers are checked for each packet, approved or not.
///
/// A packet that is unlike in anything goes the whole way, and is judged there alone. One
/// WorkThread's.
final class Approval {
  private static final long NONE = -1;

  private long stamp = NONE;
  private long source;
  private long dest;
  private int vlanKey;
  private @Nullable Device ingress;
  private @Nullable Device egress;

  /// @param now at least 0, read before the packet went the whole way
  void give(Packet packet, long now) {
    stamp = now;
    source = Ethernet.source(packet.memory(), 0);
    dest = Ethernet.dest(packet.memory(), 0);
    vlanKey = packet.vlanKey();
    ingress = packet.ingress();
    egress = packet.egress();
  }

  boolean covers(Packet packet, long now) {
    return stamp == now
        && packet.ingress() == ingress
        && packet.egress() == egress
        && packet.vlanKey() == vlanKey
        && Ethernet.source(packet.memory(), 0) == source
        && Ethernet.dest(packet.memory(), 0) == dest;
  }

  void withdraw() {
    stamp = NONE;
    ingress = null;
    egress = null;
  }
}
