package dev.sluice.plugins.terminalauth;

import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// A listed address, and what is going on with it. There are as many of these as the registry has
/// terminals, so nothing here needs a bound of its own against made-up addresses. It outlives a
/// change of the registry that keeps the address.
final class Source {
  /// Most datagrams of one source that wait for [Doorman].
  static final int MAX_WAITING = 32;

  private final IpAddress address;
  private final AtomicInteger waiting = new AtomicInteger();
  private volatile Terminal terminal;
  private volatile @Nullable Session session;
  private volatile long suspendedUntilNanos = System.nanoTime();

  /// Guarded by [Sessions].
  private @Nullable Lease lease;

  /// Handshakes from where the terminal was last accepted, and from anywhere else: an impostor on
  /// the network uses up its own allowance, not the terminal's. Both are for the doorman alone.
  private final Allowance familiar = new Allowance();

  private final Allowance unfamiliar = new Allowance();
  private volatile @Nullable Binding lastBinding;

  Source(Terminal terminal) {
    this.address = terminal.address();
    this.terminal = terminal;
  }

  IpAddress address() {
    return address;
  }

  Terminal terminal() {
    return terminal;
  }

  void list(Terminal changed) {
    terminal = changed;
  }

  /// The live session, or null. The hot path's lookup ends here.
  @Nullable Session session() {
    return session;
  }

  @Nullable Lease lease() {
    return lease;
  }

  void occupy(Lease begun) {
    lease = begun;
    lastBinding = begun.session().binding();
    session = begun.session();
  }

  void vacate() {
    session = null;
    lease = null;
  }

  void suspendUntil(long nanos) {
    suspendedUntilNanos = nanos;
  }

  boolean isSuspended(long nowNanos) {
    return suspendedUntilNanos - nowNanos > 0;
  }

  Allowance allowance(Datagram.Peer peer) {
    Binding last = lastBinding;
    boolean known =
        last != null && last.matches(peer.device(), peer.vlanKey(), peer.hardwareAddress());
    return known ? familiar : unfamiliar;
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
