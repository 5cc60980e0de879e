package dev.sluice.kernel;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;

/// A name that one process of a network namespace can hold: while it does, an interface is the port
/// of that process alone.
///
/// The kernel lets any number of packet sockets forward one interface's frames: two gateways would
/// send each frame twice, one of them past the other's rules, and the first to stop would put back
/// the settings that the other needs. The name is an abstract one of unix(7): it belongs to the
/// network namespace, as the interface does, is in no folder, and goes with its process however
/// that ends.
final class PortName implements AutoCloseable {
  private static final int FAMILY_BYTES = 2;

  private final int fd;

  private PortName(int fd) {
    this.fd = fd;
  }

  /// Takes the name of an interface.
  ///
  /// @param index the interface's, which stays while its name may change
  /// @throws KernelException if another process has it
  static PortName take(String interfaceName, int index) throws KernelException {
    int type = Socket.SOCK_DGRAM | Socket.SOCK_CLOEXEC;
    int fd = (int) Errno.require(SocketCalls.socket(Socket.AF_UNIX, type, 0), "Opening a socket");
    long outcome = bind(fd, "sluice-port-" + index);
    if (outcome < 0) {
      FileCalls.close(fd);
      if (-outcome == Errno.EADDRINUSE) {
        throw new KernelException(
            interfaceName + " is the port of another gateway: stop that one first.", Errno.EBUSY);
      }
      Errno.require(outcome, "Taking the port " + interfaceName);
    }
    return new PortName(fd);
  }

  /// `struct sockaddr_un` of `include/uapi/linux/un.h`: the family, then the path; an abstract one
  /// begins with a zero and is as long as the address.
  private static long bind(int fd, String name) {
    byte[] text = name.getBytes(StandardCharsets.US_ASCII);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment address = arena.allocate(FAMILY_BYTES + 1 + text.length);
      address.set(JAVA_SHORT, 0, (short) Socket.AF_UNIX);
      MemorySegment.copy(text, 0, address, JAVA_BYTE, FAMILY_BYTES + 1, text.length);
      return SocketCalls.bind(fd, address);
    }
  }

  /// To be called once.
  @Override
  public void close() {
    FileCalls.close(fd);
  }
}
