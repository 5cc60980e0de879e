package dev.sluice.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// The sending half of an [XdpDevice]: all frames leave by one socket, which keeps their order.
///
/// A chunk is given back when its address comes out of the completion ring, and only if it is one
/// that the kernel has to transmit. Frames that still wait when the interface goes down are made
/// such that the kernel steps over them, lest they be sent when they are old; their chunks come
/// back when it has, and until then nothing is sent. One thread.
final class XdpTransmitter implements AutoCloseable {
  /// Most system calls of one [#flush], beside those that the budget makes necessary.
  private static final int MOST_KICKS = 64;

  private static final int LEAST_BUDGET = 32; // TX_BATCH_SIZE of net/xdp/xsk.c

  private final Arena arena = Arena.ofShared();
  private final MemorySegment state = arena.allocate(Libc.STATE);
  private final int fd;
  private final XdpProducerRing ring;
  private final XdpConsumerRing completion;
  private final LinkWatch link;
  private final FramePool pool;
  private final FrameFit fit;
  private final boolean needWakeup;
  private final int slots;

  /// Null where the ring is the one way out.
  private final @Nullable BurstSender bursts;

  /// Which chunks the kernel has for transmission.
  private final boolean[] given;

  /// The chunk in each slot of the transmit ring, by its position.
  private final int[] chunkAt;

  /// Chunks that can be given back without the kernel.
  private final ChunkStack done;

  /// Chunks that the kernel has.
  private int held;

  /// Up to where the kernel had come at the last look, and up to where descriptors are spoiled.
  private int settled;

  private int spoiled;

  /// Spoiled descriptors from here on have not been dealt with, and until they are nothing is sent.
  private int unreclaimed;

  /// Up to where the kernel had come when [#completed] last returned.
  private int passedBefore;

  private final Tally sent = new Tally();
  private final Tally failed = new Tally();
  private final Tally bad = new Tally();

  /// A transmitter over the rings of a bound socket.
  ///
  /// @param bursts for many frames at once, closed with this; or null
  XdpTransmitter(
      int fd,
      XdpRings rings,
      XdpOptions options,
      LinkWatch link,
      FrameFit fit,
      FramePool pool,
      @Nullable BurstSender bursts) {
    this.bursts = bursts;
    this.fd = fd;
    this.ring = rings.transmit();
    this.completion = rings.completion();
    this.link = link;
    this.pool = pool;
    this.fit = fit;
    this.needWakeup = options.needWakeup();
    this.slots = options.ringFrames();
    this.given = new boolean[pool.chunks()];
    this.chunkAt = new int[slots];
    this.done = new ChunkStack(pool.chunks());
    this.settled = ring.position();
    this.spoiled = settled;
    this.unreclaimed = settled;
    this.passedBefore = settled;
  }

  /// As [FrameDevice#send].
  int send(FrameBatch batch, int from) {
    if (link.state() != LinkState.UP || unreclaimed != spoiled) {
      return 0;
    }
    int at = from;
    if (bursts != null && ring.pending() == 0) {
      at = bursts.send(batch, at, done);
    }
    int room = Math.min(slots - held, slots - ring.pending());
    while (at < batch.count() && room > 0) {
      int chunk = batch.chunk(at);
      int length = batch.length(at);
      if (fit.allows(pool.frame(chunk), length)) {
        put(chunk, length);
        room--;
      } else {
        failed.add(1);
        done.push(chunk);
      }
      at++;
    }
    ring.publish();
    return at - from;
  }

  /// As [FrameDevice#flush].
  void flush() {
    int kicks = settle() / LEAST_BUDGET + MOST_KICKS;
    while (kicks > 0 && settle() > 0 && (!needWakeup || ring.needsWakeup())) {
      int before = settled;
      long outcome = SocketCalls.kick(fd, state);
      settle();
      // Some kernels step over one spoiled descriptor a call, and say that all is well.
      boolean again =
          outcome < 0 ? overcome((int) -outcome, settled != before) : spoiled != settled;
      if (!again) {
        break;
      }
      kicks--;
    }
    settle();
  }

  /// As [FrameDevice#completed]. What the kernel did not take before is offered again.
  int completed(ChunkStack into) {
    if (settle() > 0) {
      flush();
    }
    int pushed = done.size();
    for (int i = 0; i < pushed; i++) {
      into.push(done.pop());
    }
    int available = completion.available();
    for (int i = 0; i < available; i++) {
      pushed += complete(completion.address(i), into);
    }
    if (available > 0) {
      completion.release(available);
    }
    pushed += reclaim(into);
    return pushed;
  }

  /// Frames the kernel took. Any thread.
  long sent() {
    return sent.value() + (bursts == null ? 0 : bursts.taken());
  }

  /// Frames it did not take. Any thread.
  long failed() {
    return failed.value() + (bursts == null ? 0 : bursts.lost());
  }

  /// Numbers of the kernel that cannot be. Any thread.
  long bad() {
    return bad.value() + ring.implausible() + completion.implausible();
  }

  @Override
  public void close() {
    if (bursts != null) {
      bursts.close();
    }
    arena.close();
  }

  private void put(int chunk, int length) {
    chunkAt[ring.position() & (slots - 1)] = chunk;
    ring.put((long) chunk * FramePool.CHUNK_BYTES + FramePool.HEADROOM, length);
    given[chunk] = true;
    held++;
  }

  private int complete(long address, ChunkStack into) {
    long chunk = address >>> 11; // CHUNK_BYTES
    if (chunk >= given.length || !given[(int) chunk]) {
      bad.add(1);
      return 0;
    }
    given[(int) chunk] = false;
    held--;
    into.push((int) chunk);
    return 1;
  }

  /// Looks how far the kernel has come.
  ///
  /// @return descriptors that it has not taken
  private int settle() {
    int pending = ring.pending();
    int kernel = ring.position() - pending;
    int passed = kernel - settled;
    if (passed <= 0) { // less than 0: an index that cannot be, counted by the ring
      return pending;
    }
    int steppedOver = Math.clamp(spoiled - settled, 0, passed);
    sent.add(passed - steppedOver);
    settled = kernel;
    if (spoiled - settled < 0) {
      spoiled = settled;
      unreclaimed = settled;
    }
    return pending;
  }

  /// Takes back the chunks of descriptors that the kernel stepped over. Some kernels complete them
  /// too, if only after another thread's poll(2) made them look: hence the wait for one more call.
  private int reclaim(ChunkStack into) {
    int pushed = 0;
    while (unreclaimed != spoiled && settled - unreclaimed > 0) {
      int chunk = chunkAt[unreclaimed & (slots - 1)];
      if (given[chunk]) {
        if (passedBefore - unreclaimed <= 0) {
          break;
        }
        given[chunk] = false;
        held--;
        into.push(chunk);
        pushed++;
      }
      unreclaimed++;
    }
    passedBefore = settled;
    return pushed;
  }

  /// What to do about a refused kick.
  ///
  /// @param moved whether the kernel took frames before it refused
  /// @return whether to kick again at once
  private boolean overcome(int errno, boolean moved) {
    if (errno == Errno.ENETDOWN || errno == Errno.ENXIO || errno == Errno.ENODEV) {
      link.refresh();
      spoil();
      return false;
    }
    // EAGAIN: more than the budget; or the driver is busy, and then not before the next turn, lest
    // a port that cannot keep up takes the time of all. EBUSY: the driver dropped one frame.
    return (errno == Errno.EAGAIN && moved) || errno == Errno.EBUSY;
  }

  private void spoil() {
    int pending = settle();
    int fresh = ring.position() - spoiled;
    if (fresh > 0) {
      ring.spoil(Math.min(fresh, pending));
      failed.add(Math.min(fresh, pending));
      spoiled = ring.position();
    }
  }
}
