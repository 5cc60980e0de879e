package dev.sluice.plugins.terminalauth;

import dev.sluice.wire.Arp;
import dev.sluice.wire.Checksum;
import dev.sluice.wire.Ethernet;
import dev.sluice.wire.Icmpv6;
import dev.sluice.wire.Ipv4;
import dev.sluice.wire.Ipv6;
import dev.sluice.wire.NeighborDiscovery;
import dev.sluice.wire.Tcp;
import dev.sluice.wire.Udp;
import dev.sluice.wire.Vlan;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Writes frames for tests. Every field has a value that its sender would give it; a test sets what
/// it is about.
final class TestFrame {
  static final int TCP = Tcp.PROTOCOL;

  long source;
  long dest;
  int[] vlans = {};
  IpAddress from;
  IpAddress to;
  int sourcePort;
  int destPort;
  int flags = Tcp.ACK;
  int sequence;
  int acknowledgement;
  int window = 1000;
  int windowShift = -1;
  byte[] payload = {};
  int spoiltTcp;
  int spoiltIp;

  /// Whether the header is IPv6 even though the addresses are of IPv4.
  boolean inIpv6;

  TestFrame(long source, long dest, IpAddress from, IpAddress to) {
    this.source = source;
    this.dest = dest;
    this.from = from;
    this.to = to;
  }

  TestFrame ports(int ofSource, int ofDest) {
    sourcePort = ofSource;
    destPort = ofDest;
    return this;
  }

  TestFrame flags(int all) {
    flags = all;
    return this;
  }

  TestFrame numbers(int sequenceNumber, int acknowledged) {
    sequence = sequenceNumber;
    acknowledgement = acknowledged;
    return this;
  }

  TestFrame window(int bytes) {
    window = bytes;
    return this;
  }

  TestFrame shift(int bits) {
    windowShift = bits;
    return this;
  }

  TestFrame payload(String text) {
    payload = text.getBytes(StandardCharsets.US_ASCII);
    return this;
  }

  TestFrame payload(int bytes) {
    payload = new byte[bytes];
    return this;
  }

  TestFrame vlans(int... outerFirst) {
    vlans = outerFirst;
    return this;
  }

  TestFrame hardware(long sender, long receiver) {
    source = sender;
    dest = receiver;
    return this;
  }

  TestFrame addresses(IpAddress sender, IpAddress receiver) {
    from = sender;
    to = receiver;
    return this;
  }

  byte[] tcp() {
    int headerBytes = windowShift < 0 ? 20 : 24;
    byte[] frame = new byte[14 + 4 * vlans.length + 40 + headerBytes + payload.length];
    MemorySegment memory = MemorySegment.ofArray(frame);
    int network = ethernet(memory, ipType());
    int at = ip(memory, network, Tcp.PROTOCOL, headerBytes + payload.length, 64);
    Tcp.setSourcePort(memory, at, sourcePort);
    Tcp.setDestPort(memory, at, destPort);
    Tcp.setSequence(memory, at, sequence);
    Tcp.setAcknowledgement(memory, at, acknowledgement);
    Tcp.setHeaderBytes(memory, at, headerBytes);
    Tcp.setFlags(memory, at, flags);
    Tcp.setWindow(memory, at, window);
    if (windowShift >= 0) {
      frame[at + 20] = 3;
      frame[at + 21] = 3;
      frame[at + 22] = (byte) windowShift;
    }
    int end = at + headerBytes + payload.length;
    System.arraycopy(payload, 0, frame, at + headerBytes, payload.length);
    Checksum.updateTransport(memory, network, Tcp.PROTOCOL, at, end);
    Tcp.setChecksum(memory, at, Tcp.checksum(memory, at) ^ spoiltTcp);
    return Arrays.copyOf(frame, end);
  }

  byte[] udp() {
    return udp(Udp.PROTOCOL);
  }

  /// An IP packet whose payload has the form of a datagram, whatever its protocol is said to be.
  byte[] udp(int protocol) {
    byte[] frame = new byte[14 + 4 * vlans.length + 48 + payload.length];
    MemorySegment memory = MemorySegment.ofArray(frame);
    int network = ethernet(memory, ipType());
    int at = ip(memory, network, protocol, 8 + payload.length, 64);
    Udp.setSourcePort(memory, at, sourcePort);
    Udp.setDestPort(memory, at, destPort);
    Udp.setDatagramBytes(memory, at, 8 + payload.length);
    int end = at + 8 + payload.length;
    System.arraycopy(payload, 0, frame, at + 8, payload.length);
    return Arrays.copyOf(frame, end);
  }

  /// An ARP packet that says `from` has `hardware`, to `to`.
  byte[] arp(int operation, long hardware) {
    byte[] frame = new byte[60];
    MemorySegment memory = MemorySegment.ofArray(frame);
    int at = ethernet(memory, Ethernet.TYPE_ARP);
    Arp.setTypes(memory, at);
    Arp.setOperation(memory, at, operation);
    Arp.setSenderHardware(memory, at, hardware);
    Arp.setSenderProtocol(memory, at, from.low());
    Arp.setTargetProtocol(memory, at, to.low());
    return frame;
  }

  /// A neighbour discovery message with one option.
  byte[] discovery(int type, int ndFlags, IpAddress target, int option, long hardware, int hops) {
    byte[] frame = new byte[14 + 4 * vlans.length + 40 + 32];
    MemorySegment memory = MemorySegment.ofArray(frame);
    int network = ethernet(memory, Ethernet.TYPE_IPV6);
    int at = ip(memory, network, Icmpv6.PROTOCOL, 32, hops);
    Icmpv6.setType(memory, at, type);
    NeighborDiscovery.setFlags(memory, at, ndFlags);
    NeighborDiscovery.setTarget(memory, at, target.high(), target.low());
    NeighborDiscovery.setAddressOption(memory, at + 24, option, hardware);
    Checksum.updateTransport(memory, network, Icmpv6.PROTOCOL, at, at + 32);
    return frame;
  }

  private boolean isV4() {
    return from.isV4() && !inIpv6;
  }

  private int ipType() {
    return isV4() ? Ethernet.TYPE_IPV4 : Ethernet.TYPE_IPV6;
  }

  int ethernet(MemorySegment memory, int etherType) {
    Ethernet.setDest(memory, 0, dest);
    Ethernet.setSource(memory, 0, source);
    int at = 12;
    for (int vlan : vlans) {
      Vlan.setTagType(memory, at, Vlan.TYPE_CUSTOMER);
      Vlan.setContent(memory, at, 5, false, vlan);
      at += 4;
    }
    Ethernet.setEtherType(memory, at - 12, etherType);
    return at + 2;
  }

  private int ip(MemorySegment memory, int at, int protocol, int payloadBytes, int hops) {
    if (isV4()) {
      Ipv4.setHeaderBytes(memory, at, 20);
      Ipv4.setTotalBytes(memory, at, 20 + payloadBytes);
      Ipv4.setTimeToLive(memory, at, hops);
      Ipv4.setProtocol(memory, at, protocol);
      Ipv4.setSource(memory, at, from.low() & 0xffff_ffffL);
      Ipv4.setDest(memory, at, to.low() & 0xffff_ffffL);
      Ipv4.updateChecksum(memory, at);
      Ipv4.setChecksum(memory, at, Ipv4.checksum(memory, at) ^ spoiltIp);
      return at + 20;
    }
    Ipv6.setClassAndLabel(memory, at, 0, 0);
    Ipv6.setPayloadBytes(memory, at, payloadBytes);
    Ipv6.setNextHeader(memory, at, protocol);
    Ipv6.setHopLimit(memory, at, hops);
    Ipv6.setSource(memory, at, from.high(), from.low());
    Ipv6.setDest(memory, at, to.high(), to.low());
    return at + 40;
  }
}
