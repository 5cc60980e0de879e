package dev.sluice.plugins.terminalauth;

import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What admission knows of a session beside what the gate reads: the certificates it stands on, the
/// DTLS association that keeps it alive, and its times.
final class Lease {
  private final Session session;
  private final Source source;
  private final Conversation conversation;
  private final List<X509Certificate> path;
  private final Instant notAfter;
  private final long beganNanos;
  private volatile long lastRecordNanos;
  private volatile @Nullable Cause ended;
  private long mismatchesSeen;
  private long mismatchesInWindow;
  private long windowNanos;

  /// @param path the terminal's certificate first, the root last
  Lease(
      Session session,
      Source source,
      Conversation conversation,
      List<X509Certificate> path,
      long nowNanos) {
    this.session = session;
    this.source = source;
    this.conversation = conversation;
    this.path = path;
    this.notAfter =
        path.stream()
            .map(certificate -> certificate.getNotAfter().toInstant())
            .min(Comparator.naturalOrder())
            .orElseThrow();
    this.beganNanos = nowNanos;
    this.lastRecordNanos = nowNanos;
    this.windowNanos = nowNanos;
    this.mismatchesSeen = session.mismatches().sum();
  }

  Session session() {
    return session;
  }

  Source source() {
    return source;
  }

  Conversation conversation() {
    return conversation;
  }

  List<X509Certificate> path() {
    return path;
  }

  /// An authenticated record came.
  void recordArrived(long nowNanos) {
    lastRecordNanos = nowNanos;
  }

  /// Why it ended, or null while it runs.
  @Nullable Cause ended() {
    return ended;
  }

  void end(Cause cause) {
    ended = cause;
  }

  long leftNanos(AdmissionSettings.Life life, long nowNanos) {
    return beganNanos + life.leaseNanos() - nowNanos;
  }

  /// What ends it by now, or null.
  @Nullable Cause dueEnd(AdmissionSettings.Life life, long nowNanos, Instant now) {
    if (leftNanos(life, nowNanos) <= 0) {
      return Cause.LEASE_ENDED;
    }
    if (now.isAfter(notAfter)) {
      return Cause.EXPIRED;
    }
    long silentNanos = nowNanos - lastRecordNanos;
    if (life.keepAliveNanos() > 0 && silentNanos > life.keepAliveNanos() * life.keepAliveMisses()) {
      return Cause.KEEP_ALIVE_MISSED;
    }
    if (life.idleNanos() > 0 && nowNanos - session.lastTrafficNanos() > life.idleNanos()) {
      return Cause.IDLE;
    }
    return null;
  }

  /// Mismatching packets since the last call.
  long newMismatches() {
    long sum = session.mismatches().sum();
    long fresh = sum - mismatchesSeen;
    mismatchesSeen = sum;
    return fresh;
  }

  /// Counts mismatching packets, in a window that begins with the first of them.
  ///
  /// @return whether there are now so many that the session must end
  boolean isPastLimit(long fresh, AdmissionSettings.Suspension suspension, long nowNanos) {
    if (mismatchesInWindow == 0 || nowNanos - windowNanos > suspension.windowNanos()) {
      windowNanos = nowNanos;
      mismatchesInWindow = 0;
    }
    mismatchesInWindow += fresh;
    return suspension.mismatches() > 0 && mismatchesInWindow >= suspension.mismatches();
  }

  /// What events say about it.
  Map<String, Object> fields() {
    Map<String, Object> fields =
        SecurityEvents.fieldsOf(session.terminal().id(), conversation.peer());
    X509Certificate leaf = path.getFirst();
    fields.put("session", session.id());
    fields.put("subject", leaf.getSubjectX500Principal().getName());
    fields.put("serial", leaf.getSerialNumber().toString(16));
    return fields;
  }
}
