package dev.sluice.kernel;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;

/// A socket to ask the kernel about one interface with. It stays in the network namespace of the
/// thread that opened it, whoever uses it, and follows the interface by its index, whatever its
/// name becomes.
///
/// Not for concurrent use.
final class ControlSocket implements AutoCloseable {
  private static final long UNION = If.IFNAMSIZ;

  private final Arena arena = Arena.ofShared();
  private final MemorySegment state = arena.allocate(Libc.STATE);
  private final MemorySegment request = arena.allocate(If.STRUCT_IFREQ);
  private final String name;
  private final int fd;
  private final int index;

  /// What the interface was called when the kernel was last asked, which any thread may read.
  private volatile String presentName;

  /// Opens a socket in the namespace of this thread.
  ///
  /// @throws KernelException if there is no such interface
  ControlSocket(String name) throws KernelException {
    this.name = name;
    this.presentName = name;
    int type = Socket.SOCK_DGRAM | Socket.SOCK_CLOEXEC;
    this.fd = (int) Errno.require(SocketCalls.socket(Socket.AF_INET, type, 0), "Opening a socket");
    try {
      this.index = readIndex();
    } catch (KernelException e) {
      close();
      throw e;
    }
  }

  /// As it was opened.
  String name() {
    return name;
  }

  /// What the interface was called at the last [#flags]. Any thread.
  String presentName() {
    return presentName;
  }

  int index() {
    return index;
  }

  int mtu() throws KernelException {
    ask(If.SIOCGIFMTU, "the MTU");
    return request.get(JAVA_INT, UNION);
  }

  /// `ARPHRD_*`, the kind of link.
  int linkType() throws KernelException {
    ask(If.SIOCGIFHWADDR, "the hardware address");
    return Short.toUnsignedInt(request.get(JAVA_SHORT, UNION));
  }

  /// The six bytes of an Ethernet address in the low 48 bits.
  long hardwareAddress() throws KernelException {
    ask(If.SIOCGIFHWADDR, "the hardware address");
    long address = 0;
    for (int i = 0; i < 6; i++) {
      address = address << 8 | Byte.toUnsignedLong(request.get(JAVA_BYTE, UNION + 2 + i));
    }
    return address;
  }

  /// `IFF_*`, or -1 once the interface is gone. Allocates nothing, unless it was renamed.
  int flags() {
    request.set(JAVA_INT, UNION, index);
    long at = request.address();
    if (!IoctlCalls.succeeds(fd, If.SIOCGIFNAME, at)) {
      return -1;
    }
    noteName();
    boolean there = IoctlCalls.succeeds(fd, If.SIOCGIFFLAGS, at);
    return there ? Short.toUnsignedInt(request.get(JAVA_SHORT, UNION)) : -1;
  }

  private void noteName() {
    String known = presentName;
    int length = known.length();
    boolean same = request.get(JAVA_BYTE, length) == 0;
    for (int i = 0; same && i < length; i++) {
      same = request.get(JAVA_BYTE, i) == known.charAt(i);
    }
    if (!same) { // a name of other letters than ASCII is read again each time, and is no other one
      String present = request.getString(0);
      presentName = present.equals(known) ? known : present;
    }
  }

  /// One request of `SIOCETHTOOL`; the command's structure is changed in place.
  ///
  /// @return as [Libc#outcome] says
  long ethtool(MemorySegment command) {
    writeName();
    request.set(ADDRESS, UNION, command);
    return IoctlCalls.ioctl(fd, If.SIOCETHTOOL, request, state);
  }

  /// Not while another call is running. To be called once.
  @Override
  public void close() {
    FileCalls.close(fd);
    arena.close();
  }

  private int readIndex() throws KernelException {
    if (name.isEmpty() || If.IFNAMSIZ <= name.getBytes(StandardCharsets.UTF_8).length) {
      throw new KernelException(
          "\"" + name + "\" is no name of an interface: it has 1..15 bytes.", Errno.ENODEV);
    }
    ask(If.SIOCGIFINDEX, "the index");
    return request.get(JAVA_INT, UNION);
  }

  private void ask(int what, String words) throws KernelException {
    writeName();
    Errno.require(
        IoctlCalls.ioctl(fd, what, request, state), "Asking for " + words + " of " + name);
  }

  private void writeName() {
    request.fill((byte) 0);
    request.setString(0, presentName);
  }
}
