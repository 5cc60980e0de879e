package dev.sluice.plugins.terminalauth;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.concurrent.TimeUnit;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.AlertLevel;
import org.bouncycastle.tls.ContentType;

/// Hears what terminals send over their associations, and answers. For one thread, [Doorman]'s.
final class LineTalk {
  /// Of a record; the rest is ignored, or one record could ask for hundreds of answers.
  private static final int MAX_LINES = 4;

  private final Sessions sessions;
  private final AdmissionState state;

  LineTalk(Sessions sessions, AdmissionState state) {
    this.sessions = sessions;
    this.state = state;
  }

  /// Whether a datagram is for a live association.
  boolean isFor(Source source, Datagram datagram) {
    return source.hasLineOf(datagram.peer()) && !source.line().isAnotherHello(datagram.payload());
  }

  /// Takes in a datagram.
  void receive(Source source, Datagram datagram, long nowNanos) {
    state.lock();
    try {
      Lease lease = source.lease();
      if (lease == null || !source.hasLineOf(datagram.peer())) {
        return;
      }
      for (byte[] record : Records.of(datagram.payload())) {
        SecureLine.Message message = lease.line().open(record);
        if (message != null) {
          lease.recordArrived(nowNanos);
          take(lease, message, nowNanos);
          if (!lease.runs()) {
            return;
          }
        }
      }
    } finally {
      state.unlock();
    }
  }

  private void take(Lease lease, SecureLine.Message message, long nowNanos) {
    switch (message.type()) {
      case ContentType.application_data -> lines(lease, message.content(), nowNanos);
      case ContentType.alert -> {
        if (ends(message.content())) {
          sessions.end(lease, Cause.CLOSED_BY_TERMINAL, "");
        }
      }
      case ContentType.handshake -> lease.line().answerHandshake(message.content(), nowNanos);
      default -> {
        // A change of ciphers within an epoch means nothing (RFC 6347 has none).
      }
    }
  }

  private static boolean ends(byte[] alert) {
    return alert.length == 2
        && (alert[0] == AlertLevel.fatal || alert[1] == AlertDescription.close_notify);
  }

  private void lines(Lease lease, byte[] content, long nowNanos) {
    String[] lines = new String(content, US_ASCII).split("\n", -1);
    for (int i = 0; i < Math.min(lines.length, MAX_LINES) && lease.runs(); i++) {
      answer(lease, lines[i].strip(), nowNanos);
    }
  }

  private void answer(Lease lease, String line, long nowNanos) {
    switch (line) {
      case "" -> {}
      case "PING" -> {
        AdmissionSettings.Life life = sessions.policy().settings().life();
        long leftNanos = Math.max(0, lease.leftNanos(life, nowNanos));
        lease.line().say("PONG lease=" + TimeUnit.NANOSECONDS.toSeconds(leftNanos));
      }
      case "BYE" -> sessions.end(lease, Cause.CLOSED_BY_TERMINAL, "BYE");
      default -> lease.line().say("ERR unknown line: allowed: PING, BYE");
    }
  }
}
