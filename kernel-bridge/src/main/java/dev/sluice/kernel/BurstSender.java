package dev.sluice.kernel;

import java.lang.foreign.MemorySegment;

/// Sends what makes whole bursts of a batch by an [XdpBurst], and leaves the rest to the caller's
/// ring: all of it for five seconds after such frames were not taken. One thread.
final class BurstSender implements AutoCloseable {
  private static final long NEXT_TRY_NANOS = 5_000_000_000L;

  private final XdpBurst burst;
  private final FrameFit fit;
  private final FramePool pool;

  /// Whether the last burst was not taken, and from when on to try again.
  private boolean resting;

  private long nextTryNanos;

  private final Tally taken = new Tally();
  private final Tally lost = new Tally();

  /// @param burst that is ready; closed with this
  BurstSender(XdpBurst burst, FrameFit fit, FramePool pool) {
    this.burst = burst;
    this.fit = fit;
    this.pool = pool;
  }

  /// Sends frames; the caller's ring must be empty, for what waits there goes first.
  ///
  /// @param done is given the chunks of those that were sent, or cannot be
  /// @return the place of the first frame that is left to the ring
  int send(FrameBatch batch, int from, ChunkStack done) {
    int at = from;
    while (batch.count() - at >= XdpBurst.LEAST && !rests()) {
      int end = Math.min(at + XdpBurst.MOST, batch.count());
      int count = send(batch, at, end);
      if (count == XdpBurst.NOT_TAKEN) {
        resting = true;
        nextTryNanos = System.nanoTime() + NEXT_TRY_NANOS;
        return at;
      }
      taken.add(count);
      lost.add(end - at - count);
      while (at < end) {
        done.push(batch.chunk(at));
        at++;
      }
    }
    return at;
  }

  private boolean rests() {
    if (resting && System.nanoTime() - nextTryNanos >= 0) {
      resting = false;
    }
    return resting;
  }

  /// Sends the frames that can be sent at all.
  ///
  /// @return as [XdpBurst#send]
  private int send(FrameBatch batch, int from, int end) {
    burst.clear();
    for (int i = from; i < end; i++) {
      MemorySegment frame = pool.frame(batch.chunk(i));
      if (fit.allows(frame, batch.length(i))) {
        burst.add(frame, batch.length(i));
      }
    }
    return burst.count() == 0 ? 0 : burst.send(); // 0: none of them can be sent at all
  }

  /// Frames that the driver took. Any thread.
  long taken() {
    return taken.value();
  }

  /// Frames that it had no room for, or that cannot be sent. Any thread.
  long lost() {
    return lost.value();
  }

  @Override
  public void close() {
    burst.close();
  }
}
