package dev.sluice.kernel;

import static dev.sluice.kernel.IfPacket.STRUCT_PACKET_MREQ;
import static dev.sluice.kernel.IfPacket.STRUCT_SOCKADDR_LL;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// What the two halves of a [PacketDevice] have in common: packet(7) sockets that see nothing.
final class PacketSocket {
  private static final ValueLayout.OfShort NETWORK_U16 = JAVA_SHORT.withOrder(ByteOrder.BIG_ENDIAN);

  private PacketSocket() {}

  /// A raw socket of protocol 0, which the kernel gives no frame to.
  static int open(String name) throws KernelException {
    int type = Socket.SOCK_RAW | Socket.SOCK_CLOEXEC;
    return (int)
        Errno.require(
            SocketCalls.socket(Socket.AF_PACKET, type, 0), "Opening a packet socket on " + name);
  }

  /// Binds to an interface.
  ///
  /// @param protocol `ETH_P_*`; 0 to see nothing
  static void bind(int fd, int index, int protocol, String name) throws KernelException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment address = arena.allocate(STRUCT_SOCKADDR_LL);
      address.set(
          JAVA_SHORT, IfPacket.offset(STRUCT_SOCKADDR_LL, "sll_family"), (short) Socket.AF_PACKET);
      address.set(
          NETWORK_U16, IfPacket.offset(STRUCT_SOCKADDR_LL, "sll_protocol"), (short) protocol);
      address.set(JAVA_INT, IfPacket.offset(STRUCT_SOCKADDR_LL, "sll_ifindex"), index);
      Errno.require(SocketCalls.bind(fd, address), "Binding to " + name);
    }
  }

  /// Makes the interface take frames for any address until the socket is closed.
  static void makePromiscuous(int fd, int index, String name) throws KernelException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment request = arena.allocate(STRUCT_PACKET_MREQ);
      request.set(JAVA_INT, IfPacket.offset(STRUCT_PACKET_MREQ, "mr_ifindex"), index);
      request.set(
          JAVA_SHORT,
          IfPacket.offset(STRUCT_PACKET_MREQ, "mr_type"),
          (short) IfPacket.PACKET_MR_PROMISC);
      Errno.require(
          SocketCalls.setsockopt(fd, Socket.SOL_PACKET, IfPacket.PACKET_ADD_MEMBERSHIP, request),
          "Making " + name + " promiscuous");
    }
  }

  /// Maps a ring, which `arena` unmaps when it closes.
  static MemorySegment map(int fd, long bytes, String name, Arena arena) throws KernelException {
    int flags = MmapCalls.MAP_SHARED | MmapCalls.MAP_POPULATE;
    long at = Errno.require(MmapCalls.mmap(bytes, flags, fd), "Mapping a ring of " + name);
    return MmapCalls.segment(at, bytes, arena);
  }
}
