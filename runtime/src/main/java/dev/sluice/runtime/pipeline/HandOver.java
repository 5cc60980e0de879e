package dev.sluice.runtime.pipeline;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/// How flows go over, on all WorkThreads, from what was there before to what is on trial, if that
/// is about as fast or until a time is over. What comes into the chain together shares one, so that
/// a flow meets all of it or none: a check may have moved from one bundle to another.
public final class HandOver {
  private final long limitNanos;
  private final List<FlowShare> shares;
  private boolean begun;
  private volatile long begunNanos;
  private volatile boolean ended;

  /// One that has not begun.
  ///
  /// @param workers number of WorkThreads
  /// @param limit after which all flows have gone over, however slow the handlers; zero for at once
  public HandOver(int workers, Duration limit) {
    limitNanos = limit.toNanos();
    shares = Stream.generate(() -> new FlowShare(this)).limit(workers).toList();
    ended = limit.isZero();
  }

  /// One by which all flows go over with the next packet.
  public static HandOver atOnce(int workers) {
    return new HandOver(workers, Duration.ZERO);
  }

  /// Called when a chain with it is put in force; only the first call counts.
  void begin(long now) {
    if (!begun) {
      begun = true;
      begunNanos = now;
      shares.forEach(share -> share.begin(now));
    }
  }

  /// What one WorkThread asks.
  FlowShare share(int worker) {
    return shares.get(worker);
  }

  /// Has all flows go over with each WorkThread's next turn: what was before must not judge any
  /// longer. Any thread.
  public void end() {
    ended = true;
  }

  /// Whether [#end] was called, or there is no time for it: all flows go over at once.
  public boolean isEnded() {
    return ended;
  }

  boolean isOver(long now) {
    return ended || now - begunNanos >= limitNanos;
  }

  /// Whether some flows have not gone over. Any thread.
  boolean isPending(long now) {
    if (isOver(now)) {
      return false;
    }
    for (int i = 0; i < shares.size(); i++) {
      if (shares.get(i).isPending()) {
        return true;
      }
    }
    return false;
  }
}
