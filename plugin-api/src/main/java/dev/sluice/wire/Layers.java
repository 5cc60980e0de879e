package dev.sluice.wire;

import java.lang.foreign.MemorySegment;

/// Where the layers of one frame start, computed once and read often. One object serves one frame
/// after another; nothing is allocated. Sources: those of the views; what may stand behind what is
/// from IEEE 802.3, IEEE 802.1Q, RFC 791 and RFC 8200.
///
/// Offsets are bytes from the start of the frame, -1 where it has no such layer. The offsets hold
/// for the frame that was parsed last, until somebody changes its headers or length.
///
/// Checked: what the `fits` of each view checks, no more. Checksums are not verified here, neither
/// the IPv4 header's nor those of transport, and options of TCP and IPv4 are not walked.
public final class Layers {
  /// What a frame turned out to be.
  public enum Finding {
    /// Well-formed, so far as Sluice looks into it.
    OK,
    /// A header is cut short or lies. Nothing above Ethernet is visible.
    MALFORMED,
    /// A fragment of an IP packet. Nothing above the network layer is visible.
    FRAGMENT
  }

  /// VLAN key of an untagged frame.
  public static final int NO_VLAN_KEY = 0xffffff;

  private static final int ABSENT = -1;
  private static final int MAX_TAGS = 2;
  private static final int NO_VLAN = 4095;

  // Of the usual frame: where its layers are, what stands at their beginning, and where in a word
  // of 64 bits the fields are that it is read by.
  private static final int IPV4_AT = (int) Ethernet.HEADER_BYTES;
  private static final int BEHIND_IPV4_AT = IPV4_AT + (int) Ipv4.HEADER_BYTES;
  private static final int USUAL_BYTES = BEHIND_IPV4_AT + (int) Udp.HEADER_BYTES;
  private static final long IPV4_WITHOUT_OPTIONS = ((long) Ethernet.TYPE_IPV4 << 8) | 0x45;
  private static final int TYPE_AND_VERSION_SHIFT = 40;
  private static final int TOTAL_SHIFT = 16;
  private static final int FRAGMENT_SHIFT = 48;
  private static final int ANY_FRAGMENT = 0x3fff;
  private static final int PROTOCOL_SHIFT = 32;

  private int vlanTags;
  private int vlanKey = NO_VLAN_KEY;
  private int etherType = ABSENT;
  private int networkAt = ABSENT;
  private int transportProtocol = ABSENT;
  private int transportAt = ABSENT;
  private int payloadAt = ABSENT;
  private int endAt;

  /// Finds the layers of the frame in `[0, length)` of the memory.
  ///
  /// @param length bytes, at most the memory's size
  public Finding parse(MemorySegment memory, int length) {
    return isUsual(memory, length) ? Finding.OK : parseInSteps(memory, length);
  }

  /// Finds the layers of an untagged IPv4 packet without options that carries TCP or UDP, as nearly
  /// all are, by three reads in place of a dozen. What is unusual about a frame in any way is left
  /// to [#parseInSteps], which finds the same in these.
  ///
  /// @return whether it was such a packet; if not, nothing is to be relied on
  boolean isUsual(MemorySegment memory, int length) {
    if (length < USUAL_BYTES) {
      return false;
    }
    long first = Fields.u64(memory, Ethernet.TYPE_AT);
    long second = Fields.u64(memory, Ethernet.TYPE_AT + Long.BYTES);
    int end = IPV4_AT + ((int) (first >>> TOTAL_SHIFT) & 0xffff);
    if (first >>> TYPE_AND_VERSION_SHIFT != IPV4_WITHOUT_OPTIONS
        || (second >>> FRAGMENT_SHIFT & ANY_FRAGMENT) != 0
        || length < end) {
      return false;
    }
    int protocol = (int) (second >>> PROTOCOL_SHIFT) & 0xff;
    int payload = behindTransport(memory, protocol, end);
    vlanTags = 0;
    vlanKey = NO_VLAN_KEY;
    etherType = Ethernet.TYPE_IPV4;
    networkAt = IPV4_AT;
    transportProtocol = protocol;
    transportAt = BEHIND_IPV4_AT;
    payloadAt = payload;
    endAt = end;
    return payload != ABSENT;
  }

  /// Where the payload of a usual TCP segment or UDP datagram begins, or -1 if it is neither.
  private static int behindTransport(MemorySegment memory, int protocol, int end) {
    if (protocol == Tcp.PROTOCOL && Tcp.fits(memory, BEHIND_IPV4_AT, end)) {
      return BEHIND_IPV4_AT + Tcp.headerBytes(memory, BEHIND_IPV4_AT);
    }
    boolean udp = protocol == Udp.PROTOCOL && Udp.fits(memory, BEHIND_IPV4_AT, end);
    return udp ? USUAL_BYTES : ABSENT;
  }

  /// Finds the layers of any frame.
  Finding parseInSteps(MemorySegment memory, int length) {
    clear(length);
    if (!Ethernet.fits(memory, 0, length)) {
      return Finding.MALFORMED;
    }
    int at = tags(memory, length);
    Finding finding = at == ABSENT ? Finding.MALFORMED : network(memory, at, length);
    if (finding != Finding.OK) {
      hideTransport();
    }
    if (finding == Finding.MALFORMED) {
      networkAt = ABSENT;
      endAt = length;
    }
    return finding;
  }

  /// Takes over what another has found, of the same frame or of a copy of it.
  public void become(Layers other) {
    vlanTags = other.vlanTags;
    vlanKey = other.vlanKey;
    etherType = other.etherType;
    networkAt = other.networkAt;
    transportProtocol = other.transportProtocol;
    transportAt = other.transportAt;
    payloadAt = other.payloadAt;
    endAt = other.endAt;
  }

  /// Number of VLAN tags, 0 to 2; a third stays as [#etherType].
  public int vlanTags() {
    return vlanTags;
  }

  /// VLAN identifiers: outer in bits 12..23, inner in bits 0..11, each 4095 where there is no such
  /// tag. A tag that carries the reserved 4095 is malformed, so that it cannot pass for no tag.
  public int vlanKey() {
    return vlanKey;
  }

  /// EtherType behind the tags, 0..65535, or -1 for a frame shorter than an Ethernet header.
  public int etherType() {
    return etherType;
  }

  /// Where the ARP, IPv4 or IPv6 header starts, or -1.
  public int networkAt() {
    return networkAt;
  }

  /// IP protocol number behind the extension headers, 0..255, or -1.
  public int transportProtocol() {
    return transportProtocol;
  }

  /// Where the transport header starts, or -1 exactly when [#transportProtocol] is -1.
  public int transportAt() {
    return transportAt;
  }

  /// Where the payload of TCP, UDP, ICMP or ICMPv6 starts, or -1 for any other packet.
  public int payloadAt() {
    return payloadAt;
  }

  /// Where the IP packet ends; the frame's length for a frame that is not IP, or malformed.
  public int endAt() {
    return endAt;
  }

  private void clear(int length) {
    vlanTags = 0;
    vlanKey = NO_VLAN_KEY;
    etherType = ABSENT;
    networkAt = ABSENT;
    hideTransport();
    endAt = length;
  }

  private void hideTransport() {
    transportProtocol = ABSENT;
    transportAt = ABSENT;
    payloadAt = ABSENT;
  }

  /// Where the network layer starts, or -1 if a tag is cut short or has the reserved identifier.
  private int tags(MemorySegment memory, int length) {
    int at = (int) Ethernet.TYPE_AT;
    int outer = NO_VLAN;
    int inner = NO_VLAN;
    etherType = Ethernet.etherType(memory, 0);
    while (vlanTags < MAX_TAGS && Vlan.isTag(etherType)) {
      if (!Vlan.fits(memory, at, length) || Vlan.id(memory, at) == Vlan.RESERVED_ID) {
        return ABSENT;
      }
      if (vlanTags == 0) {
        outer = Vlan.id(memory, at);
      } else {
        inner = Vlan.id(memory, at);
      }
      vlanTags++;
      vlanKey = (outer << 12) | inner;
      etherType = Vlan.nextType(memory, at);
      at += (int) Vlan.TAG_BYTES;
    }
    return at + Short.BYTES;
  }

  private Finding network(MemorySegment memory, int at, int length) {
    return switch (etherType) {
      case Ethernet.TYPE_IPV4 -> ipv4(memory, at, length);
      case Ethernet.TYPE_IPV6 -> ipv6(memory, at, length);
      case Ethernet.TYPE_ARP -> arp(memory, at, length);
      default -> Finding.OK;
    };
  }

  private Finding arp(MemorySegment memory, int at, int length) {
    networkAt = at;
    return Arp.fits(memory, at, length) ? Finding.OK : Finding.MALFORMED;
  }

  private Finding ipv4(MemorySegment memory, int at, int length) {
    if (!Ipv4.fits(memory, at, length)) {
      return Finding.MALFORMED;
    }
    networkAt = at;
    endAt = at + Ipv4.totalBytes(memory, at);
    if (Ipv4.isFragment(memory, at)) {
      return Finding.FRAGMENT;
    }
    return transport(memory, Ipv4.protocol(memory, at), at + Ipv4.headerBytes(memory, at));
  }

  private Finding ipv6(MemorySegment memory, int at, int length) {
    if (!Ipv6.fits(memory, at, length)) {
      return Finding.MALFORMED;
    }
    networkAt = at;
    endAt = at + (int) Ipv6.HEADER_BYTES + Ipv6.payloadBytes(memory, at);
    long walked = Ipv6Extensions.walk(memory, at);
    if (walked == Ipv6Extensions.FRAGMENTED) {
      return Finding.FRAGMENT;
    }
    if (walked == Ipv6Extensions.BROKEN) {
      return Finding.MALFORMED;
    }
    return transport(memory, Ipv6Extensions.protocol(walked), Ipv6Extensions.transportAt(walked));
  }

  private Finding transport(MemorySegment memory, int protocol, int at) {
    transportProtocol = protocol;
    transportAt = at;
    boolean fits =
        switch (protocol) {
          case Tcp.PROTOCOL -> Tcp.fits(memory, at, endAt);
          case Udp.PROTOCOL -> Udp.fits(memory, at, endAt);
          case Icmp.PROTOCOL -> Icmp.fits(memory, at, endAt);
          case Icmpv6.PROTOCOL -> Icmpv6.fits(memory, at, endAt);
          default -> true;
        };
    if (!fits) {
      return Finding.MALFORMED;
    }
    payloadAt = payloadAt(memory, protocol, at);
    return Finding.OK;
  }

  private static int payloadAt(MemorySegment memory, int protocol, int at) {
    return switch (protocol) {
      case Tcp.PROTOCOL -> at + Tcp.headerBytes(memory, at);
      case Udp.PROTOCOL -> at + (int) Udp.HEADER_BYTES;
      case Icmp.PROTOCOL -> at + (int) Icmp.HEADER_BYTES;
      case Icmpv6.PROTOCOL -> at + (int) Icmpv6.HEADER_BYTES;
      default -> ABSENT;
    };
  }
}
