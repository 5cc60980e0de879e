package dev.sluice.kernel;

import dev.sluice.kernel.BpfAssembler.Register;
import dev.sluice.kernel.BpfAssembler.Width;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// The XDP program of one interface, which gives each frame to the socket of the queue it arrived
/// by, and drops the frames of a queue that has none: nothing gets past a port that does not
/// receive.
final class XdpSteering implements AutoCloseable {
  private static final String NAME = "sluice_steer";

  private final BpfMap sockets;
  private final BpfProgram program;
  private final XdpLink link;
  private final XdpLink.Mode mode;

  private XdpSteering(BpfMap sockets, BpfProgram program, XdpLink link, XdpLink.Mode mode) {
    this.sockets = sockets;
    this.program = program;
    this.link = link;
    this.mode = mode;
  }

  /// Attaches the program; every frame is dropped from now on until [#start].
  ///
  /// @param queues one more than the highest queue
  /// @param burst begins the program and is made ready, or closed if the kernel does not do what it
  ///   needs; null for none
  /// @throws KernelException if the driver cannot, or another program is there
  static XdpSteering attach(
      ControlSocket port, int queues, XdpOptions.Mode mode, @Nullable XdpBurst burst)
      throws KernelException {
    BpfMap sockets = BpfMap.sockets(queues);
    try {
      BpfProgram program = load(sockets, burst);
      try {
        return attach(sockets, program, port, mode);
      } catch (KernelException e) {
        program.close();
        throw e;
      }
    } catch (KernelException e) {
      sockets.close();
      throw e;
    }
  }

  private static BpfProgram load(BpfMap sockets, @Nullable XdpBurst burst) throws KernelException {
    if (burst != null) {
      try {
        return begun(burst, BpfProgram.load(NAME, code(sockets, burst)));
      } catch (KernelException _) {
        burst.close(); // an old kernel, or no CAP_PERFMON: the ring does as well, if more slowly
      }
    }
    return BpfProgram.load(NAME, code(sockets, null));
  }

  private static BpfProgram begun(XdpBurst burst, BpfProgram program) throws KernelException {
    try {
      burst.begin(program);
      return program;
    } catch (KernelException e) {
      program.close();
      throw e;
    }
  }

  private static XdpSteering attach(
      BpfMap sockets, BpfProgram program, ControlSocket port, XdpOptions.Mode mode)
      throws KernelException {
    XdpLink.Mode first =
        mode == XdpOptions.Mode.GENERIC ? XdpLink.Mode.GENERIC : XdpLink.Mode.NATIVE;
    try {
      XdpLink link = AttachedProgram.replace(program, port, first);
      return new XdpSteering(sockets, program, link, first);
    } catch (KernelException e) {
      if (mode != XdpOptions.Mode.BEST || e.errno() == Errno.EBUSY) {
        throw e;
      }
      XdpLink.Mode second = XdpLink.Mode.GENERIC;
      XdpLink link = AttachedProgram.replace(program, port, second);
      return new XdpSteering(sockets, program, link, second);
    }
  }

  /// `native` or `generic`.
  String mode() {
    return mode.name().toLowerCase(Locale.ROOT);
  }

  boolean isNative() {
    return mode == XdpLink.Mode.NATIVE;
  }

  /// Lets frames through to the sockets.
  ///
  /// @throws KernelException if the kernel refuses; every frame is dropped then, as before
  void start(List<XdpSocket> to) throws KernelException {
    try {
      for (XdpSocket socket : to) {
        sockets.put(socket.queue(), socket.fd());
      }
    } catch (KernelException e) {
      stop(to);
      throw e;
    }
  }

  /// Drops every frame from now on.
  void stop(List<XdpSocket> to) {
    for (XdpSocket socket : to) {
      sockets.remove(socket.queue());
    }
  }

  @Override
  public void close() {
    link.close();
    program.close();
    sockets.close();
  }

  /// `return bpf_redirect_map(&sockets, ctx->rx_queue_index, XDP_DROP);`
  private static BpfAssembler code(BpfMap sockets, @Nullable XdpBurst burst) {
    int queue = (int) IfPacket.offset(UapiBpf.STRUCT_XDP_MD, "rx_queue_index");
    BpfAssembler code = new BpfAssembler();
    if (burst != null) {
      burst.code(code);
    }
    return code.load(Width.WORD, Register.R2, Register.R1, queue)
        .map(Register.R1, sockets)
        .move(Register.R3, UapiBpf.XDP_DROP)
        .call(UapiBpf.BPF_FUNC_redirect_map)
        .exit();
  }
}
