package dev.sluice.plugins.terminalauth;

import dev.sluice.plugin.DropReason;

/// Every cause for which the gate drops a packet.
final class GateReasons {
  /// Neither IP nor ARP: LLDP, STP, GOOSE and the like never cross.
  static final DropReason ETHERTYPE = DropReason.of("auth-ethertype");

  /// A VLAN tag of a type that some switches take for none: in front of IP or ARP stands a customer
  /// tag (0x8100), with at most one outer tag of any type before it.
  static final DropReason VLAN_TAG = DropReason.of("auth-vlan-tag");

  /// From a hardware address that is a group's or none.
  static final DropReason BAD_SOURCE = DropReason.of("auth-bad-source");

  /// Sent by an address, or for an address, that the registry does not list.
  static final DropReason UNLISTED = DropReason.of("auth-unlisted");

  /// The terminal is listed, but has no live session.
  static final DropReason NO_SESSION = DropReason.of("auth-no-session");

  /// No version of the bundle has looked after the sessions for five seconds: a revoked terminal
  /// would not be cut.
  static final DropReason NOT_WATCHED = DropReason.of("auth-not-watched");

  /// From the address of a session, but not by the port, VLAN and MAC that the session is bound to.
  static final DropReason BINDING_MISMATCH = DropReason.of("auth-binding-mismatch");

  /// Not between a terminal and one of its masters, or not at the allowed TCP port.
  static final DropReason FLOW_NOT_ALLOWED = DropReason.of("auth-flow-not-allowed");

  /// UDP, ICMP or any other protocol than TCP between allowed addresses.
  static final DropReason PROTOCOL_NOT_ALLOWED = DropReason.of("auth-protocol-not-allowed");

  /// IPv6 with an address that stands for one of IPv4: it would pass for that station.
  static final DropReason BAD_ADDRESS = DropReason.of("auth-bad-address");

  /// IPv4 options or IPv6 extension headers, which could route the packet elsewhere.
  static final DropReason IP_OPTIONS = DropReason.of("auth-ip-options");

  static final DropReason IP_BAD_CHECKSUM = DropReason.of("auth-ip-bad-checksum");

  /// To the hardware address of neither the master nor its router, or not to the bound one.
  static final DropReason WRONG_DESTINATION = DropReason.of("auth-wrong-destination");

  /// The master's hardware address is set, and the frame comes from another.
  static final DropReason WRONG_MASTER = DropReason.of("auth-wrong-master");

  /// An ARP packet or a neighbour discovery message that breaks its protocol's rules.
  static final DropReason ADDRESS_MALFORMED = DropReason.of("auth-address-malformed");

  /// ARP or neighbour discovery that claims an address which is not the sender's.
  static final DropReason ADDRESS_SPOOF = DropReason.of("auth-arp-spoof");

  /// A question for an address that is no master's, no session's and not the gateway's.
  static final DropReason ADDRESS_NOT_REGISTERED = DropReason.of("auth-arp-not-registered");

  /// An answer to a question that the gateway did not ask.
  static final DropReason ADDRESS_NOT_ASKED = DropReason.of("auth-arp-not-asked");

  /// Gratuitous ARP, or an unsolicited neighbour advertisement, of the sender's own address.
  static final DropReason ADDRESS_ANNOUNCED = DropReason.of("auth-arp-announcement");

  /// A search for duplicates of an address: RFC 5227 probe, RFC 4862 duplicate address detection.
  static final DropReason ADDRESS_PROBE = DropReason.of("auth-arp-probe");

  /// The master's hardware address is not known yet; the gateway has asked, or asks again soon.
  static final DropReason MASTER_NOT_RESOLVED = DropReason.of("auth-master-not-resolved");

  /// Router or multicast listener messages, redirects and the rest of ICMPv6.
  static final DropReason ICMPV6 = DropReason.of("auth-icmpv6");

  /// This WorkThread tracks as many connections as it may.
  static final DropReason CONNECTIONS_FULL = DropReason.of("auth-connections-full");

  /// The terminal has as many connections as it may.
  static final DropReason CONNECTIONS_LIMIT = DropReason.of("auth-connections-limit");

  /// Flags that no TCP sends together.
  static final DropReason TCP_BAD_FLAGS = DropReason.of("tcp-bad-flags");

  static final DropReason TCP_BAD_CHECKSUM = DropReason.of("tcp-bad-checksum");

  /// A segment of no tracked connection.
  static final DropReason TCP_NO_CONNECTION = DropReason.of("tcp-no-connection");

  /// A SYN from the side that must not open connections.
  static final DropReason TCP_WRONG_DIRECTION = DropReason.of("tcp-wrong-direction");

  static final DropReason TCP_DATA_BEFORE_HANDSHAKE = DropReason.of("tcp-data-before-handshake");

  /// Sequence numbers outside the receiver's window.
  static final DropReason TCP_OUT_OF_WINDOW = DropReason.of("tcp-out-of-window");

  /// Acknowledges what was not sent, or what was acknowledged long ago (RFC 5961, section 5).
  static final DropReason TCP_ACK_OUT_OF_RANGE = DropReason.of("tcp-ack-out-of-range");

  /// A RST whose number is not exactly the next expected one (RFC 5961, section 3).
  static final DropReason TCP_RESET_NOT_EXACT = DropReason.of("tcp-reset-not-exact");

  /// A SYN within a connection (RFC 5961, section 4).
  static final DropReason TCP_SYN_IN_CONNECTION = DropReason.of("tcp-syn-in-connection");

  private GateReasons() {}
}
