package dev.sluice.plugins.terminalauth;

import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What admission knows of a session beside what the gate reads: the certificates it stands on, the
/// DTLS association that keeps it alive, and its times. All of it is in the terminal's record; an
/// object of this class is one version's view of it, for use under [AdmissionState#lock] where
/// nothing else is said.
final class Lease {
  private final long id;
  private final Session session;
  private final Source source;
  private final TerminalRecord record;

  /// Empty while it is not known. Volatile: [SessionReview] writes it without the lock.
  private volatile List<X509Certificate> path;

  /// A view of a lease that runs.
  ///
  /// @param path the terminal's certificate first, the root last; empty if it is to be read
  Lease(
      long id, Session session, Source source, TerminalRecord record, List<X509Certificate> path) {
    this.id = id;
    this.session = session;
    this.source = source;
    this.record = record;
    this.path = path;
  }

  /// Begins one, in the place of the one that the record may have.
  static Lease begin(
      long id, Session session, Source source, List<X509Certificate> path, long nowNanos) {
    TerminalRecord record = source.record();
    long notAfter =
        path.stream()
            .mapToLong(certificate -> certificate.getNotAfter().toInstant().toEpochMilli())
            .min()
            .orElseThrow();
    record.set(TerminalRecord.BEGAN_AT, nowNanos);
    record.set(TerminalRecord.LAST_RECORD_AT, nowNanos);
    record.set(TerminalRecord.NOT_AFTER_AT, notAfter);
    record.set(TerminalRecord.WINDOW_AT, nowNanos);
    record.set(TerminalRecord.MISMATCHES_SEEN_AT, session.mismatches().sum());
    record.set(TerminalRecord.MISMATCHES_IN_WINDOW_AT, 0);
    record.setDigest(source.digest());
    record.set(TerminalRecord.LEASE_AT, id);
    return new Lease(id, session, source, record, path);
  }

  /// Number of the lease, unique while the gateway runs.
  long id() {
    return id;
  }

  Session session() {
    return session;
  }

  Source source() {
    return source;
  }

  SecureLine line() {
    return source.line();
  }

  /// Whether it is still the terminal's, in whatever version of the bundle.
  boolean runs() {
    return record.get(TerminalRecord.LEASE_AT) == id && session.live();
  }

  /// The certificates that it stands on, or none if they were not read yet. Any thread.
  List<X509Certificate> knownPath() {
    return path;
  }

  /// Notes the certificates that it stands on, which stay the same while it runs. Any thread.
  void know(List<X509Certificate> read) {
    path = read;
  }

  /// The certificates that it stands on, read if they are not known.
  List<X509Certificate> path() throws Refused {
    List<X509Certificate> known = path;
    if (known.isEmpty()) {
      known = source.path();
      know(known);
    }
    if (known.isEmpty()) {
      throw new Refused(Cause.BAD_CERTIFICATE, "the kept certificates are gone");
    }
    return known;
  }

  /// An authenticated record came.
  void recordArrived(long nowNanos) {
    record.set(TerminalRecord.LAST_RECORD_AT, nowNanos);
  }

  long leftNanos(AdmissionSettings.Life life, long nowNanos) {
    return leftNanos(record, life, nowNanos);
  }

  private static long leftNanos(TerminalRecord record, AdmissionSettings.Life life, long nowNanos) {
    return record.get(TerminalRecord.BEGAN_AT) + life.leaseNanos() - nowNanos;
  }

  /// What ends it by now, or null.
  @Nullable Cause dueEnd(AdmissionSettings.Life life, long nowNanos, Instant now) {
    return dueEnd(record, line(), life, nowNanos, now);
  }

  /// Whether there may be something to do about the lease that a record holds. Takes no lock: a
  /// lease that begins meanwhile may be read half old and half new, so a yes is asked again under
  /// the lock, and a no at the next sweep.
  static boolean needsLook(
      TerminalRecord record,
      SecureLine line,
      AdmissionSettings.Life life,
      long nowNanos,
      Instant now) {
    return dueEnd(record, line, life, nowNanos, now) != null
        || record.mismatches() != record.get(TerminalRecord.MISMATCHES_SEEN_AT);
  }

  private static @Nullable Cause dueEnd(
      TerminalRecord record,
      SecureLine line,
      AdmissionSettings.Life life,
      long nowNanos,
      Instant now) {
    if (leftNanos(record, life, nowNanos) <= 0) {
      return Cause.LEASE_ENDED;
    }
    if (now.toEpochMilli() > record.get(TerminalRecord.NOT_AFTER_AT)) {
      return Cause.EXPIRED;
    }
    long silentNanos = nowNanos - record.get(TerminalRecord.LAST_RECORD_AT);
    if (life.keepAliveNanos() > 0 && silentNanos > life.keepAliveNanos() * life.keepAliveMisses()) {
      return Cause.KEEP_ALIVE_MISSED;
    }
    long quietNanos = nowNanos - record.lastTrafficNanos() - Session.TRAFFIC_GRAIN_NANOS;
    if (life.idleNanos() > 0 && quietNanos > life.idleNanos()) {
      return Cause.IDLE;
    }
    return line.isUsedUp() ? Cause.PROTOCOL : null;
  }

  /// Mismatching packets since the last call.
  long newMismatches() {
    long sum = session.mismatches().sum();
    long fresh = sum - record.get(TerminalRecord.MISMATCHES_SEEN_AT);
    record.set(TerminalRecord.MISMATCHES_SEEN_AT, sum);
    return fresh;
  }

  /// Counts mismatching packets, in a window that begins with the first of them.
  ///
  /// @return whether there are now so many that the session must end
  boolean isPastLimit(long fresh, AdmissionSettings.Suspension suspension, long nowNanos) {
    long counted = record.get(TerminalRecord.MISMATCHES_IN_WINDOW_AT);
    if (counted == 0
        || nowNanos - record.get(TerminalRecord.WINDOW_AT) > suspension.windowNanos()) {
      record.set(TerminalRecord.WINDOW_AT, nowNanos);
      counted = 0;
    }
    counted += fresh;
    record.set(TerminalRecord.MISMATCHES_IN_WINDOW_AT, counted);
    return suspension.mismatches() > 0 && counted >= suspension.mismatches();
  }

  /// What events say about it.
  Map<String, Object> fields() {
    String terminal = session.terminal().id();
    Datagram.Peer peer = line().peer();
    Map<String, Object> fields =
        peer == null ? new LinkedHashMap<>() : SecurityEvents.fieldsOf(terminal, peer);
    fields.put("terminal", terminal);
    fields.put("session", session.id());
    try {
      X509Certificate leaf = path().getFirst();
      fields.put("subject", leaf.getSubjectX500Principal().getName());
      fields.put("serial", leaf.getSerialNumber().toString(16));
    } catch (Refused e) {
      fields.put("subject", String.valueOf(e.getMessage()));
    }
    return fields;
  }
}
