package dev.sluice.plugins.terminalauth;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.concurrent.TimeUnit;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.AlertLevel;
import org.bouncycastle.tls.ContentType;

/// Hears what terminals send over their associations, and answers. For one thread, [Doorman]'s.
final class LineTalk {
  /// Of a datagram; the rest is ignored, or one could ask for hundreds of answers.
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
      int linesLeft = MAX_LINES;
      for (byte[] record : Records.of(datagram.payload())) {
        SecureLine.Message message = lease.line().open(record);
        if (message != null) {
          lease.recordArrived(nowNanos);
          linesLeft -= take(lease, message, linesLeft, nowNanos);
          if (!lease.runs()) {
            return;
          }
        }
      }
    } finally {
      state.unlock();
    }
  }

  /// @return how many lines were taken
  private int take(Lease lease, SecureLine.Message message, int mostLines, long nowNanos) {
    switch (message.type()) {
      case ContentType.application_data -> {
        return lines(lease, message.content(), mostLines, nowNanos);
      }
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
    return 0;
  }

  private static boolean ends(byte[] alert) {
    return alert.length == 2
        && (alert[0] == AlertLevel.fatal || alert[1] == AlertDescription.close_notify);
  }

  private int lines(Lease lease, byte[] content, int most, long nowNanos) {
    String[] lines = new String(content, US_ASCII).split("\n", -1);
    int taken = 0;
    for (int i = 0; i < lines.length && taken < most && lease.runs(); i++) {
      String line = lines[i].strip();
      if (!line.isEmpty()) {
        answer(lease, line, nowNanos);
        taken++;
      }
    }
    return taken;
  }

  private void answer(Lease lease, String line, long nowNanos) {
    switch (line) {
      case "PING" -> {
        AdmissionSettings.Life life = sessions.policy().settings().life();
        long leftNanos = Math.max(0, lease.leftNanos(life, nowNanos));
        say(lease, nowNanos, "PONG lease=" + TimeUnit.NANOSECONDS.toSeconds(leftNanos));
      }
      case "BYE" -> sessions.end(lease, Cause.CLOSED_BY_TERMINAL, "BYE");
      default -> say(lease, nowNanos, "ERR unknown line: allowed: PING, BYE");
    }
  }

  private static void say(Lease lease, long nowNanos, String line) {
    if (lease.source().mayAnswer(nowNanos)) {
      lease.line().say(line);
    }
  }
}
