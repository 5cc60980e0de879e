package dev.sluice.runtime.pipeline;

import dev.sluice.plugin.FlowHash;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/// How the flows of one WorkThread go over from what was there before to a handler on trial: few at
/// first, and more as it proves to be fast.
///
/// A fresh handler may need fifty times as long for a packet as the one before: its code is
/// interpreted, and, once compiled, compiled for what its rehearsal has shown it, so that the first
/// real packets throw it back. If it had all packets meanwhile, the queues would fill and packets
/// would be lost. So it has one part of [#WHOLE] of the flows first, and twice as many each time
/// that it took a small part of the time for them, or no more than twice as long for each as the
/// handler before. A flow that has gone over does not go back, so it meets no older rule after a
/// newer one.
///
/// One WorkThread's; [#isPending] is for any thread.
final class HandOver {
  /// Parts that the flows fall into by their hash.
  static final int WHOLE = 256;

  /// How long is measured before the share may grow.
  static final long WINDOW_NANOS = 2_000_000;

  /// A handler that took less than one part in so many of a window does no harm.
  private static final int SMALL_PART = 16;

  /// With so few packets in a window there is no load that could be too much.
  private static final int FEW_PACKETS = 16;

  /// Beside the low bits of a hash: what spreads flows over WorkThreads is its high ones.
  private static final int SPREAD = 0x9E3779B9;

  /// The same for all, so that a flow's part is the same whoever takes it over.
  private static final FlowHash FLOWS = new FlowHash();

  private final long limitNanos;

  /// Written by the WorkThread alone; others need no more than to see it soon.
  private final AtomicInteger share;

  private boolean begun;
  private long begunNanos;
  private long windowNanos;
  private int trialPackets;
  private long trialTook;
  private int fallbackPackets;
  private long fallbackTook;

  /// Whether a packet came before it was whole.
  private volatile boolean used;

  /// @param limit after which all flows have gone over, however slow the handler; zero for at once
  HandOver(Duration limit) {
    limitNanos = limit.toNanos();
    share = new AtomicInteger(limit.isZero() ? WHOLE : 1);
  }

  /// Says that the chain is about to be put in force, which makes this visible to the WorkThread;
  /// the first time counts.
  void begin(long now) {
    if (!begun) {
      begun = true;
      begunNanos = now;
      windowNanos = now;
    }
  }

  /// Whether the handler on trial has this packet's flow; else the one before has it still, and the
  /// time that it takes is to be told.
  ///
  /// @param together packets that the WorkThread found waiting, this one among them
  boolean has(Frame frame, long now, int together) {
    return share.getPlain() == WHOLE || has(FLOWS.hash(frame), now, together);
  }

  boolean has(int flow, long now, int together) {
    int current = share.getPlain();
    if (current < WHOLE && now - windowNanos >= WINDOW_NANOS) {
      current = grown(current, now, together);
      share.setOpaque(current);
      forget(now);
    }
    if (!used) {
      used = true;
    }
    return part(flow) < current;
  }

  static int part(int flow) {
    return (flow * SPREAD) >>> (Integer.SIZE - Integer.numberOfTrailingZeros(WHOLE));
  }

  private int grown(int current, long now, int together) {
    if (now - begunNanos >= limitNanos) {
      return WHOLE;
    }
    long window = now - windowNanos;
    if (trialTook * SMALL_PART <= window) {
      // Where hardly any packet comes, time tells as much: a quiet link is handed over at once. One
      // that stood still under load has many waiting now.
      boolean quiet = trialPackets + fallbackPackets < FEW_PACKETS && together < FEW_PACKETS;
      long times = quiet ? Math.min(window / WINDOW_NANOS, Integer.SIZE / 2) : 1;
      return (int) Math.min((long) current << times, WHOLE);
    }
    boolean comparable = trialPackets >= FEW_PACKETS && fallbackPackets > 0;
    boolean isFast =
        comparable && trialTook / trialPackets <= 2 * (fallbackTook / fallbackPackets + 1);
    return isFast ? 2 * current : current;
  }

  private void forget(long now) {
    windowNanos = now;
    trialPackets = 0;
    trialTook = 0;
    fallbackPackets = 0;
    fallbackTook = 0;
  }

  /// What the handler on trial needed for a packet.
  void trialTook(long nanos) {
    trialPackets++;
    trialTook += nanos;
  }

  /// What the handler before needed for a packet of a flow that has not gone over.
  void fallbackTook(long nanos) {
    fallbackPackets++;
    fallbackTook += nanos;
  }

  /// Whether some flows have not gone over. Any thread.
  boolean isPending(long now) {
    return used && share.getOpaque() < WHOLE && now - begunNanos < limitNanos;
  }

  /// Hundredths of the flows that have gone over, rounded down. Any thread.
  int percent() {
    return share.getOpaque() * 100 / WHOLE;
  }
}
