package dev.sluice.plugins.terminalauth;

import dev.sluice.plugin.DropReason;
import dev.sluice.plugin.Packet;
import dev.sluice.wire.Arp;
import dev.sluice.wire.Checksum;
import dev.sluice.wire.Ethernet;
import dev.sluice.wire.Icmpv6;
import dev.sluice.wire.Ipv6;
import dev.sluice.wire.NeighborDiscovery;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// What an ARP packet or a neighbour solicitation or advertisement says, in the terms that both
/// share. Addresses are as in [IpAddress]. Read anew for each packet so that none is allocated.
final class AddressMessage {
  /// What a message is for.
  enum Purpose {
    /// Asks who has the target's address.
    QUESTION,
    /// Says that the sender has its address, and was asked.
    ANSWER,
    /// Says so unasked.
    ANNOUNCEMENT,
    /// Asks whether somebody has the target's address before the sender takes it.
    PROBE
  }

  private static final long V4_NONE = IpAddress.v4Low(0);

  Purpose purpose = Purpose.PROBE;
  boolean isV6;

  /// Whose address is claimed: the sender's, or an advertisement's target.
  long senderHigh;

  long senderLow;

  /// 48 bits; the same in the Ethernet header.
  long senderHardware;

  long targetHigh;
  long targetLow;

  int etherType() {
    return isV6 ? Ethernet.TYPE_IPV6 : Ethernet.TYPE_ARP;
  }

  /// Reads an ARP packet.
  ///
  /// @return why it is refused whoever sent it, or null
  @Nullable DropReason readArp(Packet packet) {
    MemorySegment memory = packet.memory();
    int at = packet.networkAt();
    if (at < 0 || !Arp.fits(memory, at, packet.length())) {
      return GateReasons.ADDRESS_MALFORMED;
    }
    int operation = Arp.operation(memory, at);
    if (operation != Arp.REQUEST && operation != Arp.REPLY) {
      return GateReasons.ADDRESS_MALFORMED;
    }
    isV6 = false;
    senderHigh = 0;
    senderLow = IpAddress.v4Low((int) Arp.senderProtocol(memory, at));
    targetHigh = 0;
    targetLow = IpAddress.v4Low((int) Arp.targetProtocol(memory, at));
    senderHardware = Arp.senderHardware(memory, at);
    purpose = arpPurpose(operation);
    return hardwareRefusal(packet);
  }

  private Purpose arpPurpose(int operation) {
    if (senderLow == V4_NONE) {
      return Purpose.PROBE;
    }
    if (senderLow == targetLow) {
      return Purpose.ANNOUNCEMENT;
    }
    return operation == Arp.REQUEST ? Purpose.QUESTION : Purpose.ANSWER;
  }

  /// Reads an ICMPv6 message, with the checks of RFC 4861, sections 7.1.1 and 7.1.2.
  ///
  /// @return why it is refused whoever sent it, or null
  @Nullable DropReason readIcmpv6(Packet packet) {
    MemorySegment memory = packet.memory();
    int network = packet.networkAt();
    int at = packet.transportAt();
    int end = packet.endAt();
    int type = Icmpv6.type(memory, at);
    if (type != NeighborDiscovery.SOLICITATION && type != NeighborDiscovery.ADVERTISEMENT) {
      return GateReasons.ICMPV6;
    }
    if (Ipv6.hopLimit(memory, network) != NeighborDiscovery.HOP_LIMIT
        || !NeighborDiscovery.fits(memory, at, end)
        || !Checksum.isTransportRight(memory, network, Icmpv6.PROTOCOL, at, end)) {
      return GateReasons.ADDRESS_MALFORMED;
    }
    isV6 = true;
    targetHigh = NeighborDiscovery.targetHigh(memory, at);
    targetLow = NeighborDiscovery.targetLow(memory, at);
    if (type == NeighborDiscovery.SOLICITATION) {
      readSolicitation(memory, network);
    } else {
      readAdvertisement(memory, at);
    }
    int option =
        type == NeighborDiscovery.SOLICITATION
            ? NeighborDiscovery.OPTION_SOURCE_ADDRESS
            : NeighborDiscovery.OPTION_TARGET_ADDRESS;
    long said = NeighborDiscovery.linkAddress(memory, at, end, option);
    senderHardware = said == NeighborDiscovery.ABSENT ? Ethernet.source(memory, 0) : said;
    return isStation(targetHigh, targetLow)
        ? hardwareRefusal(packet)
        : GateReasons.ADDRESS_MALFORMED;
  }

  private void readSolicitation(MemorySegment memory, int network) {
    senderHigh = Ipv6.sourceHigh(memory, network);
    senderLow = Ipv6.sourceLow(memory, network);
    boolean unspecified = (senderHigh | senderLow) == 0;
    purpose = unspecified ? Purpose.PROBE : Purpose.QUESTION;
  }

  private void readAdvertisement(MemorySegment memory, int at) {
    senderHigh = targetHigh;
    senderLow = targetLow;
    // What answers the gateway's own question goes to all nodes and does not say that it was
    // solicited (RFC 4861, section 7.2.4): whoever learns takes both kinds.
    boolean solicited =
        (NeighborDiscovery.flags(memory, at) & NeighborDiscovery.FLAG_SOLICITED) != 0;
    purpose = solicited ? Purpose.ANSWER : Purpose.ANNOUNCEMENT;
  }

  /// A message that names another hardware address than its frame, or a group's, is a lie.
  private @Nullable DropReason hardwareRefusal(Packet packet) {
    boolean honest =
        senderHardware == Ethernet.source(packet.memory(), 0)
            && HardwareAddress.isStation(senderHardware);
    return honest ? null : GateReasons.ADDRESS_SPOOF;
  }

  /// Whether an IPv6 address is neither a group's nor one of IPv4 in another form.
  private static boolean isStation(long high, long low) {
    return high >>> 56 != 0xff && !IpAddress.isV4(high, low);
  }
}
