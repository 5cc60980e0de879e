package dev.sluice.plugins.terminalauth;

import dev.sluice.plugin.DropReason;
import dev.sluice.plugin.Packet;
import dev.sluice.wire.Ethernet;
import dev.sluice.wire.Ipv4;
import dev.sluice.wire.Ipv6;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// The addresses of one IP packet, as [IpAddress] has them, read anew for each packet so that none
/// is allocated.
final class IpHeader {
  long sourceHigh;
  long sourceLow;
  long destHigh;
  long destLow;

  /// Reads the header of an IPv4 or IPv6 packet.
  ///
  /// @return why the packet is refused whoever sent it, or null
  @Nullable DropReason read(Packet packet) {
    MemorySegment memory = packet.memory();
    int at = packet.networkAt();
    if (packet.etherType() == Ethernet.TYPE_IPV6) {
      sourceHigh = Ipv6.sourceHigh(memory, at);
      sourceLow = Ipv6.sourceLow(memory, at);
      destHigh = Ipv6.destHigh(memory, at);
      destLow = Ipv6.destLow(memory, at);
      boolean mapped = IpAddress.isV4(sourceHigh, sourceLow) || IpAddress.isV4(destHigh, destLow);
      return mapped ? GateReasons.BAD_ADDRESS : refusal(packet, at + Ipv6.HEADER_BYTES);
    }
    if (!Ipv4.isChecksumRight(memory, at)) {
      return GateReasons.IP_BAD_CHECKSUM;
    }
    long addresses = Ipv4.addresses(memory, at);
    sourceHigh = 0;
    sourceLow = IpAddress.v4Low((int) (addresses >>> Integer.SIZE));
    destHigh = 0;
    destLow = IpAddress.v4Low((int) addresses);
    return refusal(packet, at + Ipv4.HEADER_BYTES);
  }

  private static @Nullable DropReason refusal(Packet packet, long plainTransportAt) {
    if (packet.transportAt() == plainTransportAt) {
      return null;
    }
    // -1 is a fragment, which comes here only where the operator lets fragments in.
    return packet.transportAt() < 0 ? GateReasons.PROTOCOL_NOT_ALLOWED : GateReasons.IP_OPTIONS;
  }
}
