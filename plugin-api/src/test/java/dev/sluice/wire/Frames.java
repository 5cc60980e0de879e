package dev.sluice.wire;

import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;

/// Builds frames for tests, outermost header first; lengths and checksums are filled in at the end.
///
/// It shares no code with the views, so that each can be held against the other. The tests of other
/// modules may use it.
public final class Frames {
  private static final int MAX_BYTES = 9216;
  private static final int NONE = -1;

  private final ByteBuffer buffer = ByteBuffer.allocate(MAX_BYTES);
  private int networkAt = NONE;
  private int transportAt = NONE;
  private int transportProtocol = NONE;

  // Where the header written last names its successor.
  private int nextAt;

  private Frames() {}

  /// Begins a frame.
  ///
  /// @param source as `02:00:00:00:00:01`
  public static Frames ethernet(String source, String dest) {
    Frames frame = new Frames();
    frame.buffer.put(mac(dest)).put(mac(source)).putShort((short) 0xffff);
    frame.nextAt = 12;
    return frame;
  }

  /// Begins a frame between two addresses of no importance.
  public static Frames ethernet() {
    return ethernet("02:00:00:00:00:01", "02:00:00:00:00:02");
  }

  /// Adds a tag of type 0x8100.
  public Frames vlan(int id) {
    return vlan(0x8100, id);
  }

  /// Adds a tag.
  ///
  /// @param content priority, drop bit and identifier
  public Frames vlan(int type, int content) {
    return etherType(type).putTag(content);
  }

  /// Names what follows, for a frame that is neither IP nor ARP.
  public Frames etherType(int type) {
    buffer.putShort(nextAt, (short) type);
    return this;
  }

  /// Adds an IPv4 header.
  ///
  /// @param options a multiple of 4 bytes
  public Frames ipv4(String source, String dest, int... options) {
    etherType(0x0800);
    networkAt = buffer.position();
    buffer.put((byte) (0x45 + options.length / 4)).put((byte) 0).putShort((short) 0);
    buffer.putShort((short) 0x1234).putShort((short) 0x4000).put((byte) 64).put((byte) 253);
    buffer.putShort((short) 0).put(address(source)).put(address(dest)).put(octets(options));
    nextAt = networkAt + 9;
    return this;
  }

  /// Adds an IPv6 header.
  public Frames ipv6(String source, String dest) {
    etherType(0x86dd);
    networkAt = buffer.position();
    buffer.putInt(0x60000000).putShort((short) 0).put((byte) 59).put((byte) 64);
    buffer.put(address(source)).put(address(dest));
    nextAt = networkAt + 6;
    return this;
  }

  /// Adds an IPv6 extension header.
  ///
  /// @param rest what follows the next-header byte, its length byte first
  public Frames extension(int type, int... rest) {
    protocol(type);
    nextAt = buffer.position();
    buffer.put((byte) 59).put(octets(rest));
    return this;
  }

  /// Names what an IP packet carries, for a protocol without a method of its own here.
  public Frames protocol(int protocol) {
    buffer.put(nextAt, (byte) protocol);
    return this;
  }

  /// Adds a UDP header.
  public Frames udp(int sourcePort, int destPort) {
    begin(17);
    buffer.putShort((short) sourcePort).putShort((short) destPort).putInt(0);
    return this;
  }

  /// Adds a TCP header with sequence number 1, acknowledgement 2 and window 1000.
  public Frames tcp(int sourcePort, int destPort, int flags) {
    return tcp(sourcePort, destPort, flags, 1, 2, 1000);
  }

  /// Adds a TCP header.
  ///
  /// @param options a multiple of 4 bytes
  public Frames tcp(
      int sourcePort,
      int destPort,
      int flags,
      long sequence,
      long acknowledgement,
      int window,
      int... options) {
    begin(6);
    buffer.putShort((short) sourcePort).putShort((short) destPort);
    buffer.putInt((int) sequence).putInt((int) acknowledgement);
    buffer.put((byte) ((5 + options.length / 4) << 4)).put((byte) flags).putShort((short) window);
    buffer.putInt(0).put(octets(options));
    return this;
  }

  /// Adds an ICMP header, or an ICMPv6 header behind IPv6.
  ///
  /// @param rest the second word of the header, identifier and sequence number of an echo
  public Frames icmp(int type, int code, int rest) {
    begin(isIpv6() ? 58 : 1);
    buffer.put((byte) type).put((byte) code).putShort((short) 0).putInt(rest);
    return this;
  }

  /// Adds an ARP packet.
  public Frames arp(
      int operation, String senderMac, String senderIp, String targetMac, String targetIp) {
    etherType(0x0806);
    buffer.putShort((short) 1).putShort((short) 0x0800).put((byte) 6).put((byte) 4);
    buffer.putShort((short) operation).put(mac(senderMac)).put(address(senderIp));
    buffer.put(mac(targetMac)).put(address(targetIp));
    return this;
  }

  /// Adds bytes.
  public Frames payload(byte... payload) {
    buffer.put(payload);
    return this;
  }

  /// Adds bytes, written as hexadecimal digits with or without blanks.
  public Frames hex(String digits) {
    return payload(HexFormat.of().parseHex(digits.replaceAll("\\s", "")));
  }

  /// The frame, with its lengths and checksums.
  public byte[] bytes() {
    byte[] all = Arrays.copyOf(buffer.array(), buffer.position());
    ByteBuffer frame = ByteBuffer.wrap(all);
    if (networkAt != NONE) {
      finishNetwork(frame);
    }
    if (transportAt != NONE) {
      finishTransport(frame);
    }
    return all;
  }

  /// The frame with zeros behind it up to a length, as Ethernet pads it.
  public byte[] padded(int bytes) {
    byte[] all = bytes();
    return Arrays.copyOf(all, Math.max(bytes, all.length));
  }

  /// The frame in memory of its own size.
  public MemorySegment memory() {
    return MemorySegment.ofArray(bytes());
  }

  /// Where the header of the network layer starts.
  public int networkAt() {
    return networkAt;
  }

  /// Where the header of the transport layer starts.
  public int transportAt() {
    return transportAt;
  }

  private Frames putTag(int content) {
    buffer.putShort((short) content).putShort((short) 0xffff);
    nextAt = buffer.position() - 2;
    return this;
  }

  private void begin(int protocol) {
    protocol(protocol);
    transportProtocol = protocol;
    transportAt = buffer.position();
  }

  private boolean isIpv6() {
    return buffer.get(networkAt) >> 4 == 6;
  }

  private void finishNetwork(ByteBuffer frame) {
    if (isIpv6()) {
      frame.putShort(networkAt + 4, (short) (frame.capacity() - networkAt - 40));
      return;
    }
    frame.putShort(networkAt + 2, (short) (frame.capacity() - networkAt));
    int headerBytes = (frame.get(networkAt) & 0xf) * 4;
    frame.putShort(networkAt + 10, checksum(frame, networkAt, networkAt + headerBytes, 0));
  }

  private void finishTransport(ByteBuffer frame) {
    int end = frame.capacity();
    int bytes = end - transportAt;
    int field =
        switch (transportProtocol) {
          case 6 -> 16;
          case 17 -> 6;
          default -> 2;
        };
    if (transportProtocol == 17) {
      frame.putShort(transportAt + 4, (short) bytes);
    }
    int pseudo = transportProtocol == 1 ? 0 : pseudoSum(frame) + transportProtocol + bytes;
    short checksum = checksum(frame, transportAt, end, pseudo);
    boolean none = transportProtocol == 17 && checksum == 0;
    frame.putShort(transportAt + field, none ? (short) -1 : checksum);
  }

  private int pseudoSum(ByteBuffer frame) {
    int from = networkAt + (isIpv6() ? 8 : 12);
    int end = networkAt + (isIpv6() ? 40 : 20);
    return ~checksum(frame, from, end, 0) & 0xffff;
  }

  // RFC 1071 as its text has it: two bytes at a time, the carry added at once.
  static short checksum(ByteBuffer frame, int from, int end, int initial) {
    int sum = initial;
    for (int at = from; at < end; at += 2) {
      int low = at + 1 < end ? frame.get(at + 1) & 0xff : 0;
      sum += ((frame.get(at) & 0xff) << 8) | low;
      sum = (sum & 0xffff) + (sum >>> 16);
    }
    return (short) ~sum;
  }

  private static byte[] mac(String text) {
    return HexFormat.ofDelimiter(":").parseHex(text);
  }

  private static byte[] address(String text) {
    return InetAddress.ofLiteral(text).getAddress();
  }

  private static byte[] octets(int... values) {
    byte[] octets = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      octets[i] = (byte) values[i];
    }
    return octets;
  }
}
