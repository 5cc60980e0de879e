package dev.sluice.runtime.control;

import dev.sluice.wire.Arp;
import dev.sluice.wire.Ethernet;
import dev.sluice.wire.Icmp;
import dev.sluice.wire.Icmpv6;
import dev.sluice.wire.Ipv4;
import dev.sluice.wire.Ipv6;
import dev.sluice.wire.Layers;
import dev.sluice.wire.Tcp;
import dev.sluice.wire.Udp;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;

/// How a packet is called in a trace:
///
///     vlan 104 tcp 10.104.1.1:40000 > 10.104.0.1:2404 S
///     arp who-has 10.104.0.1 tell 10.104.1.1
///     ether 0x88cc
///
/// For reading only, and off the packet path: it allocates.
public final class FlowText {
  private static final String FLAGS = "FSRPAUEC";

  private FlowText() {}

  /// Any frame, however broken.
  ///
  /// @param memory byte 0 is the first of the Ethernet header
  /// @param length bytes of the frame
  public static String of(MemorySegment memory, int length) {
    Layers layers = new Layers();
    Layers.Finding finding = layers.parse(memory, length);
    StringBuilder text = new StringBuilder(64);
    if (layers.vlanTags() > 0) {
      text.append("vlan ").append(layers.vlanKey() >>> 12).append(' ');
    }
    if (layers.vlanTags() > 1) {
      text.append("vlan ").append(layers.vlanKey() & 0xfff).append(' ');
    }
    if (finding == Layers.Finding.MALFORMED) {
      return text.append("malformed ").append(etherType(layers)).toString();
    }
    return switch (layers.etherType()) {
      case Ethernet.TYPE_ARP -> text.append(arp(memory, layers.networkAt())).toString();
      case Ethernet.TYPE_IPV4, Ethernet.TYPE_IPV6 ->
          text.append(ip(memory, layers, finding)).toString();
      default -> text.append(etherType(layers)).toString();
    };
  }

  private static String etherType(Layers layers) {
    return layers.etherType() < 0 ? "ether" : "ether 0x%04x".formatted(layers.etherType());
  }

  private static String arp(MemorySegment memory, int at) {
    String sender = ipv4(Arp.senderProtocol(memory, at));
    String target = ipv4(Arp.targetProtocol(memory, at));
    return Arp.operation(memory, at) == Arp.REQUEST
        ? "arp who-has " + target + " tell " + sender
        : "arp reply " + sender + " to " + target;
  }

  private static String ip(MemorySegment memory, Layers layers, Layers.Finding finding) {
    boolean six = layers.etherType() == Ethernet.TYPE_IPV6;
    int at = layers.networkAt();
    String source =
        six
            ? ipv6(Ipv6.sourceHigh(memory, at), Ipv6.sourceLow(memory, at))
            : ipv4(Ipv4.source(memory, at));
    String dest =
        six
            ? ipv6(Ipv6.destHigh(memory, at), Ipv6.destLow(memory, at))
            : ipv4(Ipv4.dest(memory, at));
    if (finding == Layers.Finding.FRAGMENT) {
      return "fragment " + source + " > " + dest;
    }
    return transport(memory, layers, source, dest);
  }

  private static String transport(MemorySegment memory, Layers layers, String source, String dest) {
    int at = layers.transportAt();
    return switch (layers.transportProtocol()) {
      case Tcp.PROTOCOL ->
          "tcp %s > %s %s"
              .formatted(
                  endpoint(source, Tcp.sourcePort(memory, at)),
                  endpoint(dest, Tcp.destPort(memory, at)),
                  flags(Tcp.flags(memory, at)));
      case Udp.PROTOCOL ->
          "udp %s > %s"
              .formatted(
                  endpoint(source, Udp.sourcePort(memory, at)),
                  endpoint(dest, Udp.destPort(memory, at)));
      case Icmp.PROTOCOL -> "icmp %s > %s type %d".formatted(source, dest, Icmp.type(memory, at));
      case Icmpv6.PROTOCOL ->
          "icmp6 %s > %s type %d".formatted(source, dest, Icmpv6.type(memory, at));
      default -> "ip protocol %d %s > %s".formatted(layers.transportProtocol(), source, dest);
    };
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

  private static String ipv4(long address) {
    return "%d.%d.%d.%d"
        .formatted(address >> 24 & 0xff, address >> 16 & 0xff, address >> 8 & 0xff, address & 0xff);
  }

  private static String ipv6(long high, long low) {
    try {
      byte[] bytes = ByteBuffer.allocate(16).putLong(high).putLong(low).array();
      return shortened(InetAddress.getByAddress(bytes).getHostAddress());
    } catch (UnknownHostException e) {
      throw new AssertionError("16 bytes are an address", e);
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
