package dev.sluice.kernel;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// The receiving half of one socket of an [XdpDevice]: gives the kernel chunks through the fill
/// ring, and takes frames out of the receive ring.
///
/// No number found in a ring is believed. A descriptor is taken only if this device gave its chunk
/// to the kernel and has not got it back, and if the frame lies within the chunk; so no slip of the
/// kernel or a driver makes two owners of a chunk. One thread.
final class XdpReceiver {
  private static final int LINE_SHIFT = 6; // of a cache, on x86-64 and AArch64
  private static final int LINE_BYTES = 1 << LINE_SHIFT;

  private final int fd;
  private final XdpProducerRing fill;
  private final XdpConsumerRing ring;
  private final FramePool pool;
  private final MemorySegment area;
  private final boolean busyPoll;
  private final boolean copied;
  private final int flag;

  /// Which chunks the kernel has for receiving; shared by the sockets of one device.
  private final boolean[] given;

  /// How many of them this socket was given.
  private int held;

  private int target;

  /// Whether the last descriptor was part of a frame that goes on in the next.
  private boolean continued;

  @SuppressWarnings("UnusedVariable")
  private int touched;

  private final Tally received = new Tally();
  private final Tally tooLong = new Tally();
  private final Tally bad = new Tally();

  /// A receiver over the rings of a bound socket.
  ///
  /// @param copied whether the kernel copies frames into the pool and out of it
  /// @param given a place for each chunk of the pool
  /// @param flag what each frame is marked with, of [FrameBatch]
  XdpReceiver(
      int fd,
      XdpRings rings,
      XdpOptions options,
      FramePool pool,
      boolean copied,
      boolean[] given,
      int flag) {
    this.fd = fd;
    this.fill = rings.fill();
    this.ring = rings.receive();
    this.pool = pool;
    this.area = pool.area();
    this.busyPoll = options.busyPollMicros() > 0;
    this.copied = copied;
    this.given = given;
    this.flag = flag;
    this.target = options.ringFrames();
  }

  /// Says how many chunks the kernel may have at a time, at most as many as the ring was made for.
  void target(int chunks) {
    target = Math.min(target, chunks);
  }

  /// Chunks that the kernel could be given now.
  int wanted() {
    return Math.max(0, target - held);
  }

  /// As [FrameDevice#receive], for this queue. All frames of a call have the same time of arrival.
  int receive(FrameBatch batch, ChunkStack free, WallClock clock) {
    refill(free);
    int available = Math.min(ring.available(), batch.room());
    if (available == 0) {
      if (busyPoll || fill.needsWakeup()) {
        SocketCalls.pull(fd);
      }
      return 0;
    }
    long now = clock.nanos();
    int before = batch.count();
    for (int i = 0; i < available; i++) {
      take(i, batch, free, now);
    }
    ring.release(available);
    if (copied) {
      touch(batch, before);
    }
    int added = batch.count() - before;
    received.add(added);
    return added;
  }

  /// Reads a byte of each line of the frames, and for nothing else. The processor that copied them
  /// into the pool has them in its caches. From there all lines come at the same time here, instead
  /// of one after the other when a handler looks at them, or the kernel copies them out.
  private void touch(FrameBatch batch, int from) {
    int sum = 0;
    for (int i = from; i < batch.count(); i++) {
      long start = (long) batch.chunk(i) * FramePool.CHUNK_BYTES + FramePool.HEADROOM;
      int lines = (batch.length(i) + LINE_BYTES - 1) >>> LINE_SHIFT;
      for (int line = 0; line < lines; line++) {
        sum += area.get(ValueLayout.JAVA_BYTE, start + ((long) line << LINE_SHIFT));
      }
    }
    touched = sum; // or the compiler would leave it all out
  }

  /// Frames delivered. Any thread.
  long received() {
    return received.value();
  }

  /// Frames not delivered, for their length. Any thread.
  long tooLong() {
    return tooLong.value();
  }

  /// Numbers of the kernel that cannot be. Any thread.
  long bad() {
    return bad.value() + ring.implausible() + fill.implausible();
  }

  private void refill(ChunkStack free) {
    int count = Math.min(wanted(), free.size());
    if (count == 0) {
      return;
    }
    count = Math.min(count, target - Math.min(target, fill.pending()));
    for (int i = 0; i < count; i++) {
      int chunk = free.pop();
      given[chunk] = true;
      fill.put((long) chunk * FramePool.CHUNK_BYTES);
    }
    if (count > 0) {
      held += count;
      fill.publish();
      if (fill.needsWakeup()) {
        SocketCalls.pull(fd);
      }
    }
  }

  private void take(int at, FrameBatch batch, ChunkStack free, long now) {
    long address = ring.address(at);
    long both = ring.lengthAndOptions(at);
    long length = both & 0xffff_ffffL;
    boolean part = continued;
    continued = ((int) (both >>> Integer.SIZE) & IfXdp.XDP_PKT_CONTD) != 0;
    long chunkNumber = address >>> 11; // CHUNK_BYTES
    if (chunkNumber >= given.length || !given[(int) chunkNumber]) {
      bad.add(1);
      return;
    }
    int chunk = (int) chunkNumber;
    given[chunk] = false;
    held--;
    long offset = address & (FramePool.CHUNK_BYTES - 1);
    if (offset + length > FramePool.CHUNK_BYTES) {
      bad.add(1);
      free.push(chunk);
    } else if (part
        || continued
        || length < FrameFit.ETHERNET_BYTES
        || FramePool.FRAME_BYTES < length) {
      tooLong.add(part ? 0 : 1);
      free.push(chunk);
    } else {
      if (offset != FramePool.HEADROOM) {
        move(chunk, offset, length);
      }
      batch.add(chunk, (int) length, flag, now);
    }
  }

  /// Puts a frame where frames begin.
  private void move(int chunk, long offset, long length) {
    long from = (long) chunk * FramePool.CHUNK_BYTES + offset;
    MemorySegment.copy(area, from, pool.frame(chunk), 0, length);
  }
}
