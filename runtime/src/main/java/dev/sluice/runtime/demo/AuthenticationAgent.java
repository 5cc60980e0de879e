package dev.sluice.runtime.demo;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.TlsFatalAlert;
import org.bouncycastle.tls.TlsFatalAlertReceived;
import org.bouncycastle.tls.TlsTimeoutException;

/// Authenticates a terminal to its gateway by DTLS 1.2 (RFC 6347), keeps the session alive, and
/// begins again when it ends, waiting longer after each failure.
///
/// Inside the session both sides speak lines: the gateway opens with `SLUICE/1 OK lease=SECONDS
/// keep-alive=SECONDS`, the terminal sends `PING` and at the end `BYE`.
final class AuthenticationAgent implements Runnable, AutoCloseable {
  private static final int FIRST_PAUSE_MILLIS = 1_000;
  private static final int LONGEST_PAUSE_MILLIS = 60_000;

  private static final int POLL_MILLIS = 200;
  private static final long NANOS_PER_MILLI = 1_000_000;

  private final InetSocketAddress gateway;
  private final Credentials credentials;
  private final GatewayTrust trust;
  private final int handshakeMillis;
  private final Consumer<AgentEvent> observer;
  private final CountDownLatch closed = new CountDownLatch(1);

  AuthenticationAgent(
      InetSocketAddress gateway,
      Credentials credentials,
      GatewayTrust trust,
      int handshakeMillis,
      Consumer<AgentEvent> observer) {
    this.gateway = gateway;
    this.credentials = credentials;
    this.trust = trust;
    this.handshakeMillis = handshakeMillis;
    this.observer = observer;
  }

  /// Keeps the terminal authenticated until [#close].
  @Override
  public void run() {
    int pauseMillis = FIRST_PAUSE_MILLIS;
    boolean goesOn = true;
    while (goesOn) {
      AgentEvent last = attempt();
      pauseMillis =
          last instanceof AgentEvent.Ended
              ? FIRST_PAUSE_MILLIS
              : Math.min(LONGEST_PAUSE_MILLIS, 2 * pauseMillis);
      goesOn = pause(pauseMillis);
    }
  }

  /// Waits between half and the whole of `millis`, so that terminals that lost their gateway
  /// together do not come back together.
  ///
  /// @return false if the agent is to stop
  private boolean pause(int millis) {
    int drawn = ThreadLocalRandom.current().nextInt(millis / 2, millis);
    try {
      return !closed.await(drawn, TimeUnit.MILLISECONDS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /// Authenticates once and stays until the session ends.
  ///
  /// @return the last event, which the observer was told too
  AgentEvent attempt() {
    AgentEvent event;
    try (UdpTransport transport = new UdpTransport(gateway)) {
      event = converse(transport);
    } catch (PortUnreachableException _) {
      event = new AgentEvent.Failed("nobody listens at " + gateway);
    } catch (IOException e) {
      event = new AgentEvent.Failed(String.valueOf(e.getMessage()));
    }
    observer.accept(event);
    return event;
  }

  private AgentEvent converse(UdpTransport transport) throws IOException {
    AgentClient client = new AgentClient(credentials, trust, handshakeMillis);
    try {
      Association session = Association.shakeHands(client, transport);
      observer.accept(session.accepted());
      return new AgentEvent.Ended(keepAlive(session));
    } catch (TlsFatalAlertReceived e) {
      return new AgentEvent.Refused(AlertDescription.getName(e.getAlertDescription()));
    } catch (TlsTimeoutException _) {
      return new AgentEvent.Failed(
          "no answer from " + gateway + " within " + handshakeMillis + " ms");
    } catch (TlsFatalAlert e) {
      return new AgentEvent.Failed(String.valueOf(e.getMessage()));
    }
  }

  /// Returns what ended the session.
  private String keepAlive(Association session) {
    int keepAliveSeconds = session.accepted().keepAliveSeconds();
    long periodNanos = Math.max(1, keepAliveSeconds) * 1000L / 2 * NANOS_PER_MILLI;
    long pingAt = System.nanoTime() + periodNanos;
    try {
      while (closed.getCount() != 0) {
        session.take(POLL_MILLIS);
        if (pingAt - System.nanoTime() <= 0) {
          session.say("PING");
          pingAt += periodNanos;
        }
      }
      session.leave();
      return "closed by the terminal";
    } catch (TlsFatalAlertReceived e) {
      return "the gateway: " + AlertDescription.getName(e.getAlertDescription());
    } catch (IOException e) {
      return "the gateway ended it: " + e.getMessage();
    }
  }

  /// Makes it say `BYE` within a moment and stop. Any thread.
  @Override
  public void close() {
    closed.countDown();
  }
}
