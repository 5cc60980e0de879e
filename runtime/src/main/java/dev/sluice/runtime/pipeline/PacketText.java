package dev.sluice.runtime.pipeline;

import dev.sluice.wire.Ethernet;
import dev.sluice.wire.Tcp;
import dev.sluice.wire.Udp;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HexFormat;

/// A packet in one line, for people to read.
final class PacketText {
  private PacketText() {}

  /// As `60 bytes from eth0, UDP 10.0.0.1 port 1000 to 10.0.0.2 port 2000`.
  ///
  /// @param packet nobody else's, its layers found
  static String of(Frame packet) {
    String text = packet.length() + " bytes from " + packet.ingress().name();
    if (packet.networkAt() >= 0 && packet.etherType() != Ethernet.TYPE_ARP) {
      return text + ", " + ip(packet);
    }
    if (packet.etherType() < 0) {
      return text;
    }
    return text + ", EtherType 0x" + HexFormat.of().toHexDigits((short) packet.etherType());
  }

  private static String ip(Frame packet) {
    boolean four = packet.etherType() == Ethernet.TYPE_IPV4;
    int bytes = four ? 4 : 16;
    int source = packet.networkAt() + (four ? 12 : 8);
    int at = packet.transportAt();
    MemorySegment memory = packet.memory();
    return switch (packet.transportProtocol()) {
      case Tcp.PROTOCOL ->
          "TCP "
              + end(memory, source, bytes, Tcp.sourcePort(memory, at))
              + " to "
              + end(memory, source + bytes, bytes, Tcp.destPort(memory, at));
      case Udp.PROTOCOL ->
          "UDP "
              + end(memory, source, bytes, Udp.sourcePort(memory, at))
              + " to "
              + end(memory, source + bytes, bytes, Udp.destPort(memory, at));
      default ->
          "IP protocol "
              + packet.transportProtocol()
              + " "
              + address(memory, source, bytes)
              + " to "
              + address(memory, source + bytes, bytes);
    };
  }

  private static String end(MemorySegment memory, int at, int bytes, int port) {
    return address(memory, at, bytes) + " port " + port;
  }

  private static String address(MemorySegment memory, int at, int bytes) {
    try {
      byte[] address = memory.asSlice(at, bytes).toArray(ValueLayout.JAVA_BYTE);
      return InetAddress.getByAddress(address).getHostAddress();
    } catch (UnknownHostException e) {
      throw new AssertionError(bytes + " bytes are an address", e);
    }
  }
}
