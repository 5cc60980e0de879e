package dev.sluice.kernel;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// The sending half of a [PacketDevice]: a packet socket of protocol 0 with a TPACKET_V2 ring that
/// goes past the queueing discipline straight to the driver.
///
/// `PACKET_VNET_HDR` lifts the kernel's own limit of MTU + 18 bytes, under which a full-sized frame
/// with two tags would be lost; [FrameFit] draws the line instead. When the driver refuses a frame
/// the kernel offers it again with each kick, for ever; a frame refused for a millisecond is given
/// up, and so is one that only a driver without room for two tags refuses. One thread.
final class PacketTransmitter implements AutoCloseable {
  private static final int SLOT_BYTES = 2048;
  private static final long STALL_NANOS = 1_000_000;

  /// Most system calls of one [#flush].
  private static final int MOST_KICKS = 64;

  private final Arena arena = Arena.ofShared();
  private final MemorySegment state = arena.allocate(Libc.STATE);
  private final LinkWatch link;
  private final FrameFit fit;
  private final int fd;
  private final TransmitRing ring;
  private final ChunkStack done;

  /// Null where the ring is the one way out.
  private final @Nullable BurstSender bursts;

  /// Where the kernel stood when it first refused the frame it refuses now, and since when.
  private long stalledAt = -1;

  private long stalledSince;

  /// Opens the socket, in the network namespace of this thread, and maps its ring.
  ///
  /// @param burst for many frames at once, closed with this; or null
  PacketTransmitter(
      ControlSocket port,
      LinkWatch link,
      PacketOptions options,
      FramePool pool,
      @Nullable XdpBurst burst)
      throws KernelException {
    this.link = link;
    this.fit = new FrameFit(port.mtu());
    this.done = new ChunkStack(pool.chunks());
    this.bursts = burst == null ? null : new BurstSender(burst, fit, pool);
    this.fd = PacketSocket.open(port.name());
    try {
      this.ring = map(port.name(), options.transmitSlots());
      PacketSocket.bind(fd, port.index(), 0, port.name());
    } catch (KernelException e) {
      close();
      throw e;
    }
  }

  /// Frames the driver took. Any thread.
  long sent() {
    return ring.sent() + (bursts == null ? 0 : bursts.taken());
  }

  /// Frames it did not take. Any thread.
  long failed() {
    return ring.failed() + (bursts == null ? 0 : bursts.lost());
  }

  /// What it does beyond the ring, for the operator, or an empty text.
  String method() {
    return bursts == null ? "" : "bursts redirected";
  }

  /// As [FrameDevice#send].
  int send(FrameBatch batch, int from, FramePool pool) {
    if (link.state() != LinkState.UP) {
      return 0;
    }
    ring.settle();
    int at = from;
    if (bursts != null && ring.pending() == 0) {
      at = bursts.send(batch, at, done);
    }
    while (at < batch.count()) {
      MemorySegment frame = pool.frame(batch.chunk(at));
      if (!fit.allows(frame, batch.length(at))) {
        ring.refuse();
      } else if (!ring.put(frame, batch.length(at))) {
        break;
      }
      done.push(batch.chunk(at));
      at++;
    }
    return at - from;
  }

  /// As [FrameDevice#flush].
  void flush() {
    for (int kicks = 0; kicks < MOST_KICKS && ring.pending() > 0; kicks++) {
      long outcome = SocketCalls.kick(fd, state);
      ring.settle();
      if (outcome < 0 && ring.pending() > 0 && !overcome((int) -outcome)) {
        return;
      }
    }
  }

  /// As [FrameDevice#completed]. What the driver refused before is offered again.
  int completed(ChunkStack into) {
    if (ring.pending() > 0) {
      flush();
    }
    int count = done.size();
    for (int i = 0; i < count; i++) {
      into.push(done.pop());
    }
    return count;
  }

  @Override
  public void close() {
    if (bursts != null) {
      bursts.close();
    }
    arena.close();
    FileCalls.close(fd);
  }

  /// What to do about a refused kick.
  ///
  /// @return whether to kick again at once
  private boolean overcome(int errno) {
    if (errno == Errno.EAGAIN || errno == Errno.EINTR) { // the socket's buffer is full for now
      return false;
    }
    if (errno == Errno.ENETDOWN || errno == Errno.ENXIO || errno == Errno.ENODEV) {
      link.refresh();
      ring.discard();
      return false;
    }
    return ring.nextLength() > fit.mtu() + FrameFit.ETHERNET_BYTES + FrameFit.TAG_BYTES
        ? skip()
        : stalled();
  }

  private boolean stalled() {
    long now = System.nanoTime();
    if (ring.position() != stalledAt) {
      stalledAt = ring.position();
      stalledSince = now;
      return true;
    }
    if (now - stalledSince < STALL_NANOS) {
      return false;
    }
    if (link.refresh() != LinkState.UP) {
      ring.discard();
      return false;
    }
    return skip();
  }

  private boolean skip() {
    ring.skip();
    return true;
  }

  private TransmitRing map(String name, int slots) throws KernelException {
    set(IfPacket.PACKET_VERSION, IfPacket.TPACKET_V2, "TPACKET_V2 on " + name);
    set(IfPacket.PACKET_VNET_HDR, 1, "PACKET_VNET_HDR on " + name);
    set(IfPacket.PACKET_LOSS, 1, "PACKET_LOSS on " + name);
    set(IfPacket.PACKET_QDISC_BYPASS, 1, "PACKET_QDISC_BYPASS on " + name);
    long bytes = (long) slots * SLOT_BYTES;
    enlargeSendBuffer((int) Math.min(bytes * 2, 1 << 30), name);
    int blockBytes = (int) Math.min(bytes, 1 << 16);
    MemorySegment request = arena.allocate(IfPacket.STRUCT_TPACKET_REQ);
    int[] fields = {blockBytes, (int) (bytes / blockBytes), SLOT_BYTES, slots};
    MemorySegment.copy(fields, 0, request, JAVA_INT, 0, fields.length);
    Errno.require(
        SocketCalls.setsockopt(fd, Socket.SOL_PACKET, IfPacket.PACKET_TX_RING, request),
        "Making a transmit ring of " + slots + " slots on " + name);
    return new TransmitRing(PacketSocket.map(fd, bytes, name, arena), SLOT_BYTES, slots);
  }

  /// Lets the kernel hold a whole ring of frames under way. Without privileges in the first user
  /// namespace it grants what `net.core.wmem_max` allows, and takes frames in smaller steps.
  private void enlargeSendBuffer(int bytes, String name) throws KernelException {
    if (SocketCalls.setsockopt(fd, Socket.SOL_SOCKET, Socket.SO_SNDBUFFORCE, bytes) < 0) {
      Errno.require(
          SocketCalls.setsockopt(fd, Socket.SOL_SOCKET, Socket.SO_SNDBUF, bytes),
          "Enlarging the send buffer of " + name);
    }
  }

  private void set(int option, int value, String words) throws KernelException {
    Errno.require(SocketCalls.setsockopt(fd, Socket.SOL_PACKET, option, value), "Setting " + words);
  }
}
