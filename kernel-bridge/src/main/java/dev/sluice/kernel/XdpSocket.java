package dev.sluice.kernel;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// One AF_XDP socket: one queue of one interface, with four rings of its own,
/// `Documentation/networking/af_xdp.rst`. Only [Umem] opens and closes it.
final class XdpSocket {
  private static final int ADDRESS_BYTES = Long.BYTES;
  private static final int MOST_BUSY_POLL_BUDGET = 0xffff; // net/core/sock.c keeps 16 bits of it
  private static final int DESCRIPTOR_BYTES = (int) IfXdp.STRUCT_XDP_DESC.byteSize();

  private final Arena arena = Arena.ofShared();
  private final AtomicBoolean closed = new AtomicBoolean();
  private final String interfaceName;
  private final int interfaceIndex;
  private final int queue;
  private final XdpOptions options;
  private final int fd;
  private @Nullable XdpRings rings;
  private boolean registered;

  /// A socket that is not bound yet, in the network namespace of this thread.
  XdpSocket(String interfaceName, int interfaceIndex, int queue, XdpOptions options)
      throws KernelException {
    this.interfaceName = interfaceName;
    this.interfaceIndex = interfaceIndex;
    this.queue = queue;
    this.options = options;
    int type = Socket.SOCK_RAW | Socket.SOCK_CLOEXEC;
    this.fd =
        (int)
            Errno.require(
                SocketCalls.socket(Socket.AF_XDP, type, 0),
                "Opening an AF_XDP socket (the kernel needs CONFIG_XDP_SOCKETS)");
  }

  int fd() {
    return fd;
  }

  int queue() {
    return queue;
  }

  String interfaceName() {
    return interfaceName;
  }

  /// The rings, once they are made.
  XdpRings rings() {
    return Objects.requireNonNull(rings);
  }

  /// Registers the area of a pool, unless it has: for a socket that has none to join.
  void register(FramePool pool) throws KernelException {
    if (registered) {
      return;
    }
    registered = true;
    try (Arena temporary = Arena.ofConfined()) {
      MemorySegment request = temporary.allocate(IfXdp.STRUCT_XDP_UMEM_REG);
      long bytes = (long) pool.chunks() * FramePool.CHUNK_BYTES;
      request.set(JAVA_LONG, IfPacket.offset(IfXdp.STRUCT_XDP_UMEM_REG, "addr"), pool.address());
      request.set(JAVA_LONG, IfPacket.offset(IfXdp.STRUCT_XDP_UMEM_REG, "len"), bytes);
      request.set(
          JAVA_INT,
          IfPacket.offset(IfXdp.STRUCT_XDP_UMEM_REG, "chunk_size"),
          FramePool.CHUNK_BYTES);
      String what =
          "Registering "
              + (bytes >> 20)
              + " MiB for AF_XDP (it needs CAP_IPC_LOCK, or a `ulimit -l` as large)";
      Errno.require(SocketCalls.setsockopt(fd, Socket.SOL_XDP, IfXdp.XDP_UMEM_REG, request), what);
    }
  }

  /// Makes and maps the four rings, and sets what is to hold for them.
  void makeRings() throws KernelException {
    int size = options.ringFrames();
    require(IfXdp.XDP_UMEM_FILL_RING, size, "a fill ring");
    require(IfXdp.XDP_UMEM_COMPLETION_RING, size, "a completion ring");
    require(IfXdp.XDP_RX_RING, size, "a receive ring");
    require(IfXdp.XDP_TX_RING, size, "a transmit ring");
    try (Arena temporary = Arena.ofConfined()) {
      MemorySegment offsets = temporary.allocate(IfXdp.STRUCT_XDP_MMAP_OFFSETS);
      Errno.require(
          SocketCalls.getsockopt(fd, Socket.SOL_XDP, IfXdp.XDP_MMAP_OFFSETS, offsets),
          "Asking where the rings of " + interfaceName + " lie");
      rings =
          new XdpRings(
              new XdpProducerRing(
                  map(offsets, "fr", ADDRESS_BYTES, IfXdp.XDP_UMEM_PGOFF_FILL_RING)),
              new XdpConsumerRing(map(offsets, "rx", DESCRIPTOR_BYTES, IfXdp.XDP_PGOFF_RX_RING)),
              new XdpProducerRing(map(offsets, "tx", DESCRIPTOR_BYTES, IfXdp.XDP_PGOFF_TX_RING)),
              new XdpConsumerRing(
                  map(offsets, "cr", ADDRESS_BYTES, IfXdp.XDP_UMEM_PGOFF_COMPLETION_RING)));
    }
    tune();
  }

  /// Binds to the queue.
  ///
  /// @param flags `XDP_SHARED_UMEM` alone to join the socket `joined`, else how to copy
  /// @return as [Libc#outcome] says
  long bind(int flags, int joined) {
    try (Arena temporary = Arena.ofConfined()) {
      MemorySegment address = temporary.allocate(IfXdp.STRUCT_SOCKADDR_XDP);
      address.set(JAVA_SHORT, 0, (short) Socket.AF_XDP);
      address.set(JAVA_SHORT, 2, (short) flags);
      int[] rest = {interfaceIndex, queue, joined};
      MemorySegment.copy(rest, 0, address, JAVA_INT, 4, rest.length);
      return SocketCalls.bind(fd, address);
    }
  }

  /// Whether the driver's rings share the pool, so that no frame is copied; once bound.
  boolean zeroCopy() {
    try (Arena temporary = Arena.ofConfined()) {
      MemorySegment flags = temporary.allocate(JAVA_INT);
      return SocketCalls.getsockopt(fd, Socket.SOL_XDP, IfXdp.XDP_OPTIONS, flags) >= 0
          && (flags.get(JAVA_INT, 0) & IfXdp.XDP_OPTIONS_ZEROCOPY) != 0;
    }
  }

  /// What the kernel counted.
  ///
  /// @param into of layout [IfXdp#STRUCT_XDP_STATISTICS]
  void statistics(MemorySegment into) {
    SocketCalls.getsockopt(fd, Socket.SOL_XDP, IfXdp.XDP_STATISTICS, into); // else it stays zero
  }

  /// Unmaps the rings and closes the socket. Idempotent.
  void close() {
    if (closed.compareAndSet(false, true)) {
      arena.close();
      FileCalls.close(fd);
    }
  }

  /// Settings that only make it faster: a kernel that does not know one goes on without.
  private void tune() {
    SocketCalls.setsockopt(
        fd, Socket.SOL_XDP, IfXdp.XDP_MAX_TX_SKB_BUDGET, options.transmitBudget());
    // Copied frames count against the send buffer: 4 KiB is more than any takes.
    SocketCalls.setsockopt(
        fd, Socket.SOL_SOCKET, Socket.SO_SNDBUFFORCE, options.ringFrames() * 4096);
    if (options.busyPollMicros() > 0) {
      SocketCalls.setsockopt(fd, Socket.SOL_SOCKET, Socket.SO_PREFER_BUSY_POLL, 1);
      SocketCalls.setsockopt(fd, Socket.SOL_SOCKET, Socket.SO_BUSY_POLL, options.busyPollMicros());
      int budget = Math.min(options.transmitBudget(), MOST_BUSY_POLL_BUDGET);
      SocketCalls.setsockopt(fd, Socket.SOL_SOCKET, Socket.SO_BUSY_POLL_BUDGET, budget);
    }
  }

  private void require(int option, int size, String words) throws KernelException {
    Errno.require(
        SocketCalls.setsockopt(fd, Socket.SOL_XDP, option, size),
        "Making " + words + " of " + size + " frames on " + interfaceName);
  }

  private XdpRing map(MemorySegment offsets, String name, int entryBytes, long pageOffset)
      throws KernelException {
    long at = IfPacket.offset(IfXdp.STRUCT_XDP_MMAP_OFFSETS, name);
    MemorySegment own = offsets.asSlice(at, IfXdp.STRUCT_XDP_RING_OFFSET.byteSize());
    int size = options.ringFrames();
    long bytes = XdpRing.bytes(own, entryBytes, size);
    int flags = MmapCalls.MAP_SHARED | MmapCalls.MAP_POPULATE;
    long mapped =
        Errno.require(
            MmapCalls.mmap(bytes, flags, fd, pageOffset), "Mapping a ring of " + interfaceName);
    return new XdpRing(MmapCalls.segment(mapped, bytes, arena), own, entryBytes, size);
  }
}
