package dev.sluice.kernel;

import com.sun.management.ThreadMXBean;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;

/// Frames from one device to another, by one thread, in the manner of the pipeline: in batches, and
/// without an object per frame.
final class Exchange {
  private static final int BATCH = 64;
  private static final int FRAME_BYTES = 60;
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private static final byte[] HEAD = Frames.plain(14, 0);

  private final MemorySegment expected = MemorySegment.ofArray(new byte[FramePool.FRAME_BYTES]);
  private final FramePool pool;
  private boolean everyLength;
  private int sentCount;
  private int receivedCount;
  private final FrameDevice from;
  private final FrameDevice to;
  private final ChunkStack free;
  private final FrameBatch out = new FrameBatch(BATCH);
  private final FrameBatch in = new FrameBatch(BATCH);

  /// Between devices that have no chunk yet.
  Exchange(FrameDevice from, FrameDevice to, FramePool pool) {
    this(from, to, pool, new ChunkStack(pool.chunks()));
    for (int chunk = 0; chunk < pool.chunks(); chunk++) {
      free.push(chunk);
    }
  }

  /// With these free chunks.
  Exchange(FrameDevice from, FrameDevice to, FramePool pool, ChunkStack free) {
    this.from = from;
    this.to = to;
    this.pool = pool;
    this.free = free;
  }

  /// Sends `frames` whose lengths run from 60 to 1514 again and again, and compares each that
  /// arrives with what was sent in its place.
  void runEveryLength(int frames) {
    everyLength = true;
    run(frames);
    everyLength = false;
  }

  /// What this thread has allocated since it began.
  static long allocatedBytes() {
    return THREADS.getCurrentThreadAllocatedBytes();
  }

  /// Runs rounds of `frames` until one allocates nothing, which the first ones do not, since their
  /// code is still interpreted: at most ten.
  ///
  /// @return the bytes that the most frugal round allocated
  long leastAllocatedBytes(int frames) {
    long least = Long.MAX_VALUE;
    for (int round = 0; round < 10 && least > 0; round++) {
      long before = allocatedBytes();
      run(frames);
      least = Math.min(least, allocatedBytes() - before);
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
      int chunk = free.pop();
      if (everyLength) {
        fill(pool.frame(chunk), sentCount + i);
      }
      out.add(chunk, everyLength ? length(sentCount + i) : FRAME_BYTES, 0, 0);
    }
    int accepted = from.send(out, 0);
    for (int i = accepted; i < count; i++) {
      free.push(out.chunk(i));
    }
    from.flush();
    from.completed(free);
    sentCount += accepted;
    return accepted;
  }

  private int receive() {
    in.clear();
    int count = to.receive(in, free);
    for (int i = 0; i < count; i++) {
      if (everyLength) {
        compare(i);
      }
      free.push(in.chunk(i));
    }
    receivedCount += count;
    return count;
  }

  private void compare(int i) {
    int number = receivedCount + i;
    fill(expected, number);
    int length = length(number);
    MemorySegment frame = pool.frame(in.chunk(i));
    if (in.length(i) != length
        || MemorySegment.mismatch(frame, 0, length, expected, 0, length) >= 0) {
      throw new IllegalStateException("frame " + number + " arrived with " + in.length(i));
    }
  }

  private static int length(int number) {
    return FRAME_BYTES + number % 1455;
  }

  /// Writes what frame `number` has: addresses, a private EtherType, then its number repeated.
  private static void fill(MemorySegment frame, int number) {
    int length = length(number);
    for (int at = 0; at < length; at++) {
      frame.set(ValueLayout.JAVA_BYTE, at, (byte) (number >>> (at % 4 * 8)));
    }
    MemorySegment.copy(HEAD, 0, frame, ValueLayout.JAVA_BYTE, 0, HEAD.length);
  }
}
