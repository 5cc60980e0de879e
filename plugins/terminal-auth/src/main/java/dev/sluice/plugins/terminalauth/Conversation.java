package dev.sluice.plugins.terminalauth;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.bouncycastle.tls.DTLSRequest;
import org.bouncycastle.tls.DTLSServerProtocol;
import org.bouncycastle.tls.DTLSTransport;
import org.bouncycastle.tls.TlsTimeoutException;
import org.jspecify.annotations.Nullable;

/// One DTLS association from the ClientHello with a good cookie to its end, on a virtual thread of
/// its own: the handshake, then the lines that the terminal sends.
final class Conversation implements Runnable {
  private static final int RECEIVE_MS = 60_000;

  /// Of a record; the rest is ignored, or one record could ask for hundreds of answers.
  private static final int MAX_LINES = 4;

  private static final int RANDOM_AT = Records.HEADER_BYTES + 12 + 2;
  private static final int RANDOM_BYTES = 32;
  private static final byte CLIENT_HELLO = 1;

  private final Datagram hello;
  private final Source source;
  private final DTLSRequest request;
  private final Surroundings surroundings;
  private final PeerTransport transport;
  private final int timeoutMs;
  private volatile boolean halfOpen = true;
  private volatile @Nullable Cause abandoned;
  private @Nullable List<X509Certificate> path;

  /// What every conversation of a gateway shares.
  record Surroundings(
      Sessions sessions, DtlsEngine engine, SecurityEvents events, Associations associations) {}

  /// @param hello the datagram that `request` was read from
  Conversation(
      Source source,
      Datagram hello,
      DTLSRequest request,
      AnswerPath answers,
      Surroundings surroundings) {
    this.source = source;
    this.hello = hello;
    this.request = request;
    this.surroundings = surroundings;
    this.timeoutMs = surroundings.sessions().policy().settings().limits().timeoutMs();
    this.transport =
        new PeerTransport(answers, System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMs));
  }

  Datagram.Peer peer() {
    return hello.peer();
  }

  /// Whether the handshake is still under way.
  boolean isHalfOpen() {
    return halfOpen;
  }

  /// For how long it has been the terminal's turn and nothing has come.
  long silentNanos(long nowNanos) {
    return transport.silentNanos(nowNanos);
  }

  /// Puts in a datagram; false if too many wait.
  boolean offer(byte[] datagram) {
    return transport.offer(datagram);
  }

  /// Whether a datagram of this peer begins another handshake: the terminal has started again and
  /// uses the same port (RFC 6347, section 4.2.8).
  boolean isAnotherHello(byte[] datagram) {
    return datagram.length >= RANDOM_AT + RANDOM_BYTES
        && datagram[0] == Records.HANDSHAKE
        && datagram[3] == 0
        && datagram[4] == 0
        && datagram[Records.HEADER_BYTES] == CLIENT_HELLO
        && !Arrays.equals(
            datagram,
            RANDOM_AT,
            RANDOM_AT + RANDOM_BYTES,
            hello.payload(),
            RANDOM_AT,
            RANDOM_AT + RANDOM_BYTES);
  }

  /// Gives up a handshake under way.
  void abandon(Cause cause) {
    abandoned = cause;
    transport.close();
  }

  /// Has the thread look whether its lease has ended.
  void wake() {
    transport.interrupt();
  }

  @Override
  public void run() {
    transport.readHere();
    try {
      DTLSTransport dtls = handshake();
      if (dtls != null) {
        live(dtls);
      }
    } finally {
      halfOpen = false;
      transport.close();
      surroundings.associations().remove(this);
    }
  }

  private @Nullable DTLSTransport handshake() {
    TerminalServer server =
        surroundings
            .engine()
            .server(
                surroundings.sessions().policy().material(),
                presented -> path = surroundings.sessions().judge(source, presented),
                timeoutMs);
    try {
      DTLSTransport dtls = new DTLSServerProtocol().accept(server, transport, request);
      transport.clearDeadline();
      return dtls;
    } catch (IOException | RuntimeException e) {
      // The library answers hostile messages with unchecked exceptions now and then.
      failed(server, e);
      return null;
    }
  }

  private void failed(TerminalServer server, Exception e) {
    Refused refusal = server.refusal();
    Cause given = abandoned;
    if (refusal != null) {
      refused(refusal);
    } else if (given != null) {
      surroundings.events().limitHit(given, source.terminal().id(), peer(), Map.of());
    } else {
      boolean late =
          e instanceof PeerTransport.DeadlineException || e instanceof TlsTimeoutException;
      refused(new Refused(late ? Cause.TIMEOUT : server.failure(), String.valueOf(e.getMessage())));
    }
  }

  private void refused(Refused refusal) {
    Map<String, String> detail = Map.of("detail", String.valueOf(refusal.getMessage()));
    surroundings.events().refused(refusal.why(), source.terminal().id(), peer(), detail);
  }

  private void live(DTLSTransport dtls) {
    List<X509Certificate> judged = path;
    if (judged == null) {
      // The library cannot finish a handshake without asking for the certificate.
      throw new IllegalStateException("a handshake without a judged certificate");
    }
    Lease lease;
    try {
      lease = surroundings.sessions().begin(source, judged, this);
    } catch (Refused e) {
      refused(e);
      close(dtls);
      return;
    }
    halfOpen = false;
    try {
      talk(dtls, lease);
      close(dtls);
    } catch (IOException | RuntimeException e) {
      surroundings.sessions().end(lease, Cause.CLOSED_BY_TERMINAL, "");
    }
  }

  private void talk(DTLSTransport dtls, Lease lease) throws IOException {
    AdmissionSettings.Life life = surroundings.sessions().policy().settings().life();
    send(
        dtls,
        "SLUICE/1 OK lease="
            + TimeUnit.NANOSECONDS.toSeconds(life.leaseNanos())
            + " keep-alive="
            + TimeUnit.NANOSECONDS.toSeconds(life.keepAliveNanos()));
    byte[] buffer = new byte[dtls.getReceiveLimit()];
    while (lease.ended() == null) {
      int bytes = receive(dtls, buffer);
      if (bytes >= 0) {
        lease.recordArrived(System.nanoTime());
        String[] lines = new String(buffer, 0, bytes, US_ASCII).split("\n", -1);
        for (int i = 0; i < Math.min(lines.length, MAX_LINES); i++) {
          answer(dtls, lease, lines[i].strip());
        }
      }
    }
  }

  private static int receive(DTLSTransport dtls, byte[] buffer) throws IOException {
    try {
      return dtls.receive(buffer, 0, buffer.length, RECEIVE_MS);
    } catch (InterruptedIOException e) {
      // Woken to look at the lease; the association is whole.
      return -1;
    }
  }

  private void answer(DTLSTransport dtls, Lease lease, String line) throws IOException {
    switch (line) {
      case "" -> {}
      case "PING" -> {
        AdmissionSettings.Life life = surroundings.sessions().policy().settings().life();
        long leftNanos = Math.max(0, lease.leftNanos(life, System.nanoTime()));
        send(dtls, "PONG lease=" + TimeUnit.NANOSECONDS.toSeconds(leftNanos));
      }
      case "BYE" -> surroundings.sessions().end(lease, Cause.CLOSED_BY_TERMINAL, "BYE");
      default -> send(dtls, "ERR unknown line: allowed: PING, BYE");
    }
  }

  private static void send(DTLSTransport dtls, String line) throws IOException {
    byte[] bytes = (line + "\n").getBytes(US_ASCII);
    dtls.send(bytes, 0, bytes.length);
  }

  private void close(DTLSTransport dtls) {
    try {
      dtls.close();
    } catch (IOException e) {
      // The peer is gone, or its close came first: either way the association is over.
      transport.close();
    }
  }
}
