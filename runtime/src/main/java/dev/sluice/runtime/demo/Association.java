package dev.sluice.runtime.demo;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bouncycastle.tls.DTLSClientProtocol;
import org.bouncycastle.tls.DTLSTransport;

/// A session with the gateway, seen from the terminal, from the handshake on. One thread at a time.
public final class Association implements AutoCloseable {
  /// Most bytes of a line from the gateway.
  private static final int MAX_LINE_BYTES = 1_400;

  private static final int POLL_MILLIS = 200;
  private static final long NANOS_PER_MILLI = 1_000_000;
  private static final Pattern OK =
      Pattern.compile("SLUICE/1 OK lease=(\\d{1,9}) keep-alive=(\\d{1,9})\\R?");

  private final UdpTransport transport;
  private final DTLSTransport dtls;
  private final AgentEvent.Accepted accepted;
  private final byte[] line = new byte[MAX_LINE_BYTES];

  private Association(UdpTransport transport, DTLSTransport dtls, AgentEvent.Accepted accepted) {
    this.transport = transport;
    this.dtls = dtls;
    this.accepted = accepted;
  }

  /// Authenticates once, over a socket that is bound to the terminal's address. The socket is the
  /// session's from now on, and is closed with it, or if there is none.
  ///
  /// @throws IOException if the gateway refuses, or has not accepted within `handshakeMillis` for
  ///   the handshake and as long again for its first line
  public static Association open(
      DatagramSocket socket,
      InetSocketAddress gateway,
      Credentials credentials,
      GatewayTrust trust,
      int handshakeMillis)
      throws IOException {
    UdpTransport transport = new UdpTransport(socket, gateway);
    try {
      return shakeHands(new AgentClient(credentials, trust, handshakeMillis), transport);
    } catch (IOException | RuntimeException e) {
      transport.close();
      throw e;
    }
  }

  static Association shakeHands(AgentClient client, UdpTransport transport) throws IOException {
    DTLSTransport dtls = new DTLSClientProtocol().connect(client, transport);
    return new Association(
        transport, dtls, awaitAcceptance(dtls, client.getHandshakeTimeoutMillis()));
  }

  private static AgentEvent.Accepted awaitAcceptance(DTLSTransport session, int millis)
      throws IOException {
    byte[] line = new byte[MAX_LINE_BYTES];
    long deadline = System.nanoTime() + millis * NANOS_PER_MILLI;
    while (System.nanoTime() < deadline) {
      int bytes = session.receive(line, 0, line.length, POLL_MILLIS);
      if (0 < bytes) {
        String text = new String(line, 0, bytes, StandardCharsets.US_ASCII);
        Matcher ok = OK.matcher(text);
        if (!ok.matches()) {
          throw new IOException("the gateway opened with '" + text.strip() + "'");
        }
        return new AgentEvent.Accepted(
            Integer.parseInt(ok.group(1)), Integer.parseInt(ok.group(2)));
      }
    }
    throw new IOException("the gateway shook hands and then said nothing");
  }

  /// What the gateway opened with.
  AgentEvent.Accepted accepted() {
    return accepted;
  }

  /// Sends a line; an empty one shows that the terminal lives, and is not answered.
  ///
  /// @throws IOException if the session has ended
  public void say(String text) throws IOException {
    byte[] bytes = (text + "\n").getBytes(StandardCharsets.US_ASCII);
    dtls.send(bytes, 0, bytes.length);
  }

  /// Takes in what the gateway has sent, waiting so long for it.
  ///
  /// @throws IOException if the session has ended
  public void take(int waitMillis) throws IOException {
    dtls.receive(line, 0, line.length, waitMillis);
  }

  /// Says `BYE`.
  void leave() throws IOException {
    say("BYE");
    dtls.close();
  }

  /// Leaves, and closes the socket.
  @Override
  public void close() {
    try {
      leave();
    } catch (IOException e) {
      // The gateway has ended it before, or is gone: there is nobody left to tell.
      transport.close();
    }
    transport.close();
  }
}
