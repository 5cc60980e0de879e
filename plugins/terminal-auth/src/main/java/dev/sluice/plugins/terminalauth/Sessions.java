package dev.sluice.plugins.terminalauth;

import dev.sluice.plugin.EventLog.Severity;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.bouncycastle.asn1.x500.X500Name;
import org.jspecify.annotations.Nullable;

/// The live sessions: begins them, ends them, and judges them again when the policy changes.
///
/// What they are is in [AdmissionState], so that all versions of the bundle see the same ones: any
/// version may hear a terminal and end its session, under the one lock; but only the owner begins
/// them, and looks after their times, and whether they still qualify. Readers on the packet path
/// take no lock: they read the volatile policy, and the terminal's record that it leads to.
final class Sessions {
  private final SecurityEvents events;
  private final InstantSource clock;
  private final AdmissionState state;
  private volatile Policy policy;
  private final SessionReview review;
  private volatile boolean closed;

  Sessions(Policy policy, AdmissionState state, SecurityEvents events, InstantSource clock) {
    this.policy = policy;
    this.state = state;
    this.events = events;
    this.clock = clock;
    this.review = new SessionReview(this, state, events);
  }

  /// Looks at all of them when they have changed hands, or the policy has changed.
  SessionReview review() {
    return review;
  }

  Policy policy() {
    return policy;
  }

  long revision() {
    return state.revision();
  }

  /// Judges the certificates that a terminal presents, without beginning anything.
  ///
  /// @return the path to the root
  List<X509Certificate> judge(Source source, List<X509Certificate> presented) throws Refused {
    Policy now = policy;
    Authorities authorities = now.material().authorities();
    var certificatePolicy = now.settings().certificatePolicy();
    Instant instant = clock.instant();
    List<X509Certificate> path = authorities.check(presented, certificatePolicy, instant);
    authorities.requireRevocationLists(path, certificatePolicy.revocation(), instant);
    requireListed(now, source, path.getFirst());
    return path;
  }

  private static void requireListed(Policy policy, Source source, X509Certificate leaf)
      throws Refused {
    if (policy.source(source.address()) != source) {
      throw new Refused(Cause.UNLISTED, "the registry lists the address no more");
    }
    Set<String> names = Set.of(subjectOf(leaf), fingerprintOf(leaf));
    if (names.contains(Registry.nameOf(source.terminal().certificate()))) {
      return;
    }
    boolean listed = names.stream().anyMatch(policy.material().registry().names()::contains);
    throw listed
        ? new Refused(Cause.WRONG_ADDRESS, "the certificate is that of another terminal")
        : new Refused(Cause.UNLISTED, "the certificate is no listed terminal's");
  }

  private static String subjectOf(X509Certificate leaf) {
    return DistinguishedName.canonical(
        X500Name.getInstance(leaf.getSubjectX500Principal().getEncoded()));
  }

  private static String fingerprintOf(X509Certificate leaf) throws Refused {
    try {
      return HexFormat.of()
          .formatHex(MessageDigest.getInstance("SHA-256").digest(leaf.getEncoded()));
    } catch (CertificateEncodingException e) {
      throw new Refused(Cause.BAD_CERTIFICATE, "the certificate cannot be encoded");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }

  /// Begins a session after a handshake, and says so to the terminal. One that the terminal already
  /// has from the same place goes on under the new lease, and its connections with it; one from
  /// another place ends first.
  ///
  /// @param path what [#judge] answered; judged again, for the policy may have changed meanwhile
  void begin(Source source, List<X509Certificate> path, Handshake made) throws Refused {
    state.lock();
    try {
      beginLocked(source, path, made, System.nanoTime());
    } finally {
      state.unlock();
    }
  }

  /// What a handshake leaves.
  ///
  /// @param hello any of its datagrams
  record Handshake(Datagram hello, HandshakeTrace trace, LineKeys keys) {
    Datagram.Peer peer() {
      return hello.peer();
    }
  }

  private void beginLocked(Source source, List<X509Certificate> path, Handshake made, long now)
      throws Refused {
    if (closed) {
      throw new Refused(Cause.GATEWAY_STOPPED, "the gateway is stopping");
    }
    if (!state.ownership().isMine()) {
      // The owner would never judge these certificates by its own revocation lists.
      throw new Refused(Cause.REPLACED, "another version of the bundle is in force");
    }
    if (source.isSuspended(now)) {
      throw new Refused(Cause.SUSPENDED, "packets of another origin ended the last session");
    }
    requireQualified(source, source.terminal(), made.peer(), path);
    byte[] finished = SecureLine.finished(made.trace(), made.keys());
    Lease old = source.lease();
    if (!state.hasRoomFor(path)) {
      throw new Refused(Cause.BUSY, "no room for the certificates");
    }
    TerminalRecord record = source.record();
    record.setDigest(source.digest());
    Session session = sessionFor(source, made.peer(), old, record, now);
    if (old != null) {
      old.line().closeNotify();
    }
    state.keepPath(source.address(), path);
    source.line().begin(made, finished, now);
    Lease lease = Lease.begin(state.nextLease(), session, source, path, now);
    source.occupy(lease);
    state.revise();
    Map<String, Object> fields = lease.fields();
    fields.put("renewed", old != null && old.session() == session);
    events.report(Severity.INFO, "auth-accepted", fields);
    source.line().say(greeting());
  }

  private String greeting() {
    AdmissionSettings.Life life = policy.settings().life();
    return "SLUICE/1 OK lease="
        + TimeUnit.NANOSECONDS.toSeconds(life.leaseNanos())
        + " keep-alive="
        + TimeUnit.NANOSECONDS.toSeconds(life.keepAliveNanos());
  }

  private Session sessionFor(
      Source source,
      Datagram.Peer peer,
      @Nullable Lease old,
      TerminalRecord record,
      long nowNanos) {
    Binding binding =
        new Binding(peer.device(), peer.vlanKey(), peer.hardwareAddress(), peer.address());
    if (old != null) {
      Session session = old.session();
      if (session.binding().equals(binding) && session.terminal().equals(source.terminal())) {
        session.traffic(nowNanos);
        return session;
      }
      finish(session);
      Map<String, Object> fields = SecurityEvents.fieldsOf(source.terminal().id(), peer);
      fields.put("fromPort", session.binding().device().name());
      fields.put("fromVlan", VlanKey.text(session.binding().vlanKey()));
      fields.put("fromMac", HardwareAddress.text(session.binding().hardwareAddress()));
      fields.put("endedSession", session.id());
      events.report(Severity.WARNING, "session-moved", fields);
    }
    long id = state.nextSession();
    record.begin(id, binding, nowNanos);
    return new Session(id, source.terminal(), binding, record);
  }

  /// Ends a session, unless its lease has ended already, and tells its terminal. Its connections
  /// are cut by the gate.
  void end(Lease lease, Cause cause, String detail) {
    state.lock();
    try {
      if (lease.runs()) {
        Map<String, Object> fields = lease.fields();
        finish(lease.session());
        fields.put("cause", cause.word());
        fields.put("detail", detail);
        fields.put("discarded", lease.line().discarded());
        try {
          lease.line().closeNotify();
        } finally {
          lease.source().vacate();
          events.report(severity(cause), "session-ended", fields);
        }
      }
    } finally {
      state.unlock();
    }
  }

  /// The one way to end a session, in this order: the gate does not ask a session whether it lives
  /// while the revision is the one at which it did. Nobody is told of the end before.
  private void finish(Session session) {
    session.end();
    state.revise();
  }

  private static Severity severity(Cause cause) {
    return switch (cause) {
      case REVOKED, BINDING_MISMATCH, UNKNOWN_CA, BAD_CERTIFICATE -> Severity.ALARM;
      case KEEP_ALIVE_MISSED, EXPIRED, REGISTRY_CHANGED, UNLISTED -> Severity.WARNING;
      default -> Severity.INFO;
    };
  }

  /// Puts another policy in force, and ends the sessions that do not qualify under it, if this
  /// version owns them.
  void enforce(Policy changed) {
    Policy before;
    state.lock();
    try {
      before = policy;
      policy = changed;
      state.revise();
    } finally {
      state.unlock();
    }
    review.enforced(before);
  }

  /// Refuses what may not go on, or begin, under the policy in force: that only the lock keeps in
  /// force. Any thread.
  void requireQualified(
      Source source, Terminal terminal, Datagram.Peer peer, List<X509Certificate> path)
      throws Refused {
    Policy now = policy;
    now.material().authorities().recheck(path, now.settings().certificatePolicy(), clock.instant());
    requireListed(now, source, path.getFirst());
    if (!source.terminal().equals(terminal)) {
      throw new Refused(Cause.REGISTRY_CHANGED, "the registry's entry has changed");
    }
    Cause misplaced = Placement.flaw(source.terminal(), now.settings().gate(), peer);
    if (misplaced != null) {
      throw new Refused(misplaced, "the registry and the settings do not allow it from there");
    }
  }

  /// Ends the sessions whose time is over, or that are under attack. To be called several times a
  /// second, by the version that owns them.
  ///
  /// The lock is taken once, for all that something is to be done about, and if there are none, for
  /// the heartbeat alone, which a thread that is stuck under the lock must stop. A sweep that took
  /// it for each session would wait a thousand times for a [SessionReview] that does the same and
  /// is kept from a processor.
  ///
  /// @throws RuntimeException if a session could not be judged: the others were
  void sweep(long nowNanos) {
    Instant now = clock.instant();
    Policy at = policy;
    AdmissionSettings settings = at.settings();
    List<Source> due =
        at.sources().all().stream()
            .filter(Source::isOccupied)
            .filter(source -> needsLook(source, settings, nowNanos, now))
            .toList();
    state.lock();
    try {
      SessionReview.each(due, source -> sweep(source, settings, nowNanos, now));
      state.beat();
    } finally {
      state.unlock();
    }
  }

  /// Who cannot be asked is looked at under the lock, where what cannot be judged ends.
  private static boolean needsLook(
      Source source, AdmissionSettings settings, long nowNanos, Instant now) {
    try {
      return source.needsLook(settings.life(), nowNanos, now);
    } catch (RuntimeException e) {
      return true;
    }
  }

  /// Under the lock.
  private void sweep(Source source, AdmissionSettings settings, long nowNanos, Instant now) {
    try {
      Lease lease = source.lease();
      if (lease == null || !state.ownership().isMine()) {
        return;
      }
      Cause due = lease.dueEnd(settings.life(), nowNanos, now);
      if (due != null) {
        end(lease, due, "");
      } else {
        watchMismatches(lease, settings.suspension(), nowNanos);
      }
    } catch (RuntimeException e) {
      // What cannot be judged must not go on, and must not keep the others from it.
      long id = source.record().sessionId();
      source.record().end(id);
      state.revise();
      throw e;
    }
  }

  private void watchMismatches(
      Lease lease, AdmissionSettings.Suspension suspension, long nowNanos) {
    long fresh = lease.newMismatches();
    Datagram.Peer peer = lease.line().peer();
    if (fresh == 0 || peer == null) {
      return;
    }
    events.mismatch(lease.session().terminal().id(), peer, fresh);
    if (lease.isPastLimit(fresh, suspension, nowNanos)) {
      lease.source().record().suspendUntil(nowNanos + suspension.nanos());
      end(lease, Cause.BINDING_MISMATCH, "packets came another way than the session is bound to");
    }
  }

  /// Has none begin any more.
  void freeze() {
    closed = true;
  }

  /// Ends them all, for good: none begins any more.
  void close() {
    freeze();
    if (!state.lockIfNotStuck()) {
      // They die with the gate, which has nobody to ask for them.
      events.report(
          Severity.ALARM,
          "admission-failed",
          Map.of("reason", "a thread is stuck under the lock of the sessions: they end untold"));
      return;
    }
    try {
      SessionReview.each(
          policy.sources().all(),
          source -> {
            Lease lease = source.lease();
            if (lease != null) {
              end(lease, Cause.GATEWAY_STOPPED, "");
            }
          });
    } finally {
      state.unlock();
    }
  }
}
