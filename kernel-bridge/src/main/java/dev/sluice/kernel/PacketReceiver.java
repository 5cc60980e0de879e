package dev.sluice.kernel;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// The receiving half of a [PacketDevice]: a packet socket with a TPACKET_V3 ring, which sees
/// nothing until it is started.
final class PacketReceiver implements AutoCloseable {
  private final Arena arena = Arena.ofShared();
  private final MemorySegment statistics = arena.allocate(IfPacket.STRUCT_TPACKET_STATS_V3);
  private final String name;
  private final int index;
  private final int fd;
  private final ReceiveRing ring;
  private long dropped;
  private boolean bound;

  /// Opens the socket, in the network namespace of this thread, and maps its ring.
  PacketReceiver(ControlSocket port, PacketOptions options, FramePool pool) throws KernelException {
    this.name = port.name();
    this.index = port.index();
    this.fd = PacketSocket.open(name);
    try {
      set(IfPacket.PACKET_VERSION, IfPacket.TPACKET_V3, "TPACKET_V3");
      set(IfPacket.PACKET_IGNORE_OUTGOING, 1, "PACKET_IGNORE_OUTGOING");
      this.ring = map(options, pool);
    } catch (KernelException e) {
      close();
      throw e;
    }
  }

  int fd() {
    return fd;
  }

  ReceiveRing ring() {
    return ring;
  }

  /// Begins to see every frame that arrives, whoever it is for. The interface is promiscuous from
  /// the first time until the socket is closed.
  void start() throws KernelException {
    if (bound) {
      SocketCalls.setsockopt(fd, Socket.SOL_SOCKET, Socket.SO_DETACH_FILTER, 0);
      return;
    }
    PacketSocket.makePromiscuous(fd, index, name);
    PacketSocket.bind(fd, index, IfPacket.ETH_P_ALL, name);
    bound = true;
  }

  /// Ceases to see frames. What the ring holds stays; the kernel's timer hands over the open block.
  ///
  /// A bound socket cannot be bound to protocol 0 again: the kernel takes that for "as it is". So a
  /// filter refuses all.
  void stop() {
    try (Arena temporary = Arena.ofConfined()) {
      MemorySegment refuse = temporary.allocate(UapiFilter.STRUCT_SOCK_FILTER);
      refuse.set(JAVA_SHORT, 0, (short) UapiFilter.BPF_RET); // return k, which is 0: no byte
      MemorySegment program = temporary.allocate(UapiFilter.STRUCT_SOCK_FPROG);
      program.set(JAVA_SHORT, 0, (short) 1);
      program.set(ADDRESS, IfPacket.offset(UapiFilter.STRUCT_SOCK_FPROG, "filter"), refuse);
      long outcome =
          SocketCalls.setsockopt(fd, Socket.SOL_SOCKET, Socket.SO_ATTACH_FILTER, program);
      if (outcome < 0) {
        throw new IllegalStateException("SO_ATTACH_FILTER: " + Errno.name((int) -outcome));
      }
    }
  }

  /// Frames the kernel had no room for. Any thread.
  synchronized long dropped() {
    long outcome =
        SocketCalls.getsockopt(fd, Socket.SOL_PACKET, IfPacket.PACKET_STATISTICS, statistics);
    if (outcome == 0) { // reading sets the kernel's counts to zero
      dropped +=
          Integer.toUnsignedLong(
              statistics.get(
                  JAVA_INT, IfPacket.offset(IfPacket.STRUCT_TPACKET_STATS_V3, "tp_drops")));
    }
    return dropped;
  }

  @Override
  public void close() {
    arena.close();
    FileCalls.close(fd);
  }

  private ReceiveRing map(PacketOptions options, FramePool pool) throws KernelException {
    int blocks = options.blocks();
    int blockBytes = options.blockBytes();
    int frames = blockBytes / FramePool.CHUNK_BYTES * blocks; // asked for, unused by version 3
    MemorySegment request = arena.allocate(IfPacket.STRUCT_TPACKET_REQ3);
    int[] fields = {
      blockBytes, blocks, FramePool.CHUNK_BYTES, frames, options.retireMillis(), 0, 0
    };
    MemorySegment.copy(fields, 0, request, JAVA_INT, 0, fields.length);
    Errno.require(
        SocketCalls.setsockopt(fd, Socket.SOL_PACKET, IfPacket.PACKET_RX_RING, request),
        "Making a receive ring of " + blocks + " x " + blockBytes + " bytes on " + name);
    long bytes = (long) blockBytes * blocks;
    return new ReceiveRing(PacketSocket.map(fd, bytes, name, arena), blockBytes, blocks, pool);
  }

  private void set(int option, int value, String words) throws KernelException {
    Errno.require(
        SocketCalls.setsockopt(fd, Socket.SOL_PACKET, option, value),
        "Setting " + words + " on " + name);
  }
}
