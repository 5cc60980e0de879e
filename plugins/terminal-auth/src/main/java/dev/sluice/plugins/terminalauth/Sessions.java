package dev.sluice.plugins.terminalauth;

import dev.sluice.plugin.EventLog.Severity;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.bouncycastle.asn1.x500.X500Name;
import org.jspecify.annotations.Nullable;

/// The live sessions: begins them, ends them, and judges them again when the policy changes.
///
/// One lock guards every change. Readers on the packet path take none: they read the volatile
/// policy, and a volatile session in it.
final class Sessions {
  private final SecurityEvents events;
  private final InstantSource clock;
  private final Set<Lease> leases = new LinkedHashSet<>();
  private final AtomicLong revision = new AtomicLong();
  private volatile Policy policy;
  private long sessionCount;
  private boolean closed;

  Sessions(Policy policy, SecurityEvents events, InstantSource clock) {
    this.policy = policy;
    this.events = events;
    this.clock = clock;
  }

  Policy policy() {
    return policy;
  }

  long revision() {
    return revision.get();
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

  /// Begins a session after a handshake. One that the terminal already has from the same place goes
  /// on under the new lease, and its connections with it; one from another place ends first.
  ///
  /// @param path what [#judge] answered; judged again, for the policy may have changed meanwhile
  synchronized Lease begin(Source source, List<X509Certificate> path, Conversation conversation)
      throws Refused {
    long now = System.nanoTime();
    if (closed) {
      throw new Refused(Cause.GATEWAY_STOPPED, "the gateway is stopping");
    }
    if (source.isSuspended(now)) {
      throw new Refused(Cause.SUSPENDED, "packets of another origin ended the last session");
    }
    requireQualified(source, source.terminal(), conversation.peer(), path);
    Lease old = source.lease();
    Session session = sessionFor(source, conversation.peer(), old, now);
    Lease lease = new Lease(session, source, conversation, path, now);
    boolean renewed = old != null && old.session() == session;
    if (old != null) {
      leases.remove(old);
      old.end(Cause.REPLACED);
      old.conversation().wake();
    }
    leases.add(lease);
    source.occupy(lease);
    revision.incrementAndGet();
    Map<String, Object> fields = lease.fields();
    fields.put("renewed", renewed);
    events.report(Severity.INFO, "auth-accepted", fields);
    return lease;
  }

  private Session sessionFor(
      Source source, Datagram.Peer peer, @Nullable Lease old, long nowNanos) {
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
    return new Session(++sessionCount, source.terminal(), binding, nowNanos);
  }

  /// Ends a session, unless its lease has ended already. Its connections are cut by the gate, and
  /// its terminal is told by its association's own thread.
  synchronized void end(Lease lease, Cause cause, String detail) {
    if (lease.ended() != null) {
      return;
    }
    leases.remove(lease);
    finish(lease.session());
    lease.end(cause);
    lease.source().vacate();
    lease.conversation().wake();
    Map<String, Object> fields = lease.fields();
    fields.put("cause", cause.word());
    fields.put("detail", detail);
    events.report(severity(cause), "session-ended", fields);
  }

  /// The one way to end a session, in this order: the gate does not ask a session whether it lives
  /// while the revision is the one at which it did. Nobody is told of the end before.
  private void finish(Session session) {
    session.end();
    revision.incrementAndGet();
  }

  private static Severity severity(Cause cause) {
    return switch (cause) {
      case REVOKED, BINDING_MISMATCH, UNKNOWN_CA, BAD_CERTIFICATE -> Severity.ALARM;
      case KEEP_ALIVE_MISSED, EXPIRED, REGISTRY_CHANGED, UNLISTED -> Severity.WARNING;
      default -> Severity.INFO;
    };
  }

  /// Puts another policy in force, and ends the sessions that do not qualify under it.
  synchronized void enforce(Policy changed) {
    policy = changed;
    revision.incrementAndGet();
    for (Lease lease : List.copyOf(leases)) {
      try {
        Session session = lease.session();
        requireQualified(
            lease.source(), session.terminal(), lease.conversation().peer(), lease.path());
      } catch (Refused e) {
        end(lease, e.why(), String.valueOf(e.getMessage()));
      }
    }
  }

  private void requireQualified(
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
  /// second.
  void sweep(long nowNanos) {
    Instant now = clock.instant();
    AdmissionSettings settings = policy.settings();
    for (Lease lease : copyOfLeases()) {
      Cause due = lease.dueEnd(settings.life(), nowNanos, now);
      if (due != null) {
        end(lease, due, "");
      }
      watchMismatches(lease, settings.suspension(), nowNanos);
    }
  }

  private void watchMismatches(
      Lease lease, AdmissionSettings.Suspension suspension, long nowNanos) {
    long fresh = lease.newMismatches();
    if (fresh == 0) {
      return;
    }
    events.mismatch(lease.session().terminal().id(), lease.conversation().peer(), fresh);
    if (lease.isPastLimit(fresh, suspension, nowNanos)) {
      lease.source().suspendUntil(nowNanos + suspension.nanos());
      end(lease, Cause.BINDING_MISMATCH, "packets came another way than the session is bound to");
    }
  }

  private synchronized List<Lease> copyOfLeases() {
    return new ArrayList<>(leases);
  }

  /// Ends them all, for good: none begins any more.
  void close() {
    synchronized (this) {
      closed = true;
    }
    for (Lease lease : copyOfLeases()) {
      end(lease, Cause.GATEWAY_STOPPED, "");
    }
  }
}
