package dev.sluice.kernel;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicBoolean;

/// A program attached to an interface for as long as this process keeps the link: it is detached
/// when the link is closed, and by the kernel when the process ends, however it does.
final class XdpLink implements AutoCloseable {
  /// Where in the kernel the program runs.
  enum Mode {
    /// In the driver: `XDP_FLAGS_DRV_MODE`.
    NATIVE(Rtnetlink.XDP_FLAGS_DRV_MODE),
    /// Behind the driver, after the kernel made a buffer: `XDP_FLAGS_SKB_MODE`.
    GENERIC(Rtnetlink.XDP_FLAGS_SKB_MODE);

    private final int flag;

    Mode(int flag) {
      this.flag = flag;
    }

    int flag() {
      return flag;
    }
  }

  private final int fd;
  private final AtomicBoolean closed = new AtomicBoolean();

  private XdpLink(int fd) {
    this.fd = fd;
  }

  /// Attaches a program.
  ///
  /// @throws KernelException if the driver cannot (`EOPNOTSUPP`), there is one already (`EBUSY`),
  ///   or the kernel refuses
  static XdpLink attach(BpfProgram program, int interfaceIndex, String interfaceName, Mode mode)
      throws KernelException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment attributes = arena.allocate(UapiBpf.ATTR_LINK_CREATE);
      int[] fields = {program.fd(), interfaceIndex, UapiBpf.BPF_XDP, mode.flag};
      MemorySegment.copy(fields, 0, attributes, JAVA_INT, 0, fields.length);
      String what = "Attaching an XDP program to " + interfaceName;
      return new XdpLink(
          (int) Errno.require(BpfCalls.bpf(UapiBpf.BPF_LINK_CREATE, attributes), what));
    }
  }

  /// Detaches it. Idempotent.
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      FileCalls.close(fd);
    }
  }
}
