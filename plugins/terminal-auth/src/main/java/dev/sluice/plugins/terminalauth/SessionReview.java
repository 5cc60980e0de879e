package dev.sluice.plugins.terminalauth;

import dev.sluice.plugin.EventLog.Severity;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/// Looks at all sessions when they have changed hands between versions of the bundle, or the policy
/// has changed, and ends those that do not qualify; where this version owns, which is asked for
/// each under the lock.
final class SessionReview {
  private final Sessions sessions;
  private final AdmissionState state;
  private final SecurityEvents events;

  /// Whether no other version of the bundle holds the tables, as the last [#takeOver] found it.
  private volatile boolean alone;

  /// Grows when a look at all sessions is due. Any thread's; the two below are of the thread that
  /// looks, and catch up when it has looked.
  private final AtomicLong due = new AtomicLong();

  private long certificatesLookedAt;
  private long allLookedAt;

  /// What a session may end of when all are looked at.
  private enum Look {
    /// What is revoked or has expired: another version of the bundle may still come back, and what
    /// this one reads in the registry and the settings may be wrong.
    AT_CERTIFICATES,
    AT_ALL
  }

  SessionReview(Sessions sessions, AdmissionState state, SecurityEvents events) {
    this.sessions = sessions;
    this.state = state;
    this.events = events;
  }

  /// Whether there is no other version of the bundle. Any thread; takes no lock.
  boolean isAlone() {
    return alone;
  }

  /// Holds the sessions against a policy that is in force now.
  void enforced(Policy before) {
    Policy changed = sessions.policy();
    alone = !state.heldByOther();
    if (state.ownership().isMine()) {
      raiseFloor(changed);
    }
    try {
      lookAt(before, Look.AT_ALL);
      lookAt(changed, Look.AT_ALL);
      forgetUnlisted();
    } catch (RuntimeException e) {
      // Looked at again by takeOver, which says so if it fails again.
      inherit();
    }
  }

  /// Has [#takeOver] look at the sessions that another version of the bundle has begun. Any thread;
  /// takes no lock.
  void inherit() {
    due.incrementAndGet();
  }

  /// Goes on with the sessions that another version of the bundle has begun, if [#inherit] has said
  /// so: those that are revoked or have expired end. When the other version is gone, so do those
  /// that do not qualify under this one's registry and settings; before, no packet of theirs passes
  /// here. To be called several times a second by one thread.
  ///
  /// @throws RuntimeException if a session could not be judged: the others were, and the next call
  ///   tries again
  void takeOver() {
    long asked = due.get();
    alone = !state.heldByOther();
    if (!state.ownership().isMine()) {
      return;
    }
    if (certificatesLookedAt != asked) {
      raiseFloor(sessions.policy());
    }
    if (alone && allLookedAt != asked) {
      lookAt(sessions.policy(), Look.AT_ALL);
      forgetUnlisted();
      state.revise();
      allLookedAt = asked;
      certificatesLookedAt = asked;
    } else if (certificatesLookedAt != asked) {
      lookAt(sessions.policy(), Look.AT_CERTIFICATES);
      state.revise();
      certificatesLookedAt = asked;
    }
  }

  private void raiseFloor(Policy inForce) {
    inForce.material().authorities().signedLists().forEach(state.floor()::raise);
  }

  private void lookAt(Policy at, Look look) {
    each(at.sources().all(), source -> recheck(source, look));
  }

  /// Takes a step for each source. One that cannot be judged does not keep the others from it.
  static void each(List<Source> sources, Consumer<Source> step) {
    RuntimeException first = null;
    for (Source source : sources) {
      try {
        step.accept(source);
      } catch (RuntimeException e) {
        first = first == null ? e : first;
      }
    }
    if (first != null) {
      throw first;
    }
  }

  /// A thousand sessions of a version whose code is cold take seconds, which the lock must not be
  /// taken for: whoever waited for it at each of them, in its turn, would not get to the next
  /// sweep. So it is held only to read what is kept, and once more where a session may have to end.
  private void recheck(Source source, Look look) {
    if (!isGood(source)) {
      recheckLocked(source, look);
    }
  }

  /// Whether nothing is to be done about a source, as far as can be told without the lock.
  private boolean isGood(Source source) {
    Lease lease;
    Datagram.Peer peer;
    List<X509Certificate> path;
    byte[] kept;
    state.lock();
    try {
      if (!state.ownership().isMine()) {
        return true;
      }
      lease = source.lease();
      if (lease == null) {
        return source.record().sessionId() == 0;
      }
      peer = lease.line().peer();
      path = lease.knownPath();
      kept = path.isEmpty() ? state.keptPath(source.address()) : new byte[0];
    } finally {
      state.unlock();
    }
    try {
      if (path.isEmpty()) {
        path = state.parsedPath(kept);
        lease.know(path);
      }
      if (path.isEmpty() || peer == null) {
        return false;
      }
      sessions.requireQualified(source, lease.session().terminal(), peer, path);
      return true;
    } catch (Refused | GeneralSecurityException | RuntimeException e) {
      return false; // asked again under the lock, which says why
    }
  }

  private void recheckLocked(Source source, Look look) {
    state.lock();
    try {
      Lease lease = source.lease();
      if (!state.ownership().isMine()) {
        return;
      }
      if (lease == null) {
        dropStranded(source);
        return;
      }
      try {
        Datagram.Peer peer = lease.line().peer();
        if (peer == null) {
          throw new Refused(Cause.WRONG_PORT, "the gateway has no such device");
        }
        sessions.requireQualified(source, lease.session().terminal(), peer, lease.path());
      } catch (Refused e) {
        if (look == Look.AT_ALL || e.why() == Cause.REVOKED || e.why() == Cause.EXPIRED) {
          sessions.end(lease, e.why(), String.valueOf(e.getMessage()));
        }
      }
    } finally {
      state.unlock();
    }
  }

  /// Ends a session that began under another entry of the registry than this version knows, when no
  /// version is left that may know it.
  private void dropStranded(Source source) {
    TerminalRecord record = source.record();
    long id = record.sessionId();
    if (id != 0 && alone && source.session() == null) {
      record.end(id);
      state.revise();
      try {
        source.line().closeNotify();
      } finally {
        source.vacate();
        reportStranded(source.address(), source.terminal().id(), id, Cause.REGISTRY_CHANGED);
      }
    }
  }

  private void reportStranded(IpAddress address, String terminal, long id, Cause cause) {
    events.report(
        Severity.WARNING,
        "session-ended",
        Map.of(
            "terminal",
            terminal,
            "address",
            address.toString(),
            "session",
            id,
            "cause",
            cause.word(),
            "detail",
            "the registry was another when the session began"));
  }

  /// Forgets the addresses that are not listed, and ends sessions there; when no version is left
  /// that may list them.
  private void forgetUnlisted() {
    state.lock();
    try {
      if (!alone || !state.ownership().isMine()) {
        return;
      }
      long now = System.nanoTime();
      for (IpAddress address : state.addresses()) {
        if (sessions.policy().source(address) == null) {
          long ended = state.forget(address, now);
          if (ended != 0) {
            reportStranded(address, "", ended, Cause.UNLISTED);
          }
        }
      }
    } finally {
      state.unlock();
    }
  }
}
