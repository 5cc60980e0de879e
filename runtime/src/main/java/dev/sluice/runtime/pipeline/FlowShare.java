package dev.sluice.runtime.pipeline;

import dev.sluice.plugin.FlowHash;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

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
/// One WorkThread's; [#isPending] and [#percent] are for any thread.
final class FlowShare {
  /// Parts that the flows fall into by their hash.
  static final int WHOLE = 256;

  /// How long is measured before the share may grow.
  static final long WINDOW_NANOS = 2_000_000;

  /// A handler that took less than one part in so many of a window does no harm.
  private static final int SMALL_PART = 16;

  /// With so few packets in a window there is no load that could be too much.
  static final int FEW_PACKETS = 16;

  /// The same for all, so that a flow's part is the same on each WorkThread; with keys of its own,
  /// so that the part does not depend on what spreads flows over WorkThreads.
  private static final FlowHash FLOWS = new FlowHash();

  private final HandOver all;

  /// Written by the WorkThread alone; others need no more than to see it soon.
  private final AtomicInteger share = new AtomicInteger(1);

  private long turn;

  /// The frame that was asked for last in this turn, which no frame comes twice in.
  private @Nullable Frame asked;

  private boolean answer;
  private long windowNanos;
  private int trialPackets;
  private long trialTook;
  private int fallbackPackets;
  private long fallbackTook;

  /// Whether a packet came before it was whole.
  private volatile boolean used;

  FlowShare(HandOver all) {
    this.all = all;
  }

  /// Says that the chain is about to be put in force, which makes this visible to the WorkThread.
  void begin(long now) {
    windowNanos = now;
  }

  /// Whether the handler on trial has this packet's flow; else the one before has it still, and the
  /// time that it takes is to be told. It is the same for all handlers that a packet meets: the
  /// share grows between two turns of the WorkThread only, and what a handler changes in the
  /// headers does not make it another flow's.
  boolean has(Frame frame, WorkThread worker) {
    if (share.getPlain() == WHOLE) {
      return true;
    }
    if (turn != worker.turn()) {
      turn = worker.turn();
      asked = null; // frames come again
      look(System.nanoTime(), worker.isBusy());
    }
    if (asked != frame) {
      asked = frame;
      answer = has(FLOWS.hash(frame));
    }
    return answer;
  }

  boolean has(int flow) {
    return part(flow) < share.getPlain();
  }

  /// Begins a turn that has packets.
  ///
  /// @param busy whether there were many
  void look(long now, boolean busy) {
    if (!used) {
      used = true;
    }
    if (all.isOver(now)) {
      share.setOpaque(WHOLE);
    } else if (now - windowNanos >= WINDOW_NANOS) {
      share.setOpaque(grown(share.getPlain(), now - windowNanos, busy));
      forget(now);
    }
  }

  static int part(int flow) {
    return flow >>> (Integer.SIZE - Integer.numberOfTrailingZeros(WHOLE));
  }

  private int grown(int current, long window, boolean busy) {
    if (trialTook * SMALL_PART <= window) {
      // Where hardly any packet comes, time tells as much: a quiet link is handed over at once. One
      // that stood still under load has many waiting now.
      boolean quiet = trialPackets + fallbackPackets < FEW_PACKETS && !busy;
      long times = quiet ? Math.min(window / WINDOW_NANOS, Integer.SIZE / 2) : 1;
      return (int) Math.min((long) current << times, WHOLE);
    }
    boolean comparable = trialPackets >= FEW_PACKETS && fallbackPackets > 0;
    boolean isFast =
        comparable && trialTook / trialPackets <= 2 * (fallbackTook / fallbackPackets + 1);
    return isFast ? Math.min(2 * current, WHOLE) : current;
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
  boolean isPending() {
    return used && share.getOpaque() < WHOLE;
  }

  /// Hundredths of the flows that have gone over, rounded down. Any thread.
  int percent() {
    return share.getOpaque() * 100 / WHOLE;
  }
}
