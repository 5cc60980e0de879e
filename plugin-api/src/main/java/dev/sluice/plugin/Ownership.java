package dev.sluice.plugin;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// One version's claim to work that only one version of a bundle may do at a time. Who claims last
/// owns; a version that was rolled back to claims again.
///
/// ```
/// if (ownership.enter()) {      // one item of the work
///   try { ... } finally { ownership.leave(); }
/// }
/// ```
///
/// Safe for any thread. [#claim], [#isMine] and [#isFree] take no lock and never wait, so that a
/// handler's tick may call them.
public final class Ownership {
  private final Seat seat;

  /// Which version owns, and the lock that an item of work is done under.
  private static final class Seat {
    /// Fair: who does many items in a row must let in whoever waits for one, although it is back at
    /// the lock sooner than the other is awake.
    private final ReentrantLock working = new ReentrantLock(true);

    private volatile @Nullable Ownership owner;
  }

  private Ownership(Seat seat) {
    this.seat = seat;
  }

  /// The first claim to something, of which nobody is the owner.
  public static Ownership first() {
    return new Ownership(new Seat());
  }

  /// Another version's claim to the same thing.
  public Ownership rival() {
    return new Ownership(seat);
  }

  /// Makes this version the owner. One that owned before finishes the item it is at, and gets no
  /// other; this one's first [#enter] waits for that.
  public void claim() {
    seat.owner = this;
  }

  /// Whether this version owns.
  public boolean isMine() {
    return seat.owner == this;
  }

  /// Whether no version owns.
  public boolean isFree() {
    return seat.owner == null;
  }

  /// Begins an item of work, unless this version does not own. May be nested.
  ///
  /// @return whether it has begun: then [#leave] is owed
  @SuppressWarnings("LockNotBeforeTry") // what it brackets is the caller's
  public boolean enter() {
    seat.working.lock();
    if (isMine()) {
      return true;
    }
    seat.working.unlock();
    return false;
  }

  /// Begins an item of work, whoever owns: one that came to this version before it lost the
  /// ownership, or a change of what the versions share. [#leave] is owed.
  @SuppressWarnings("LockNotBeforeTry") // what it brackets is the caller's
  public void enterAnyway() {
    seat.working.lock();
  }

  /// As [#enterAnyway], unless the items of work before this one take longer than this: a version
  /// that starts or goes must not wait for one that is stuck.
  ///
  /// @return whether it has begun: then [#leave] is owed. Not if the thread is interrupted, which
  ///   then stays noted
  @SuppressWarnings("LockNotBeforeTry") // what it brackets is the caller's
  public boolean enterWithin(Duration atMost) {
    try {
      return seat.working.tryLock(atMost.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /// Ends an item of work.
  public void leave() {
    seat.working.unlock();
  }

  /// Gives the ownership up, if this version has it, once the item at work is done.
  public void release() {
    seat.working.lock();
    try {
      if (isMine()) {
        seat.owner = null;
      }
    } finally {
      seat.working.unlock();
    }
  }

  /// As [#release], unless an item is at work: then the ownership stays, so that nobody else begins
  /// one.
  ///
  /// @return whether this version does not own any more
  public boolean releaseIfIdle() {
    if (seat.working.tryLock()) {
      try {
        release();
      } finally {
        seat.working.unlock();
      }
    }
    return !isMine();
  }
}
