package dev.sluice.runtime.demo;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import org.bouncycastle.tls.DatagramTransport;

/// DTLS records over a connected UDP socket, which it owns.
final class UdpTransport implements DatagramTransport, AutoCloseable {
  /// An IPv6 packet of the smallest MTU that every path carries, less its headers (RFC 8200).
  private static final int SEND_LIMIT = 1280 - 48;

  private static final int RECEIVE_LIMIT = 1500;

  private final DatagramSocket socket;

  UdpTransport(InetSocketAddress peer) throws IOException {
    this(new DatagramSocket(), peer);
  }

  /// Over a socket that is bound already.
  UdpTransport(DatagramSocket bound, InetSocketAddress peer) throws IOException {
    socket = bound;
    try {
      socket.connect(peer);
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  @Override
  public int getReceiveLimit() {
    return RECEIVE_LIMIT;
  }

  @Override
  public int getSendLimit() {
    return SEND_LIMIT;
  }

  /// Returns the datagram's bytes, or -1 if none came within `waitMillis`; to wait for 0 ms is to
  /// wait for 1, because to a socket 0 means for ever.
  @Override
  public int receive(byte[] into, int at, int limit, int waitMillis) throws IOException {
    socket.setSoTimeout(Math.max(1, waitMillis));
    DatagramPacket datagram = new DatagramPacket(into, at, limit);
    try {
      socket.receive(datagram);
      return datagram.getLength();
    } catch (SocketTimeoutException _) {
      return -1;
    }
  }

  @Override
  public void send(byte[] from, int at, int length) throws IOException {
    socket.send(new DatagramPacket(from, at, length));
  }

  @Override
  public void close() {
    socket.close();
  }
}
