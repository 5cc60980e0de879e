package dev.sluice.wire;

import java.lang.foreign.MemorySegment;

/// Reads everything that the layers of a frame promise, with every getter of every view, and checks
/// that what they say stays within the frame and in order. The tests of other modules may use it.
public final class ViewReading {
  private static final long PRIME = 0x100000001b3L;

  private long digest;
  private int apdus;

  /// A number that stands for all that was read: equal frames have equal ones.
  ///
  /// @param layers of this frame
  /// @throws AssertionError if an offset is out of order or bounds
  public long read(MemorySegment memory, int length, Layers layers, Layers.Finding finding) {
    digest = finding == Layers.Finding.OK ? 1 : finding == Layers.Finding.FRAGMENT ? 2 : 3;
    add(layers.vlanTags(), layers.vlanKey(), layers.etherType(), layers.networkAt());
    add(layers.transportProtocol(), layers.transportAt(), layers.payloadAt(), layers.endAt());
    expect(0 <= layers.endAt() && layers.endAt() <= length, "the end is within the frame");
    if (layers.networkAt() >= 0) {
      readNetwork(memory, layers);
    }
    if (layers.transportAt() >= 0) {
      expect(layers.networkAt() + 20 <= layers.transportAt(), "transport is behind the network");
      expect(layers.transportAt() <= layers.endAt(), "transport starts before the end");
      readTransport(memory, layers);
    }
    return digest;
  }

  /// APDUs seen in all frames so far.
  public int apdus() {
    return apdus;
  }

  private void readNetwork(MemorySegment memory, Layers layers) {
    int at = layers.networkAt();
    expect(at == 14 + 4 * layers.vlanTags(), "the network layer is behind the tags");
    add(Ethernet.dest(memory, 0), Ethernet.source(memory, 0));
    switch (layers.etherType()) {
      case Ethernet.TYPE_IPV4 -> readIpv4(memory, at);
      case Ethernet.TYPE_IPV6 -> {
        add(Ipv6.sourceHigh(memory, at), Ipv6.sourceLow(memory, at), Ipv6.hopLimit(memory, at));
        add(Ipv6.destHigh(memory, at), Ipv6.destLow(memory, at), Ipv6.flowLabel(memory, at));
        add(Ipv6.nextHeader(memory, at), Ipv6.payloadBytes(memory, at));
        add(Ipv6Extensions.walk(memory, at));
      }
      default -> {
        expect(layers.etherType() == Ethernet.TYPE_ARP, "the network layer is one that is known");
        add(Arp.senderHardware(memory, at), Arp.senderProtocol(memory, at));
        add(Arp.targetHardware(memory, at), Arp.targetProtocol(memory, at));
        add(Arp.operation(memory, at));
      }
    }
  }

  private void readIpv4(MemorySegment memory, int at) {
    add(Ipv4.source(memory, at), Ipv4.dest(memory, at), Ipv4.identification(memory, at));
    add(Ipv4.service(memory, at), Ipv4.timeToLive(memory, at), Ipv4.protocol(memory, at));
    add(Ipv4.fragmentOffsetBytes(memory, at), Ipv4.isFragment(memory, at) ? 1 : 0);
    add(Ipv4.isChecksumRight(memory, at) ? 1 : 0);
    int end = at + Ipv4.headerBytes(memory, at);
    for (int kind = 2; kind < 12; kind++) {
      option(memory, Ipv4.optionAt(memory, at, kind), at + 20, end, 1);
    }
    option(memory, Ipv4.optionAt(memory, at, Ipv4.OPTION_LOOSE_SOURCE_ROUTE), at + 20, end, 1);
  }

  private void readTransport(MemorySegment memory, Layers layers) {
    int at = layers.transportAt();
    int end = layers.endAt();
    switch (layers.transportProtocol()) {
      case Tcp.PROTOCOL -> readTcp(memory, at, layers.payloadAt());
      case Udp.PROTOCOL -> {
        add(Udp.sourcePort(memory, at), Udp.destPort(memory, at), Udp.checksum(memory, at));
        expect(at + Udp.datagramBytes(memory, at) <= end, "a datagram ends before its packet");
      }
      case Icmp.PROTOCOL -> {
        add(Icmp.type(memory, at), Icmp.code(memory, at), Icmp.checksum(memory, at));
        add(Icmp.identifier(memory, at), Icmp.sequence(memory, at));
      }
      case Icmpv6.PROTOCOL -> readIcmpv6(memory, at, end);
      default -> {
        expect(layers.payloadAt() == -1, "an unknown protocol has no payload");
        return;
      }
    }
    expect(at + 8 <= layers.payloadAt(), "the payload is behind the transport header");
    expect(layers.payloadAt() <= end, "the payload starts before the end");
    walk(memory, layers.payloadAt(), end);
  }

  private void readTcp(MemorySegment memory, int at, int end) {
    add(Tcp.sourcePort(memory, at), Tcp.destPort(memory, at), Tcp.flags(memory, at));
    add(Tcp.sequence(memory, at), Tcp.acknowledgement(memory, at), Tcp.urgent(memory, at));
    add(Tcp.maxSegmentBytes(memory, at), Tcp.windowShift(memory, at), Tcp.window(memory, at));
    add(Tcp.timestamp(memory, at), Tcp.timestampEcho(memory, at));
    add(Tcp.isSackPermitted(memory, at) ? 1 : 0);
    for (int kind = 2; kind < 12; kind++) {
      option(memory, Tcp.optionAt(memory, at, kind), at + 20, end, 1);
    }
  }

  private void readIcmpv6(MemorySegment memory, int at, int end) {
    add(Icmpv6.type(memory, at), Icmpv6.code(memory, at), Icmpv6.checksum(memory, at));
    add(Icmpv6.identifier(memory, at), Icmpv6.sequence(memory, at));
    if (!NeighborDiscovery.fits(memory, at, end)) {
      return;
    }
    add(NeighborDiscovery.linkAddress(memory, at, end, 1));
    add(NeighborDiscovery.linkAddress(memory, at, end, 2));
    for (int type = 0; type < 12; type++) {
      option(memory, NeighborDiscovery.optionAt(memory, at, end, type), at + 8, end, 8);
    }
    if (NeighborDiscovery.hasTarget(memory, at)) {
      add(NeighborDiscovery.targetHigh(memory, at), NeighborDiscovery.targetLow(memory, at));
    }
  }

  /// Goes over APDUs as a guard would; behind bytes that are none it looks for the next one.
  private void walk(MemorySegment memory, int from, int end) {
    int at = from;
    while (at < end) {
      int missing = Iec104.missingBytes(memory, at, end);
      expect(Iec104.BROKEN <= missing && missing <= 255, "an APDU has 255 bytes at most");
      add(missing);
      if (missing != 0) {
        at++;
        continue;
      }
      int bytes = Iec104.apduBytes(memory, at);
      expect(6 <= bytes && bytes <= 255 && bytes <= end - at, "an APDU that fits is all there");
      readApdu(memory, at);
      at += bytes;
    }
  }

  private void readApdu(MemorySegment memory, int at) {
    apdus++;
    add(Iec104.receiveNumber(memory, at), Iec104.isControlLegal(memory, at) ? 1 : 0);
    if (Iec104.kind(memory, at) == Iec104.Kind.I) {
      add(Iec104.typeId(memory, at), Iec104.cause(memory, at), Iec104.originator(memory, at));
      add(Iec104.commonAddress(memory, at), Iec104.objectCount(memory, at));
      add(Iec104.hasObject(memory, at) ? Iec104.objectAddress(memory, at) : 0);
    }
  }

  /// @param unit what the option's length byte counts, in bytes
  private void option(MemorySegment memory, int found, int from, int end, int unit) {
    add(found);
    if (found >= 0) {
      expect(from <= found && found + 2 <= end, "an option starts within its list");
      int bytes = Fields.u8(memory, found + 1L) * unit;
      expect(2 <= bytes && bytes <= end - found, "an option ends within its list");
    }
  }

  private void add(long... values) {
    for (long value : values) {
      digest = (digest ^ value) * PRIME;
    }
  }

  private static void expect(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError("not so: " + what);
    }
  }
}
