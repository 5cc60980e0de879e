package dev.sluice.runtime.pipeline;

import org.jspecify.annotations.Nullable;

/// The loop of an open chain. It begins with the code that all generations share, measures now and
/// then, and breaks in a loop of the generation's own beside: that is given a few packets now and
/// then, until it has been compiled and is as fast. So the first packets of a new generation do not
/// wait for the interpreter, and later ones pay for no call that was not inlined.
///
/// For one thread at a time.
final class ChainLoop implements BatchLoop {
  /// One batch in so many is measured; a power of two.
  static final int EVERY = 256;

  /// One batch in so many begins with packets for the own loop; a power of two, less than [#EVERY].
  private static final int PORTION = 8;

  /// As many packets at most: the interpreter needs some ten microseconds for each.
  private static final int PACKETS = 8;

  /// Batches of the own loop between two comparisons. The quickest of each side count, since others
  /// were interrupted, or had packets that are more work.
  private static final int WINDOW = 32;

  /// Before so many packets the compiler has not been asked for its best.
  private static final int LEAST_PACKETS = 10_000;

  /// After so many it will not do better.
  private static final int MOST_PACKETS = 1_000_000;

  private final SharedLoop shared;
  private final MeasuredLoop measured;

  /// How long the shared code has the packets to itself. Where chains follow one another more
  /// quickly, the compilers are not given loops that are gone before they are compiled.
  private final long aloneNanos;

  private final int every;

  /// What is broken in; null where there is nothing to, or that is over.
  private @Nullable BatchLoop own;

  private long begunNanos;

  private BatchLoop inUse;
  private int batches;
  private int ownBatches;
  private int ownPackets;
  private long ownBest = Long.MAX_VALUE;
  private long sharedBest = Long.MAX_VALUE;

  /// @param own to be broken in, or null for none
  ChainLoop(SharedLoop shared, MeasuredLoop measured, @Nullable BatchLoop own, Lane.Habits habits) {
    this.aloneNanos = habits.aloneNanos();
    this.every = habits.measureEvery();
    this.shared = shared;
    this.measured = measured;
    this.own = own;
    this.inUse = own != null && habits.atOnce() ? own : shared;
  }

  /// Whether packets run through the own loop by now; for the thread.
  boolean isOwn() {
    return inUse != shared;
  }

  @Override
  public void run(FrameRun batch, int from, int to, WorkThread worker) {
    batches++;
    int turn = batches & (PORTION - 1);
    int next = from;
    if ((batches & (every - 1)) == 0) {
      next = measured.run(batch, from, to, worker);
    } else if (own != null && (turn == 1 || turn == 2)) {
      next = Math.min(from + PACKETS, to);
      breakIn(turn == 1, own, batch, from, next, worker);
    }
    if (next < to) {
      call(inUse, batch, next, to, worker);
    }
  }

  /// The one place where own loops are called: the warm-up has it meet more classes than the
  /// compiler tells apart, or compiled code would name those of a generation, and so hold it.
  private static void call(BatchLoop loop, FrameRun batch, int from, int to, WorkThread worker) {
    loop.run(batch, from, to, worker);
  }

  /// Runs and times some packets by the one loop or the other.
  private void breakIn(
      boolean isOwn, BatchLoop candidate, FrameRun batch, int from, int to, WorkThread worker) {
    int packets = to - from;
    if (packets <= 0) {
      return;
    }
    long begun = System.nanoTime();
    if (begunNanos == 0) {
      begunNanos = begun;
    }
    boolean isAlone = begun - begunNanos < aloneNanos;
    call(isOwn && !isAlone ? candidate : shared, batch, from, to, worker);
    long nanos = (System.nanoTime() - begun) / packets;
    if (!isOwn || isAlone) {
      sharedBest = Math.min(sharedBest, nanos);
      return;
    }
    ownBest = Math.min(ownBest, nanos);
    ownPackets += packets;
    if (++ownBatches % WINDOW == 0) {
      compare(candidate);
    }
  }

  private void compare(BatchLoop candidate) {
    if (ownPackets >= LEAST_PACKETS && ownBest / 5 <= sharedBest / 4) {
      inUse = candidate;
      own = null;
    } else if (ownPackets >= MOST_PACKETS) {
      own = null;
    }
    ownBest = Long.MAX_VALUE;
    sharedBest = Long.MAX_VALUE;
  }
}
