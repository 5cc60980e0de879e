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
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;

/// How a packet is called where people read of it:
///
///     vlan 104 tcp 10.104.1.1:40000 > 10.104.0.1:2404 S
///     arp who-has 10.104.0.1 tell 10.104.1.1
///     ether 0x88cc
///
/// It is told from the start of the frame and the layers that were found in the whole, with less
/// where the frame has no more, or where what is there does not reach so far. It allocates, so it
/// is no matter for the packet path.
final class FlowText {
  private static final int HEAD_BYTES = 128;
  private static final int IPV4_SOURCE_AT = 12;
  private static final int IPV6_SOURCE_AT = 8;
  private static final int ARP_OPERATION_AT = 6;
  private static final int ARP_SENDER_AT = 14;
  private static final int ARP_TARGET_AT = 24;
  private static final int TCP_FLAGS_AT = 13;
  private static final String FLAGS = "FSRPAUEC";

  private FlowText() {}

  /// Of a whole frame, which nobody else owns.
  static String of(Frame frame) {
    MemorySegment head = MemorySegment.ofArray(new byte[HEAD_BYTES]);
    Layers layers = new Layers();
    frame.copyHead(head, layers);
    return of(head, layers, Math.min(frame.length(), HEAD_BYTES));
  }

  /// Of the start of a frame.
  ///
  /// @param head the first bytes of the frame
  /// @param end how many of them are valid
  static String of(MemorySegment head, Layers layers, int end) {
    int at = layers.networkAt();
    return tags(layers)
        + (at < 0 && isKnown(layers.etherType()) ? "malformed " : "")
        + switch (layers.etherType()) {
          case Ethernet.TYPE_IPV4 -> ip(head, layers, end, at + IPV4_SOURCE_AT, 4);
          case Ethernet.TYPE_IPV6 -> ip(head, layers, end, at + IPV6_SOURCE_AT, 16);
          case Ethernet.TYPE_ARP -> arp(head, at, end);
          case -1 -> "ether";
          default -> "ether 0x%04x".formatted(layers.etherType());
        };
  }

  private static boolean isKnown(int etherType) {
    return etherType == Ethernet.TYPE_IPV4
        || etherType == Ethernet.TYPE_IPV6
        || etherType == Ethernet.TYPE_ARP;
  }

  private static String tags(Layers layers) {
    if (layers.vlanTags() == 0) {
      return "";
    }
    String inner = layers.vlanTags() > 1 ? "vlan " + (layers.vlanKey() & 0xfff) + " " : "";
    return "vlan " + (layers.vlanKey() >>> 12) + " " + inner;
  }

  private static String arp(MemorySegment head, int at, int end) {
    if (at < 0 || end < at + ARP_TARGET_AT + 4) {
      return "arp";
    }
    String sender = address(head, at + ARP_SENDER_AT, 4);
    String target = address(head, at + ARP_TARGET_AT, 4);
    return u16(head, at + ARP_OPERATION_AT) == Arp.REQUEST
        ? "arp who-has " + target + " tell " + sender
        : "arp reply " + sender + " to " + target;
  }

  private static String ip(MemorySegment head, Layers layers, int end, int sourceAt, int bytes) {
    if (layers.networkAt() < 0 || end < sourceAt + 2 * bytes) {
      return bytes == 4 ? "ipv4" : "ipv6";
    }
    String source = address(head, sourceAt, bytes);
    String dest = address(head, sourceAt + bytes, bytes);
    int protocol = layers.transportProtocol();
    int at = layers.transportAt();
    if (at < 0 || end < at + 4 || (protocol != Tcp.PROTOCOL && protocol != Udp.PROTOCOL)) {
      return protocol(protocol) + source + " > " + dest + type(head, protocol, at, end);
    }
    return protocol(protocol)
        + endpoint(source, u16(head, at))
        + " > "
        + endpoint(dest, u16(head, at + 2))
        + (protocol == Tcp.PROTOCOL && at + TCP_FLAGS_AT < end
            ? " " + flags(u8(head, at + TCP_FLAGS_AT))
            : "");
  }

  private static String protocol(int protocol) {
    return switch (protocol) {
      case Tcp.PROTOCOL -> "tcp ";
      case Udp.PROTOCOL -> "udp ";
      case Icmp.PROTOCOL -> "icmp ";
      case Icmpv6.PROTOCOL -> "icmp6 ";
      case -1 -> "ip fragment ";
      default -> "ip protocol " + protocol + " ";
    };
  }

  private static String type(MemorySegment head, int protocol, int at, int end) {
    boolean typed = protocol == Icmp.PROTOCOL || protocol == Icmpv6.PROTOCOL;
    return typed && at >= 0 && at < end ? " type " + u8(head, at) : "";
  }

  private static String endpoint(String address, int port) {
    return (address.indexOf(':') >= 0 ? "[" + address + "]:" : address + ":") + port;
  }

  /// The flags that are set, each by its first letter.
  private static String flags(int bits) {
    StringBuilder set = new StringBuilder(8);
    for (int bit = 0; bit < FLAGS.length(); bit++) {
      if ((bits >> bit & 1) == 1) {
        set.append(FLAGS.charAt(bit));
      }
    }
    return set.isEmpty() ? "-" : set.toString();
  }

  private static int u8(MemorySegment head, int at) {
    return Byte.toUnsignedInt(head.get(ValueLayout.JAVA_BYTE, at));
  }

  private static int u16(MemorySegment head, int at) {
    return u8(head, at) << 8 | u8(head, at + 1);
  }

  private static String address(MemorySegment head, int at, int bytes) {
    byte[] raw = head.asSlice(at, bytes).toArray(ValueLayout.JAVA_BYTE);
    try {
      // As it is written, though the first twelve bytes may be those of a mapped IPv4 address.
      InetAddress address =
          bytes == 4 ? InetAddress.getByAddress(raw) : Inet6Address.getByAddress(null, raw, -1);
      String text = address.getHostAddress();
      return bytes == 4 ? text : shortened(text);
    } catch (UnknownHostException e) {
      throw new AssertionError("an address has " + bytes + " bytes", e);
    }
  }

  /// The first of the longest runs of zeros as `::`, RFC 5952.
  private static String shortened(String groups) {
    for (int run = 8; run > 1; run--) {
      String zeros = "0:".repeat(run - 1) + "0";
      String padded = ":" + groups + ":";
      int at = padded.indexOf(":" + zeros + ":");
      if (at >= 0) {
        String before = at == 0 ? "" : padded.substring(1, at);
        int behind = at + zeros.length() + 2;
        String after =
            behind >= padded.length() ? "" : padded.substring(behind, padded.length() - 1);
        return before + "::" + after;
      }
    }
    return groups;
  }
}
