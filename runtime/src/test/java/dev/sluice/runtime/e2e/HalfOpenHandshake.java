package dev.sluice.runtime.e2e;

import dev.sluice.runtime.lab.Lab;
import dev.sluice.runtime.lab.LabTerminal;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;

/// A DTLS 1.2 handshake that goes as far as the cookie and then falls silent (RFC 6347, section
/// 4.2.1): what an attacker can do who receives at a listed address.
final class HalfOpenHandshake {
  private static final int RECORD_BYTES = 13;
  private static final int MESSAGE_BYTES = 12;
  private static final int COOKIE_AT = RECORD_BYTES + MESSAGE_BYTES + 2;
  private static final int TRIES = 40;
  private static final int ANSWER_MILLIS = 250;

  /// Suite c02b; extensions: P-256, uncompressed points, ECDSA with SHA-256, extended master
  /// secret.
  private static final byte[] OFFER =
      HexFormat.of()
          .parseHex(
              "0002c02b"
                  + "0100"
                  + "001a"
                  + "000a000400020017"
                  + "000b00020100"
                  + "000d000400020403"
                  + "00170000");

  private HalfOpenHandshake() {}

  /// Begins one and abandons it.
  ///
  /// @throws IOException if no cookie comes
  static void leave(LabTerminal from, int port) throws Exception {
    try (DatagramSocket socket =
        Datagrams.open(from.namespace(), from.address(), port, Lab.MASTER_ADDRESS, Lab.AUTH_PORT)) {
      socket.setSoTimeout(ANSWER_MILLIS);
      byte[] cookie = cookie(socket);
      send(socket, hello(1, cookie));
    }
  }

  private static byte[] cookie(DatagramSocket socket) throws IOException {
    byte[] buffer = new byte[1500];
    DatagramPacket answer = new DatagramPacket(buffer, buffer.length);
    for (int attempt = 0; attempt < TRIES; attempt++) {
      send(socket, hello(0, new byte[0]));
      try {
        socket.receive(answer);
        int bytes = Byte.toUnsignedInt(buffer[COOKIE_AT]);
        return Arrays.copyOfRange(buffer, COOKIE_AT + 1, COOKIE_AT + 1 + bytes);
      } catch (SocketTimeoutException _) {
        // Others' datagrams were in its way: once more.
      }
    }
    throw new IOException("no cookie after " + TRIES + " attempts");
  }

  private static void send(DatagramSocket socket, byte[] datagram) throws IOException {
    socket.send(new DatagramPacket(datagram, datagram.length));
  }

  /// A ClientHello in a record of epoch 0.
  ///
  /// @param sequence of the message and of the record
  static byte[] hello(int sequence, byte[] cookie) {
    ByteBuffer body = ByteBuffer.allocate(300);
    body.putShort((short) 0xfefd).put(new byte[32]).put((byte) 0);
    body.put((byte) cookie.length).put(cookie).put(OFFER).flip();
    int bytes = body.remaining();
    ByteBuffer record = ByteBuffer.allocate(RECORD_BYTES + MESSAGE_BYTES + bytes);
    record.put((byte) 22).putShort((short) 0xfefd).putLong(sequence);
    record.putShort((short) (MESSAGE_BYTES + bytes));
    record.put((byte) 1).put((byte) 0).putShort((short) bytes).putShort((short) sequence);
    record.put(new byte[3]).put((byte) 0).putShort((short) bytes);
    return record.put(body).array();
  }
}
