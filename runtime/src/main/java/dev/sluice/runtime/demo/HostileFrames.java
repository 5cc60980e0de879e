package dev.sluice.runtime.demo;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/// Frames by which a host might try to reach a peer it may not reach, or to pass for somebody else.
/// Each carries a mark, so that a tap knows it whatever its addresses are.
///
/// None has the peer's hardware address as its source: a switch on the way would learn it, and keep
/// the frames that follow from the gateway.
final class HostileFrames {
  /// Is in every frame that comes from a terminal's side.
  static final byte[] TERMINAL_MARK = mark("frame from a terminal's side");

  /// Is in every frame that comes from the master station's side.
  static final byte[] MASTER_MARK = mark("frame from the master's side");

  /// How many of them a switch may keep from the gateway: those with a lying IPv4 header, where it
  /// filters, and the one to 01-80-c2-00-00-0e (IEEE 802.1Q, 8.6.3).
  static final int KEPT_BY_SWITCHES = 3;

  private static final int SMALLEST = 60;
  private static final int LARGEST = 1514;
  private static final byte[] BROADCAST = HexFormat.of().parseHex("ffffffffffff");
  private static final byte[] FOREIGN = HexFormat.of().parseHex("02badbadbad0");
  private static final byte[] FOREIGN_ADDRESS = {10, 104, 0, 99};
  private static final int UDP = 17;
  private static final int TCP = 6;
  private static final int ICMP = 1;

  /// An end of the wire, with both addresses it has.
  ///
  /// @param hardware 6 bytes
  /// @param v4 4 bytes
  /// @param v6 16 bytes
  record Host(List<Byte> hardware, List<Byte> v4, List<Byte> v6) {
    static Host of(byte[] hardware, byte[] v4, byte[] v6) {
      return new Host(list(hardware), list(v4), list(v6));
    }

    private static List<Byte> list(byte[] bytes) {
      List<Byte> list = new ArrayList<>();
      for (byte b : bytes) {
        list.add(b);
      }
      return list;
    }
  }

  private final byte[] mark;
  private final byte[] ownHardware;
  private final byte[] own4;
  private final byte[] own6;
  private final byte[] peerHardware;
  private final byte[] peer4;
  private final byte[] peer6;

  HostileFrames(Host own, Host peer, byte[] mark) {
    this.mark = mark.clone();
    ownHardware = bytes(own.hardware());
    own4 = bytes(own.v4());
    own6 = bytes(own.v6());
    peerHardware = bytes(peer.hardware());
    peer4 = bytes(peer.v4());
    peer6 = bytes(peer.v6());
  }

  private static byte[] mark(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static byte[] bytes(List<Byte> list) {
    ByteBuffer bytes = ByteBuffer.allocate(list.size());
    list.forEach(bytes::put);
    return bytes.array();
  }

  /// One of each kind.
  List<byte[]> all() {
    byte[] syn = HexFormat.of().parseHex("303909640000000100000000500220000000" + "0000");
    byte[] probe = HexFormat.of().parseHex("3039" + "00a1" + "0021" + "0000");
    byte[] echo = HexFormat.of().parseHex("0800000000010001");
    List<byte[]> frames = new ArrayList<>();
    frames.add(toPeer(ownHardware, 0x0806, arp(1, ownHardware, own4, peer4)));
    frames.add(toPeer(ownHardware, 0x0806, arp(2, ownHardware, peer4, peer4)));
    frames.add(toPeer(FOREIGN, 0x0806, arp(1, FOREIGN, FOREIGN_ADDRESS, peer4)));
    for (byte[] source : List.of(own4, FOREIGN_ADDRESS, peer4)) {
      frames.add(toPeer(ownHardware, 0x0800, ipv4(source, UDP, 0, probe)));
      frames.add(toPeer(FOREIGN, 0x0800, ipv4(source, TCP, 0, syn)));
    }
    frames.add(toPeer(ownHardware, 0x0800, ipv4(own4, ICMP, 0, echo)));
    frames.add(toPeer(ownHardware, 0x0800, ipv4(own4, TCP, 0x2000, syn))); // first fragment
    frames.add(toPeer(ownHardware, 0x0800, ipv4(own4, TCP, 0x0040, syn))); // a later one
    frames.add(toPeer(ownHardware, 0x0800, lyingLength(ipv4(own4, UDP, 0, probe))));
    frames.add(toPeer(ownHardware, 0x86dd, ipv6(UDP, probe)));
    frames.add(toPeer(ownHardware, 0x86dd, ipv6(TCP, syn)));
    frames.add(toPeer(ownHardware, 0x8100, tagged(104, ipv4(own4, UDP, 0, probe))));
    frames.add(toPeer(ownHardware, 0x88a8, tagged(0, tag(104, ipv4(own4, UDP, 0, probe)))));
    frames.add(frame(BROADCAST, ownHardware, 0x88b5, mark));
    frames.add(frame(HexFormat.of().parseHex("0180c200000e"), ownHardware, 0x88cc, mark));
    frames.add(frame(peerHardware, FOREIGN, 0x88b5, mark));
    frames.add(frame(peerHardware, ownHardware, 0x0800, new byte[LARGEST - 14]));
    frames.add(frame(peerHardware, ownHardware, mark.length, mark)); // IEEE 802.3 length
    return frames;
  }

  private byte[] toPeer(byte[] source, int etherType, byte[] payload) {
    return frame(peerHardware, source, etherType, payload);
  }

  /// A frame padded to what Ethernet demands; a payload without the mark gets it at its end.
  private byte[] frame(byte[] to, byte[] from, int etherType, byte[] payload) {
    byte[] frame = join(to, from, u16(etherType), payload);
    if (frame.length == LARGEST) {
      System.arraycopy(mark, 0, frame, LARGEST - mark.length, mark.length);
      return frame;
    }
    return frame.length < SMALLEST ? join(frame, new byte[SMALLEST - frame.length]) : frame;
  }

  private byte[] arp(int operation, byte[] hardware, byte[] address, byte[] about) {
    byte[] head = HexFormat.of().parseHex("0001080006040000");
    head[7] = (byte) operation;
    return join(head, hardware, address, new byte[6], about, mark);
  }

  private byte[] ipv4(byte[] source, int protocol, int fragment, byte[] transport) {
    byte[] body = join(transport, mark);
    byte[] header =
        join(
            new byte[] {0x45, 0},
            u16(20 + body.length),
            u16(1),
            u16(fragment),
            new byte[] {64, (byte) protocol, 0, 0},
            source,
            peer4);
    int sum = 0;
    for (int at = 0; at < header.length; at += 2) {
      sum += Byte.toUnsignedInt(header[at]) << 8 | Byte.toUnsignedInt(header[at + 1]);
    }
    byte[] check = u16(~((sum & 0xffff) + (sum >> 16)));
    header[10] = check[0];
    header[11] = check[1];
    return join(header, body);
  }

  private static byte[] lyingLength(byte[] packet) {
    packet[2] = 0x7f;
    return packet;
  }

  private byte[] ipv6(int protocol, byte[] transport) {
    byte[] body = join(transport, mark);
    return join(
        new byte[] {0x60, 0, 0, 0},
        u16(body.length),
        new byte[] {(byte) protocol, 64},
        own6,
        peer6,
        body);
  }

  private static byte[] tagged(int vlan, byte[] packet) {
    return vlan == 0 ? join(u16(7), packet) : join(u16(vlan), u16(0x0800), packet);
  }

  /// What follows the outer tag of a QinQ frame.
  private static byte[] tag(int vlan, byte[] packet) {
    return join(u16(0x8100), tagged(vlan, packet));
  }

  private static byte[] u16(int value) {
    return new byte[] {(byte) (value >> 8), (byte) value};
  }

  private static byte[] join(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }
}
