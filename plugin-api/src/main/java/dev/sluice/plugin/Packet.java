package dev.sluice.plugin;

import java.lang.foreign.MemorySegment;
import org.osgi.annotation.versioning.ProviderType;

/// One frame on its way through the gateway, and where its layers start.
///
/// **Ownership.** A packet has exactly one owner at any time. While [PacketHandler#receive] runs,
/// the handler owns it: it may read and write the frame in place, change its length within
/// [#capacity], and choose another egress. When `receive` returns, ownership goes back to the
/// pipeline with the [Verdict], unless the handler handed the packet on itself with
/// [PacketSender#sendPacket], or keeps it: [#hold], then [Verdict#TAKEN]. A held packet may be
/// touched by one thread at a time, any thread, until it is given to [PacketSender#sendPacket] or
/// [PacketSender#drop]. Frames come from a bounded pool: a handler that holds many of them starves
/// the ports. After ownership has gone, the same object carries another frame: never keep a
/// reference.
///
/// **Threads.** `receive` is called on a WorkThread; a packet that is not held must not be used
/// from any other.
///
/// **What arrives here.** The runtime has checked the frame's structure. An IP packet with a lying
/// length, a truncated header, or a TCP, UDP or ICMP header that does not fit is dropped before any
/// handler (`malformed = drop`, the default), and so is every IP fragment (`fragments = drop`, the
/// default), because fragments after the first carry no ports and a port rule could be evaded with
/// them. Sluice does not reassemble. Where the operator has set one of the two to `pass`, such
/// frames do reach handlers, with [#transportProtocol] -1. A frame whose EtherType is neither IP
/// nor ARP is given to the handlers with no layer above Ethernet.
///
/// Offsets are bytes from the start of the frame, -1 where the frame has no such layer. They are
/// computed once, before the first handler.
@ProviderType
public interface Packet {
  /// The frame's memory: byte 0 is the first byte of the Ethernet header, and the segment is
  /// [#capacity] bytes long, so that no handler reaches a neighbour's frame. Valid bytes are `[0,
  /// length)`; what lies behind is left over from other frames.
  MemorySegment memory();

  /// Bytes in the frame, without the frame check sequence.
  int length();

  /// Bytes that the frame's memory can hold, the same for each packet of a gateway.
  int capacity();

  /// Shortens the frame, or lengthens it over bytes that the caller has written.
  ///
  /// @param length bytes, 14 to [#capacity]
  /// @throws IllegalArgumentException if `length` is outside that range
  void setLength(int length);

  /// When the frame arrived: nanoseconds since 1970-01-01 UTC, from the device's clock where it has
  /// one.
  long arrivalNanos();

  /// The device that the frame came in by.
  Device ingress();

  /// The device that the frame leaves by when the last handler has passed it: at first the peer of
  /// [#ingress]. Where that has no peer it is [#ingress] itself, for who wants to answer; a packet
  /// that passes without a choice is then dropped with [DropReason#NO_EGRESS].
  Device egress();

  /// Chooses the device that the frame leaves by.
  ///
  /// @throws IllegalArgumentException if the device belongs to another gateway
  void setEgress(Device egress);

  /// Number of VLAN tags behind the addresses, 0 to 2. A third is not looked into: the EtherType is
  /// then that of the tag.
  int vlanTags();

  /// VLAN identifiers as one number to compare: outer in bits 12..23, inner in bits 0..11, each
  /// with 4095 where there is no such tag. An untagged frame has `0xffffff`; a single tag is the
  /// outer. A frame with the reserved identifier 4095 on the wire is malformed, so that it cannot
  /// pass for one without the tag.
  int vlanKey();

  /// EtherType behind the tags, 0..65535; below 1536 it is an IEEE 802.3 length. -1 in a frame that
  /// is shorter than an Ethernet header.
  int etherType();

  /// Where the ARP, IPv4 or IPv6 header starts, or -1.
  int networkAt();

  /// IP protocol number behind the extension headers, 0..255, or -1 if this is no IP packet, or one
  /// whose transport header cannot be seen.
  int transportProtocol();

  /// Where the transport header starts, or -1 exactly when [#transportProtocol] is -1.
  int transportAt();

  /// Where the payload of TCP, UDP, ICMP or ICMPv6 starts, or -1 for any other packet. It equals
  /// [#endAt] for an empty payload.
  int payloadAt();

  /// Where the network layer's packet ends; Ethernet padding is behind it. The frame's length for a
  /// frame that is not IP.
  int endAt();

  /// Computes the layers again, for a handler that has changed headers or length.
  ///
  /// @return whether the frame is well-formed; if not, all layers above Ethernet read as -1
  boolean parseAgain();

  /// Keeps the packet beyond the end of `receive`, which must then return [Verdict#TAKEN]; whatever
  /// it returns or throws, the packet stays held and no later handler sees it. The holder owes the
  /// gateway one [PacketSender#sendPacket] or [PacketSender#drop]. To be called on the WorkThread
  /// that is in `receive`, before any other thread is given the packet.
  ///
  /// @throws IllegalStateException if the caller does not own the packet
  void hold();
}
