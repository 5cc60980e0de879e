package dev.sluice.plugins.terminalauth;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.sluice.plugin.Device;
import dev.sluice.plugin.DropReason;
import dev.sluice.plugin.Packet;
import dev.sluice.wire.Checksum;
import dev.sluice.wire.Ethernet;
import dev.sluice.wire.Ipv4;
import dev.sluice.wire.Ipv6;
import dev.sluice.wire.Udp;
import dev.sluice.wire.Vlan;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// A UDP datagram to the authentication port, copied out of its frame, and the way back.
final class Datagram {
  /// Longest payload that is taken, in bytes: what fits an Ethernet frame over IPv4.
  static final int MAX_PAYLOAD_BYTES = 1472;

  static final DropReason TOO_LONG = DropReason.of("auth-too-long");
  static final DropReason BAD_CHECKSUM = DropReason.of("auth-bad-checksum");
  static final DropReason BAD_ADDRESS = DropReason.of("auth-bad-address");

  /// Who sent it, and to which address. Equal for all datagrams of one DTLS association.
  ///
  /// @param address the sender's
  /// @param port the sender's UDP port
  /// @param called the address that the terminal sent to, which the answer comes from
  record Peer(
      Device device,
      int vlanKey,
      long hardwareAddress,
      IpAddress address,
      int port,
      IpAddress called) {}

  private final Peer peer;
  private final long calledHardwareAddress;
  private final int calledPort;

  /// The VLAN tags as they stood behind the addresses: 0, 4 or 8 bytes.
  private final byte[] tags;

  private final byte[] payload;

  Datagram(Peer peer, long calledHardwareAddress, int calledPort, byte[] tags, byte[] payload) {
    this.peer = peer;
    this.calledHardwareAddress = calledHardwareAddress;
    this.calledPort = calledPort;
    this.tags = tags;
    this.payload = payload;
  }

  /// What is wrong with the datagram, or null: too long, a wrong checksum, or an address that no
  /// single station has. An IPv6 packet from an IPv4-mapped address is refused too: it would pass
  /// for the IPv4 station.
  static @Nullable DropReason flaw(Packet packet) {
    MemorySegment memory = packet.memory();
    long transportAt = packet.transportAt();
    long end = transportAt + Udp.datagramBytes(memory, transportAt);
    if (end - transportAt - Udp.HEADER_BYTES > MAX_PAYLOAD_BYTES) {
      return TOO_LONG;
    }
    if (!Checksum.isTransportRight(memory, packet.networkAt(), Udp.PROTOCOL, transportAt, end)) {
      return BAD_CHECKSUM;
    }
    boolean v4 = packet.etherType() == Ethernet.TYPE_IPV4;
    IpAddress called = called(packet);
    IpAddress sender = sender(packet);
    boolean stations =
        HardwareAddress.isStation(Ethernet.source(memory, 0))
            && HardwareAddress.isStation(Ethernet.dest(memory, 0))
            && sender.isStation()
            && called.isStation()
            && sender.isV4() == v4
            && called.isV4() == v4;
    return stations ? null : BAD_ADDRESS;
  }

  /// Who sent a datagram that has no [#flaw].
  static Peer peerOf(Packet packet) {
    MemorySegment memory = packet.memory();
    return new Peer(
        packet.ingress(),
        packet.vlanKey(),
        Ethernet.source(memory, 0),
        sender(packet),
        Udp.sourcePort(memory, packet.transportAt()),
        called(packet));
  }

  /// Copies a datagram of this peer.
  static Datagram copyOf(Packet packet, Peer peer) {
    MemorySegment memory = packet.memory();
    long transportAt = packet.transportAt();
    return new Datagram(
        peer,
        Ethernet.dest(memory, 0),
        Udp.destPort(memory, transportAt),
        bytes(memory, Ethernet.TYPE_AT, packet.vlanTags() * Vlan.TAG_BYTES),
        bytes(
            memory,
            transportAt + Udp.HEADER_BYTES,
            Udp.datagramBytes(memory, transportAt) - Udp.HEADER_BYTES));
  }

  /// Another datagram of the same peer.
  Datagram with(byte[] other) {
    return new Datagram(peer, calledHardwareAddress, calledPort, tags, other);
  }

  private static byte[] bytes(MemorySegment memory, long at, long count) {
    return memory.asSlice(at, count).toArray(JAVA_BYTE);
  }

  static IpAddress sender(Packet packet) {
    MemorySegment memory = packet.memory();
    long at = packet.networkAt();
    return packet.etherType() == Ethernet.TYPE_IPV4
        ? IpAddress.v4((int) Ipv4.source(memory, at))
        : new IpAddress(Ipv6.sourceHigh(memory, at), Ipv6.sourceLow(memory, at));
  }

  private static IpAddress called(Packet packet) {
    MemorySegment memory = packet.memory();
    long at = packet.networkAt();
    return packet.etherType() == Ethernet.TYPE_IPV4
        ? IpAddress.v4((int) Ipv4.dest(memory, at))
        : new IpAddress(Ipv6.destHigh(memory, at), Ipv6.destLow(memory, at));
  }

  Peer peer() {
    return peer;
  }

  long calledHardwareAddress() {
    return calledHardwareAddress;
  }

  /// The authentication port, as it was when the datagram came.
  int calledPort() {
    return calledPort;
  }

  byte[] tags() {
    return tags;
  }

  byte[] payload() {
    return payload;
  }
}
