package dev.sluice.kernel;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/// Frames from one device to another, by one thread, in the manner of the pipeline: in batches, and
/// without an object per frame.
final class Exchange {
  private static final int BATCH = 64;
  private static final int FRAME_BYTES = 60;
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private final FrameDevice from;
  private final FrameDevice to;
  private final ChunkStack free;
  private final FrameBatch out = new FrameBatch(BATCH);
  private final FrameBatch in = new FrameBatch(BATCH);

  Exchange(FrameDevice from, FrameDevice to, FramePool pool) {
    this.from = from;
    this.to = to;
    this.free = new ChunkStack(pool.chunks());
    for (int chunk = 0; chunk < pool.chunks(); chunk++) {
      free.push(chunk);
    }
  }

  /// Runs rounds of `frames` until one allocates nothing, which the first ones do not, since their
  /// code is still interpreted: at most ten.
  ///
  /// @return the bytes that the most frugal round allocated
  long leastAllocatedBytes(int frames) {
    long least = Long.MAX_VALUE;
    for (int round = 0; round < 10 && least > 0; round++) {
      long before = THREADS.getCurrentThreadAllocatedBytes();
      run(frames);
      least = Math.min(least, THREADS.getCurrentThreadAllocatedBytes() - before);
    }
    return least;
  }

  /// Sends `frames` and receives as many.
  ///
  /// @throws IllegalStateException if nothing has arrived for two seconds
  void run(int frames) {
    int sent = 0;
    int received = 0;
    long arrived = System.nanoTime();
    while (received < frames) {
      if (sent < frames && sent - received < 4 * BATCH) {
        sent += send(Math.min(BATCH, frames - sent));
      }
      int count = receive();
      received += count;
      if (count > 0) {
        arrived = System.nanoTime();
      } else if (System.nanoTime() - arrived > 2_000_000_000L) {
        throw new IllegalStateException(received + " of " + frames + " frames arrived");
      }
    }
  }

  private int send(int count) {
    out.clear();
    for (int i = 0; i < count; i++) {
      out.add(free.pop(), FRAME_BYTES, 0, 0);
    }
    int accepted = from.send(out, 0);
    for (int i = accepted; i < count; i++) {
      free.push(out.chunk(i));
    }
    from.flush();
    from.completed(free);
    return accepted;
  }

  private int receive() {
    in.clear();
    int count = to.receive(in, free);
    for (int i = 0; i < count; i++) {
      free.push(in.chunk(i));
    }
    return count;
  }
}
