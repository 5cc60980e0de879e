package dev.sluice.plugins.terminalauth;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;

/// How many handshakes one source may begin: a bucket that holds a minute's allowance and fills
/// steadily, and the handshakes now under way. For one thread.
final class Allowance {
  private final Deque<Conversation> underWay = new ArrayDeque<>();
  private double tokens = Double.MAX_VALUE;
  private long filledNanos = System.nanoTime();

  /// Whether the source may begin a handshake now, as far as its rate goes.
  boolean permits(int perMinute, long nowNanos) {
    double minutes = (double) (nowNanos - filledNanos) / TimeUnit.MINUTES.toNanos(1);
    tokens = Math.min(perMinute, tokens + minutes * perMinute);
    filledNanos = nowNanos;
    return tokens >= 1;
  }

  /// Gives up the oldest handshakes under way until there is room for one more: the newest is the
  /// one that a terminal is still waiting for.
  void makeRoom(int most) {
    underWay.removeIf(conversation -> !conversation.isHalfOpen());
    while (underWay.size() >= most) {
      underWay.removeFirst().abandon(Cause.BUSY);
    }
  }

  /// Takes one handshake of the allowance: only what began counts, so that a terminal that was
  /// turned away because the gateway was busy can come back at once.
  void began(Conversation conversation) {
    tokens--;
    underWay.addLast(conversation);
  }
}
