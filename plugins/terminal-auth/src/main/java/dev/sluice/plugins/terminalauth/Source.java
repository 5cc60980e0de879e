package dev.sluice.plugins.terminalauth;

import dev.sluice.plugin.Device;
import java.lang.invoke.VarHandle;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.jspecify.annotations.Nullable;

/// A listed address, and what is going on with it. There are as many of these as the registry has
/// terminals, so nothing here needs a bound of its own against made-up addresses. It outlives a
/// change of the registry that keeps the address. What must outlive this version of the bundle is
/// in the terminal's record, of which this is a view.
final class Source {
  /// Most datagrams of one source that wait for [Doorman].
  static final int MAX_WAITING = 32;

  /// Lines of a terminal that are answered in a second: each answer is sealed under the lock that
  /// all terminals share, and one in half a minute keeps a session alive.
  private static final int ANSWERS_PER_SECOND = 8;

  private static final long SECOND_NANOS = 1_000_000_000L;

  private final IpAddress address;
  private final AdmissionState state;
  private final AtomicInteger waiting = new AtomicInteger();
  private volatile Entry listed;
  private volatile Place place;

  private static final AtomicReferenceFieldUpdater<Source, @Nullable Session> SESSION =
      AtomicReferenceFieldUpdater.newUpdater(Source.class, Session.class, "session");

  /// This version's view of the session that it saw last.
  private volatile @Nullable Session session;

  /// Guarded by [AdmissionState#lock].
  private @Nullable Lease lease;

  /// Handshakes from where the terminal was last accepted, and from anywhere else: an impostor on
  /// the network uses up its own allowance, not the terminal's. Both are for the doorman alone.
  private final Allowance familiar = new Allowance();

  private final Allowance unfamiliar = new Allowance();

  private int answers;
  private long answersBeganNanos;

  /// What the registry says, with its digest: read as one, or a session would be held against half
  /// of another entry.
  static final class Entry {
    private final Terminal terminal;
    private final byte[] digest;

    Entry(Terminal terminal) {
      this.terminal = terminal;
      this.digest = terminal.digest();
    }

    Terminal terminal() {
      return terminal;
    }
  }

  /// The terminal's record, while the table's entry is used as it was then.
  private record Place(TerminalRecord record, int entry, long uses) {}

  Source(Entry listed, AdmissionState state) {
    this.address = listed.terminal.address();
    this.state = state;
    this.listed = listed;
    this.place = place();
  }

  private Place place() {
    int entry = state.entry(address);
    return new Place(state.record(entry), entry, state.uses(entry));
  }

  IpAddress address() {
    return address;
  }

  Terminal terminal() {
    return listed.terminal;
  }

  void list(Terminal changed) {
    if (!changed.equals(listed.terminal)) {
      listed = new Entry(changed);
    }
  }

  byte[] digest() {
    return listed.digest;
  }

  /// Whether this session lives, by its number alone: whatever entry of the registry it began
  /// under. Any thread; takes no lock.
  boolean isLive(long sessionId) {
    Place now = place;
    return now.record.sessionId() == sessionId && state.uses(now.entry) == now.uses;
  }

  /// Says that a connection of this session is gone. Any thread; takes no lock.
  void removeConnection(long sessionId) {
    place.record.removeConnection(sessionId);
  }

  /// The live session, or null. The hot path's lookup ends here. Whichever version of the bundle
  /// has begun it: a view is made when it is first seen.
  @Nullable Session session() {
    Place now = place;
    long id = now.record.sessionId();
    // Behind the number: another terminal's session would begin after the entry's use has changed.
    if (id == 0 || state.uses(now.entry) != now.uses) {
      return null;
    }
    Session known = session;
    return known != null && known.id() == id ? known : seen(now.record, id);
  }

  /// Makes the view, unless another thread is quicker: all have the same one. Without a lock, which
  /// a [SessionReview] that is kept from a processor would hold while a packet waits.
  private @Nullable Session seen(TerminalRecord record, long id) {
    Session known = session;
    if (known != null && known.id() == id) {
      return known;
    }
    Entry entry = listed;
    Device device = state.device(record.deviceIndex());
    if (device == null || !record.hasDigest(entry.digest)) {
      // Begun under another entry of the registry: it is about to end.
      return null;
    }
    Binding binding = new Binding(device, record.vlanKey(), record.hardwareAddress(), address);
    Session made = new Session(id, entry.terminal, binding, record);
    VarHandle.acquireFence(); // what was read above is this session's if it still lives
    if (!made.live()) {
      return null;
    }
    return SESSION.compareAndSet(this, known, made) ? made : seen(record, id);
  }

  /// The terminal's record. Under the lock.
  TerminalRecord record() {
    if (state.uses(place.entry) != place.uses) {
      // Another version of the bundle, with another registry, had forgotten the address.
      place = place();
    }
    return place.record;
  }

  /// The association, if there is one. Safe for any thread to ask whose it is.
  SecureLine line() {
    return new SecureLine(address, place.record, state);
  }

  /// Whether there is an association with this peer. Any thread.
  boolean hasLineOf(Datagram.Peer peer) {
    Place now = place;
    return state.uses(now.entry) == now.uses
        && new SecureLine(address, now.record, state).isOf(peer);
  }

  /// The lease that runs, or null, whichever version of the bundle has begun it. Under the lock.
  @Nullable Lease lease() {
    TerminalRecord record = record();
    long id = record.get(TerminalRecord.LEASE_AT);
    Lease known = lease;
    if (id == 0 || known == null || known.id() != id) {
      Session live = id == 0 ? null : session();
      lease = live == null ? null : new Lease(id, live, this, record, List.of());
    }
    return lease;
  }

  /// Under the lock.
  void occupy(Lease begun) {
    lease = begun;
    session = begun.session();
  }

  /// Ends what the record holds of lease and association. Under the lock.
  void vacate() {
    lease = null;
    record().set(TerminalRecord.LEASE_AT, 0);
    line().wipe();
    state.dropPath(address);
  }

  /// The certificates that the session stands on. Under the lock.
  List<X509Certificate> path() throws Refused {
    try {
      return state.path(address);
    } catch (GeneralSecurityException | RuntimeException e) {
      throw new Refused(Cause.BAD_CERTIFICATE, "the kept certificates cannot be read: " + e);
    }
  }

  /// Whether a session may live. Any thread.
  boolean isOccupied() {
    return place.record.sessionId() != 0;
  }

  /// Whether a sweep must look at the session that may live, under the lock. Any thread; takes no
  /// lock itself.
  boolean needsLook(AdmissionSettings.Life life, long nowNanos, Instant now) {
    Place seen = place;
    return state.uses(seen.entry) != seen.uses
        || Lease.needsLook(
            seen.record, new SecureLine(address, seen.record, state), life, nowNanos, now);
  }

  boolean isSuspended(long nowNanos) {
    return place.record.isSuspended(nowNanos);
  }

  Allowance allowance(Datagram.Peer peer) {
    return place.record.wasBoundTo(peer) ? familiar : unfamiliar;
  }

  /// Whether one more line may be answered in this second. For the doorman alone.
  boolean mayAnswer(long nowNanos) {
    if (nowNanos - answersBeganNanos >= SECOND_NANOS || answers == 0) {
      answersBeganNanos = nowNanos;
      answers = 0;
    }
    return answers < ANSWERS_PER_SECOND && ++answers > 0;
  }

  /// Takes a place among the waiting datagrams.
  boolean queue() {
    if (waiting.incrementAndGet() > MAX_WAITING) {
      waiting.decrementAndGet();
      return false;
    }
    return true;
  }

  void unqueue() {
    waiting.decrementAndGet();
  }
}
