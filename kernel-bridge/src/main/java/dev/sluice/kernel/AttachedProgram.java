package dev.sluice.kernel;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/// An XDP program that somebody attached to an interface.
///
/// @param program as `ip link` shows it
/// @param name as its maker named it, or an empty text
record AttachedProgram(RouteSocket.Program program, String name) {
  private static final long PATIENCE_NANOS = 500_000_000;
  private static final long PAUSE_MILLIS = 10;

  /// What an interface has, in the network namespace of this thread.
  static Optional<AttachedProgram> of(ControlSocket port) throws KernelException {
    return RouteSocket.program(port.index())
        .map(program -> new AttachedProgram(program, nameOf(program.id())));
  }

  /// Attaches a program where there is none.
  ///
  /// @throws KernelException naming the program that is there, or what the driver lacks
  static XdpLink attach(BpfProgram program, ControlSocket port, XdpLink.Mode mode)
      throws KernelException {
    try {
      return XdpLink.attach(program, port.index(), port.name(), mode);
    } catch (KernelException e) {
      if (e.errno() != Errno.EBUSY && e.errno() != Errno.EEXIST) {
        throw lacking(e, port, mode);
      }
      throw of(port).map(found -> new KernelException(found.inTheWay(port), Errno.EBUSY)).orElse(e);
    }
  }

  /// Attaches a program, in the place of what a killed user of AF_XDP left behind. The caller has
  /// bound a socket to each queue, so none that lives is deprived.
  ///
  /// @throws KernelException as [#attach]
  static XdpLink replace(BpfProgram program, ControlSocket port, XdpLink.Mode mode)
      throws KernelException {
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    while (true) {
      try {
        return attach(program, port, mode);
      } catch (KernelException e) {
        if (e.errno() != Errno.EBUSY && e.errno() != Errno.EEXIST) {
          throw e;
        }
        Optional<AttachedProgram> there = of(port);
        boolean foreign = there.isPresent() && !there.get().isLeftover();
        if (foreign || System.nanoTime() > deadline) {
          throw e;
        }
        if (there.isPresent()) {
          RouteSocket.detach(port.index(), there.get().program());
        }
        pause();
      }
    }
  }

  /// Whether it is of a kind that is of no use without the process that attached it.
  boolean isLeftover() {
    return name.startsWith("sluice_")
        || name.equals("xsk_def_prog")
        || name.equals("xdp_dispatcher");
  }

  /// Why the interface cannot be a port as long as this program, somebody else's, is there.
  String inTheWay(ControlSocket port) {
    return port.name()
        + " has the XDP program "
        + (name.isEmpty() ? "" : name + " ")
        + "(id "
        + program.id()
        + ") of somebody else: stop what uses it, or remove it with `ip link set "
        + port.name()
        + (program.generic() ? " xdpgeneric off`." : " xdp off`.");
  }

  private static KernelException lacking(KernelException e, ControlSocket port, XdpLink.Mode mode)
      throws KernelException {
    String name = port.name();
    String remedy =
        switch (e.errno()) {
          case Errno.EOPNOTSUPP ->
              mode == XdpLink.Mode.NATIVE ? ": choose the generic mode, or packet:" + name : "";
          case Errno.ERANGE, Errno.EINVAL ->
              ": its MTU of "
                  + port.mtu()
                  + ", or that of its far end, may be more than XDP takes: lower it with `ip link"
                  + " set "
                  + name
                  + " mtu 1500`, at both ends";
          case Errno.ENOSPC ->
              ": its far end has more transmit queues than it has receive queues: make them equal"
                  + " with `ethtool -L`";
          default -> "";
        };
    return new KernelException(e.getMessage() + remedy + ".", e.errno());
  }

  private static String nameOf(int id) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment ask = arena.allocate(UapiBpf.ATTR_GET_ID);
      ask.set(JAVA_INT, 0, id);
      long fd = BpfCalls.bpf(UapiBpf.BPF_PROG_GET_FD_BY_ID, ask);
      if (fd < 0) {
        return ""; // it went away meanwhile
      }
      MemorySegment info = arena.allocate(UapiBpf.STRUCT_BPF_PROG_INFO);
      MemorySegment tell = arena.allocate(UapiBpf.ATTR_OBJ_GET_INFO);
      tell.set(JAVA_INT, 0, (int) fd);
      tell.set(JAVA_INT, 4, (int) info.byteSize());
      tell.set(JAVA_LONG, 8, info.address());
      BpfCalls.bpf(UapiBpf.BPF_OBJ_GET_INFO_BY_FD, tell); // else the name stays empty
      FileCalls.close((int) fd);
      return info.getString(IfPacket.offset(UapiBpf.STRUCT_BPF_PROG_INFO, "name"));
    }
  }

  private static void pause() throws KernelException {
    try {
      Thread.sleep(PAUSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new KernelException("Attaching an XDP program was interrupted.");
    }
  }
}
