package dev.sluice.runtime.control;

import dev.sluice.plugin.Packet;
import dev.sluice.wire.Arp;
import dev.sluice.wire.Ethernet;
import dev.sluice.wire.Ipv4;
import dev.sluice.wire.Ipv6;
import dev.sluice.wire.Tcp;
import dev.sluice.wire.Udp;
import java.util.List;
import java.util.function.Predicate;

/// The questions that a filter is made of. Each looks for the header it needs first, so that a
/// frame without one, or a handler that has cut a frame short, is a plain no.
final class FilterTerms {
  private static final int NO_VLAN = 4095;

  static final Predicate<Packet> ARP = FilterTerms::isArp;
  static final Predicate<Packet> IPV4 = FilterTerms::isIpv4;
  static final Predicate<Packet> IPV6 = FilterTerms::isIpv6;

  /// Which of two addresses or ports.
  enum Side {
    SOURCE,
    DEST,
    EITHER
  }

  private FilterTerms() {}

  @SuppressWarnings("unchecked") // an array of one interface, which never leaves this method
  static Predicate<Packet> any(List<Predicate<Packet>> terms) {
    if (terms.size() == 1) {
      return terms.getFirst();
    }
    Predicate<Packet>[] parts = terms.toArray(Predicate[]::new);
    return packet -> {
      for (Predicate<Packet> part : parts) {
        if (part.test(packet)) {
          return true;
        }
      }
      return false;
    };
  }

  @SuppressWarnings("unchecked") // as above
  static Predicate<Packet> all(List<Predicate<Packet>> terms) {
    if (terms.size() == 1) {
      return terms.getFirst();
    }
    Predicate<Packet>[] parts = terms.toArray(Predicate[]::new);
    return packet -> {
      for (Predicate<Packet> part : parts) {
        if (!part.test(packet)) {
          return false;
        }
      }
      return true;
    };
  }

  static Predicate<Packet> protocol(int number) {
    return packet -> packet.transportProtocol() == number;
  }

  /// Either tag.
  static Predicate<Packet> vlan(int id) {
    return packet ->
        packet.vlanKey() >>> 12 == id
            || (packet.vlanTags() > 1 && (packet.vlanKey() & NO_VLAN) == id);
  }

  static Predicate<Packet> in(String port) {
    return packet -> packet.ingress().name().equals(port);
  }

  static Predicate<Packet> out(String port) {
    return packet -> packet.egress().name().equals(port);
  }

  static Predicate<Packet> port(Side side, int number) {
    return packet -> {
      int at = packet.transportAt();
      return switch (packet.transportProtocol()) {
        case Tcp.PROTOCOL ->
            Tcp.fits(packet.memory(), at, packet.endAt())
                && is(
                    side,
                    Tcp.sourcePort(packet.memory(), at) == number,
                    Tcp.destPort(packet.memory(), at) == number);
        case Udp.PROTOCOL ->
            Udp.fits(packet.memory(), at, packet.endAt())
                && is(
                    side,
                    Udp.sourcePort(packet.memory(), at) == number,
                    Udp.destPort(packet.memory(), at) == number);
        default -> false;
      };
    };
  }

  /// An address of the IP header; of ARP, the sender's for the source and the target's.
  static Predicate<Packet> address(Side side, AddressRange range) {
    if (range.ipv6()) {
      return packet -> isIpv6(packet) && hasIpv6(packet, side, range);
    }
    return packet ->
        (isIpv4(packet) && hasIpv4(packet, side, range))
            || (isArp(packet) && hasArp(packet, side, range));
  }

  private static boolean hasIpv4(Packet packet, Side side, AddressRange range) {
    int at = packet.networkAt();
    return is(
        side,
        range.contains(Ipv4.source(packet.memory(), at)),
        range.contains(Ipv4.dest(packet.memory(), at)));
  }

  private static boolean hasArp(Packet packet, Side side, AddressRange range) {
    int at = packet.networkAt();
    return is(
        side,
        range.contains(Arp.senderProtocol(packet.memory(), at)),
        range.contains(Arp.targetProtocol(packet.memory(), at)));
  }

  private static boolean hasIpv6(Packet packet, Side side, AddressRange range) {
    int at = packet.networkAt();
    return is(
        side,
        range.contains(Ipv6.sourceHigh(packet.memory(), at), Ipv6.sourceLow(packet.memory(), at)),
        range.contains(Ipv6.destHigh(packet.memory(), at), Ipv6.destLow(packet.memory(), at)));
  }

  private static boolean is(Side side, boolean source, boolean dest) {
    return switch (side) {
      case SOURCE -> source;
      case DEST -> dest;
      case EITHER -> source || dest;
    };
  }

  private static boolean isArp(Packet packet) {
    return packet.etherType() == Ethernet.TYPE_ARP
        && packet.networkAt() >= 0
        && Arp.fits(packet.memory(), packet.networkAt(), packet.length());
  }

  private static boolean isIpv4(Packet packet) {
    return packet.etherType() == Ethernet.TYPE_IPV4
        && packet.networkAt() >= 0
        && Ipv4.fits(packet.memory(), packet.networkAt(), packet.length());
  }

  private static boolean isIpv6(Packet packet) {
    return packet.etherType() == Ethernet.TYPE_IPV6
        && packet.networkAt() >= 0
        && Ipv6.fits(packet.memory(), packet.networkAt(), packet.length());
  }
}
