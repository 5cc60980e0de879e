package dev.sluice.kernel;

import dev.sluice.kernel.BpfAssembler.Register;
import dev.sluice.kernel.BpfAssembler.Width;
import java.util.List;
import java.util.Locale;

/// The XDP program of one interface, which gives each frame to the socket of the queue it arrived
/// by, and drops the frames of a queue that has none: nothing gets past a port that does not
/// receive.
final class XdpSteering implements AutoCloseable {
  private static final String NAME = "sluice_steer";

  private final BpfMap sockets;
  private final XdpLink link;
  private final XdpLink.Mode mode;

  private XdpSteering(BpfMap sockets, XdpLink link, XdpLink.Mode mode) {
    this.sockets = sockets;
    this.link = link;
    this.mode = mode;
  }

  /// Attaches the program; every frame is dropped from now on until [#start].
  ///
  /// @param queues one more than the highest queue
  /// @throws KernelException if the driver cannot, or another program is there
  static XdpSteering attach(ControlSocket port, int queues, XdpOptions.Mode mode)
      throws KernelException {
    BpfMap sockets = BpfMap.sockets(queues);
    try (BpfProgram program = BpfProgram.load(NAME, code(sockets))) {
      XdpLink.Mode first =
          mode == XdpOptions.Mode.GENERIC ? XdpLink.Mode.GENERIC : XdpLink.Mode.NATIVE;
      try {
        return new XdpSteering(sockets, AttachedProgram.replace(program, port, first), first);
      } catch (KernelException e) {
        if (mode != XdpOptions.Mode.BEST || e.errno() == Errno.EBUSY) {
          throw e;
        }
        XdpLink.Mode second = XdpLink.Mode.GENERIC;
        return new XdpSteering(sockets, AttachedProgram.replace(program, port, second), second);
      }
    } catch (KernelException e) {
      sockets.close();
      throw e;
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
    sockets.close();
  }

  /// `return bpf_redirect_map(&sockets, ctx->rx_queue_index, XDP_DROP);`
  private static BpfAssembler code(BpfMap sockets) {
    int queue = (int) IfPacket.offset(UapiBpf.STRUCT_XDP_MD, "rx_queue_index");
    return new BpfAssembler()
        .load(Width.WORD, Register.R2, Register.R1, queue)
        .map(Register.R1, sockets)
        .move(Register.R3, UapiBpf.XDP_DROP)
        .call(UapiBpf.BPF_FUNC_redirect_map)
        .exit();
  }
}
