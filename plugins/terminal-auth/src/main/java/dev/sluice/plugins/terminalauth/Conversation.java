package dev.sluice.plugins.terminalauth;

import java.io.IOException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.bouncycastle.tls.DTLSRequest;
import org.bouncycastle.tls.DTLSServerProtocol;
import org.bouncycastle.tls.DTLSTransport;
import org.bouncycastle.tls.TlsTimeoutException;
import org.jspecify.annotations.Nullable;

/// One DTLS handshake from the ClientHello with a good cookie to its end, on a virtual thread of
/// its own. What follows needs none: [SecureLine], [LineTalk].
final class Conversation implements Runnable {
  private final Datagram hello;
  private final Source source;
  private final DTLSRequest request;
  private final Surroundings surroundings;
  private final PeerTransport transport;
  private final LeftOver leftOver;
  private final int timeoutMs;
  private volatile boolean halfOpen = true;
  private volatile @Nullable Cause abandoned;
  private @Nullable List<X509Certificate> path;

  /// What every conversation of a gateway shares.
  record Surroundings(
      Sessions sessions, DtlsEngine engine, SecurityEvents events, Associations associations) {}

  /// Takes datagrams that came when the handshake was over.
  interface LeftOver {
    boolean offer(Source source, Datagram datagram);
  }

  /// @param hello the datagram that `request` was read from
  Conversation(
      Source source,
      Datagram hello,
      DTLSRequest request,
      AnswerPath answers,
      Surroundings surroundings,
      LeftOver leftOver) {
    this.leftOver = leftOver;
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

  /// Whether nobody reads its datagrams any more.
  boolean isOver() {
    return transport.isClosed();
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
    return Records.isAnotherHello(datagram, Records.randomOf(hello.payload()));
  }

  /// Gives up a handshake under way.
  void abandon(Cause cause) {
    abandoned = cause;
    transport.close();
  }

  @Override
  public void run() {
    transport.readHere();
    try {
      TerminalServer server = server();
      DTLSTransport dtls = handshake(server);
      if (dtls != null) {
        begin(dtls, server.keys());
      }
    } finally {
      halfOpen = false;
      surroundings.associations().remove(this);
      transport.close();
      for (byte[] datagram : transport.left()) {
        leftOver.offer(source, hello.with(datagram));
      }
    }
  }

  private TerminalServer server() {
    return surroundings
        .engine()
        .server(
            surroundings.sessions().policy().material(),
            presented -> path = surroundings.sessions().judge(source, presented),
            timeoutMs);
  }

  private @Nullable DTLSTransport handshake(TerminalServer server) {
    try {
      return new DTLSServerProtocol().accept(server, transport, request);
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

  private void begin(DTLSTransport dtls, LineKeys keys) {
    List<X509Certificate> judged = path;
    if (judged == null) {
      // The library cannot finish a handshake without asking for the certificate.
      throw new IllegalStateException("a handshake without a judged certificate");
    }
    try {
      surroundings
          .sessions()
          .begin(source, judged, new Sessions.Handshake(hello, transport.trace(), keys));
    } catch (Refused e) {
      refused(e);
      close(dtls);
    } finally {
      keys.wipe();
    }
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
