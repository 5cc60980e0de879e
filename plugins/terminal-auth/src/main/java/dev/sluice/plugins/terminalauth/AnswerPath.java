package dev.sluice.plugins.terminalauth;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.sluice.plugin.PacketSender;
import dev.sluice.wire.Checksum;
import dev.sluice.wire.Ethernet;
import dev.sluice.wire.Ipv4;
import dev.sluice.wire.Ipv6;
import dev.sluice.wire.Udp;
import java.lang.foreign.MemorySegment;

/// Sends datagrams back to where one came from, as if the station answered that was called: the
/// source is the address the terminal sent to, so that its own stack takes the answer as one.
///
/// Safe for any thread.
final class AnswerPath {
  /// Longest payload in bytes, so that no answer needs to be fragmented on a path of 1400 bytes.
  static final int MAX_PAYLOAD_BYTES = 1400 - (int) Ipv6.HEADER_BYTES - (int) Udp.HEADER_BYTES;

  private static final int HOPS = 64;

  private final Datagram request;
  private final PacketSender sender;

  AnswerPath(Datagram request, PacketSender sender) {
    this.request = request;
    this.sender = sender;
  }

  /// Sends a payload. One that the gateway has no room for is lost, as datagrams may be, and
  /// counted by the gateway.
  void send(byte[] payload, int offset, int bytes) {
    sender.sendData(request.peer().device(), frame(payload, offset, bytes));
  }

  /// The whole Ethernet frame for a payload.
  MemorySegment frame(byte[] payload, int offset, int bytes) {
    boolean v4 = request.peer().address().isV4();
    long networkAt = Ethernet.HEADER_BYTES + request.tags().length;
    long udpAt = networkAt + (v4 ? Ipv4.HEADER_BYTES : Ipv6.HEADER_BYTES);
    long end = udpAt + Udp.HEADER_BYTES + bytes;
    MemorySegment frame = MemorySegment.ofArray(new byte[Math.toIntExact(end)]);
    writeEthernet(frame, v4 ? Ethernet.TYPE_IPV4 : Ethernet.TYPE_IPV6);
    int datagramBytes = Math.toIntExact(end - udpAt);
    if (v4) {
      writeIpv4(frame, networkAt, datagramBytes);
    } else {
      writeIpv6(frame, networkAt, datagramBytes);
    }
    Udp.setSourcePort(frame, udpAt, request.calledPort());
    Udp.setDestPort(frame, udpAt, request.peer().port());
    Udp.setDatagramBytes(frame, udpAt, datagramBytes);
    MemorySegment.copy(payload, offset, frame, JAVA_BYTE, udpAt + Udp.HEADER_BYTES, bytes);
    Checksum.updateTransport(frame, networkAt, Udp.PROTOCOL, udpAt, end);
    return frame;
  }

  private void writeEthernet(MemorySegment frame, int etherType) {
    byte[] tags = request.tags();
    Ethernet.setDest(frame, 0, request.peer().hardwareAddress());
    Ethernet.setSource(frame, 0, request.calledHardwareAddress());
    MemorySegment.copy(tags, 0, frame, JAVA_BYTE, Ethernet.TYPE_AT, tags.length);
    // Behind the tags stands the EtherType just as it does in a frame without any.
    Ethernet.setEtherType(frame, tags.length, etherType);
  }

  private void writeIpv4(MemorySegment frame, long at, int payloadBytes) {
    Ipv4.setHeaderBytes(frame, at, (int) Ipv4.HEADER_BYTES);
    Ipv4.setTotalBytes(frame, at, (int) Ipv4.HEADER_BYTES + payloadBytes);
    Ipv4.setFragment(frame, at, true, false, 0);
    Ipv4.setTimeToLive(frame, at, HOPS);
    Ipv4.setProtocol(frame, at, Udp.PROTOCOL);
    Ipv4.setSource(frame, at, request.peer().called().low() & 0xffff_ffffL);
    Ipv4.setDest(frame, at, request.peer().address().low() & 0xffff_ffffL);
    Ipv4.updateChecksum(frame, at);
  }

  private void writeIpv6(MemorySegment frame, long at, int payloadBytes) {
    IpAddress source = request.peer().called();
    IpAddress dest = request.peer().address();
    Ipv6.setClassAndLabel(frame, at, 0, 0);
    Ipv6.setPayloadBytes(frame, at, payloadBytes);
    Ipv6.setNextHeader(frame, at, Udp.PROTOCOL);
    Ipv6.setHopLimit(frame, at, HOPS);
    Ipv6.setSource(frame, at, source.high(), source.low());
    Ipv6.setDest(frame, at, dest.high(), dest.low());
  }
}
