package dev.sluice.runtime.pipeline;

import dev.sluice.wire.Arp;
import dev.sluice.wire.Ethernet;
import dev.sluice.wire.Icmp;
import dev.sluice.wire.Icmpv6;
import dev.sluice.wire.Layers;
import dev.sluice.wire.Tcp;
import dev.sluice.wire.Udp;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.UnknownHostException;

/// Tells whose packet a frame is, from the start of it and the layers that were found in the whole.
final class FlowText {
  private static final int IPV4_SOURCE_AT = 12;
  private static final int IPV6_SOURCE_AT = 8;
  private static final int ARP_SENDER_AT = 14;
  private static final int ARP_TARGET_AT = 24;

  private FlowText() {}

  /// As `vlan 104 tcp 192.0.2.1:40000 > 198.51.100.1:2404`; with less where the frame has no more,
  /// or where what is there does not reach so far.
  ///
  /// @param head the first bytes of the frame
  /// @param end how many of them are valid
  static String of(MemorySegment head, Layers layers, int end) {
    String tags = tags(layers);
    int at = layers.networkAt();
    return tags
        + switch (layers.etherType()) {
          case Ethernet.TYPE_IPV4 -> ip(head, layers, end, at + IPV4_SOURCE_AT, 4);
          case Ethernet.TYPE_IPV6 -> ip(head, layers, end, at + IPV6_SOURCE_AT, 16);
          case Ethernet.TYPE_ARP -> arp(head, at, end);
          default -> etherType(layers.etherType());
        };
  }

  private static String tags(Layers layers) {
    if (layers.vlanTags() == 0) {
      return "";
    }
    int outer = layers.vlanKey() >>> 12;
    return "vlan " + outer + (layers.vlanTags() > 1 ? "/" + (layers.vlanKey() & 0xfff) : "") + " ";
  }

  private static String etherType(int type) {
    return type < 0 ? "no EtherType" : String.format("type 0x%04x", type);
  }

  private static String arp(MemorySegment head, int at, int end) {
    if (at < 0 || end < at + ARP_TARGET_AT + 4) {
      return "arp";
    }
    return (head.get(ValueLayout.JAVA_BYTE, at + 7) == Arp.REQUEST ? "arp request " : "arp reply ")
        + address(head, at + ARP_SENDER_AT, 4)
        + " > "
        + address(head, at + ARP_TARGET_AT, 4);
  }

  private static String ip(MemorySegment head, Layers layers, int end, int sourceAt, int bytes) {
    if (layers.networkAt() < 0 || end < sourceAt + 2 * bytes) {
      return bytes == 4 ? "ipv4" : "ipv6";
    }
    String source = address(head, sourceAt, bytes);
    String target = address(head, sourceAt + bytes, bytes);
    int at = layers.transportAt();
    int protocol = layers.transportProtocol();
    boolean ports = (protocol == Tcp.PROTOCOL || protocol == Udp.PROTOCOL) && at + 4 <= end;
    return protocol(protocol)
        + source
        + (ports ? ":" + port(head, at) : "")
        + " > "
        + target
        + (ports ? ":" + port(head, at + 2) : "");
  }

  private static String protocol(int protocol) {
    return switch (protocol) {
      case Tcp.PROTOCOL -> "tcp ";
      case Udp.PROTOCOL -> "udp ";
      case Icmp.PROTOCOL -> "icmp ";
      case Icmpv6.PROTOCOL -> "icmpv6 ";
      case -1 -> "ip ";
      default -> "ip protocol " + protocol + " ";
    };
  }

  private static int port(MemorySegment head, int at) {
    return Byte.toUnsignedInt(head.get(ValueLayout.JAVA_BYTE, at)) << 8
        | Byte.toUnsignedInt(head.get(ValueLayout.JAVA_BYTE, at + 1));
  }

  private static String address(MemorySegment head, int at, int bytes) {
    try {
      byte[] raw = head.asSlice(at, bytes).toArray(ValueLayout.JAVA_BYTE);
      String text = InetAddress.getByAddress(raw).getHostAddress();
      return bytes == 16 ? "[" + text + "]" : text;
    } catch (UnknownHostException e) {
      throw new AssertionError("an address has " + bytes + " bytes", e);
    }
  }
}
