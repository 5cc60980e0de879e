package dev.sluice.plugins.terminalauth;

import dev.sluice.wire.Checksum;
import dev.sluice.wire.Ethernet;
import dev.sluice.wire.Ipv6;
import dev.sluice.wire.Tcp;
import java.lang.foreign.MemorySegment;

/// Sends TCP segments without data to one end of a connection, in the name of the other: what cuts
/// a connection, and what asks an end whether it still knows of it.
final class TcpFrames {
  private static final int SEGMENT_BYTES = (int) Tcp.HEADER_BYTES;

  private final FrameBuffer buffer;

  TcpFrames(FrameBuffer buffer) {
    this.buffer = buffer;
  }

  /// Ends the connection at both of its ends, whatever state it is in.
  void cut(TcpConnection connection) {
    connection.readEnds();
    if (connection.state() == TcpConnection.State.SYN_SENT) {
      // The client awaits a SYN-ACK: only what acknowledges its SYN ends that (RFC 9293, 3.10.7.3).
      send(connection, connection.client, Tcp.RST | Tcp.ACK, 0, connection.client.end);
      send(connection, connection.server, Tcp.RST, connection.client.end, 0);
      return;
    }
    reset(connection, connection.client, connection.server);
    reset(connection, connection.server, connection.client);
  }

  /// What an end expects next lies between the last acknowledgement it sent and the newest number
  /// sent to it, so where these differ both are tried (RFC 5961, section 3).
  private void reset(TcpConnection connection, TcpEndpoint end, TcpEndpoint peer) {
    send(connection, end, Tcp.RST | Tcp.ACK, end.ack, end.end);
    if (peer.end != end.ack) {
      send(connection, end, Tcp.RST | Tcp.ACK, peer.end, end.end);
    }
  }

  /// Answers an end's segment on a connection that is cut, with the number it says it awaits.
  void resetAgain(TcpConnection connection, TcpEndpoint end, TcpSegment segment) {
    if (segment.has(Tcp.ACK)) {
      send(connection, end, Tcp.RST, segment.acknowledgement, 0);
    } else {
      send(connection, end, Tcp.RST | Tcp.ACK, 0, segment.end());
    }
  }

  /// Answers a SYN within a connection as its receiver would: with the acknowledgement that a
  /// living end ignores, and that an end which has started anew answers with an exact RST (RFC
  /// 5961, section 4).
  void challenge(TcpConnection connection, TcpEndpoint end, TcpEndpoint peer) {
    connection.readEnds();
    send(connection, end, Tcp.ACK, peer.end, peer.ack);
  }

  private void send(
      TcpConnection connection, TcpEndpoint to, int flags, int sequence, int acknowledgement) {
    boolean toTerminal = connection.sender(true) == to;
    long terminal = connection.terminalHardware();
    long master = connection.masterHardware();
    int at = toTerminal ? begin(connection, terminal, master) : begin(connection, master, terminal);
    int segmentAt = ip(connection, at, toTerminal);
    MemorySegment memory = buffer.memory();
    int terminalPort = connection.terminalPort();
    int masterPort = connection.masterPort();
    Tcp.setSourcePort(memory, segmentAt, toTerminal ? masterPort : terminalPort);
    Tcp.setDestPort(memory, segmentAt, toTerminal ? terminalPort : masterPort);
    Tcp.setSequence(memory, segmentAt, sequence);
    Tcp.setAcknowledgement(memory, segmentAt, acknowledgement);
    Tcp.setHeaderBytes(memory, segmentAt, SEGMENT_BYTES);
    Tcp.setFlags(memory, segmentAt, flags);
    Tcp.setWindow(memory, segmentAt, 0);
    Tcp.setUrgent(memory, segmentAt, 0);
    int end = segmentAt + SEGMENT_BYTES;
    Checksum.updateTransport(memory, at, Tcp.PROTOCOL, segmentAt, end);
    buffer.send(toTerminal ? connection.terminalDevice() : connection.masterDevice(), end);
  }

  private int begin(TcpConnection connection, long dest, long source) {
    int etherType = connection.isV4() ? Ethernet.TYPE_IPV4 : Ethernet.TYPE_IPV6;
    return buffer.begin(dest, source, connection.tags(), connection.tagBytes(), etherType);
  }

  private int ip(TcpConnection connection, int at, boolean toTerminal) {
    if (connection.isV4()) {
      long source = toTerminal ? connection.masterLow : connection.terminalLow;
      long dest = toTerminal ? connection.terminalLow : connection.masterLow;
      return buffer.ipv4(at, Tcp.PROTOCOL, SEGMENT_BYTES, source, dest);
    }
    int payloadAt = buffer.ipv6(at, Tcp.PROTOCOL, SEGMENT_BYTES, FrameBuffer.HOP_LIMIT);
    MemorySegment memory = buffer.memory();
    if (toTerminal) {
      Ipv6.setSource(memory, at, connection.masterHigh, connection.masterLow);
      Ipv6.setDest(memory, at, connection.terminalHigh, connection.terminalLow);
    } else {
      Ipv6.setSource(memory, at, connection.terminalHigh, connection.terminalLow);
      Ipv6.setDest(memory, at, connection.masterHigh, connection.masterLow);
    }
    return payloadAt;
  }
}
