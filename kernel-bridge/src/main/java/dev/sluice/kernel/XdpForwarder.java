package dev.sluice.kernel;

import dev.sluice.kernel.BpfAssembler.Register;
import dev.sluice.kernel.XdpLink.Mode;

/// Forwards between interfaces inside the driver, or only keeps XDP switched on: what measurements
/// compare with, and what a veth(4) needs before it takes redirected frames. Frames of the far end
/// pass no rule.
public final class XdpForwarder implements AutoCloseable {
  private final XdpParts parts;

  private XdpForwarder(XdpParts parts) {
    this.parts = parts;
  }

  /// Sends whatever one interface receives out by the other, one way.
  ///
  /// @throws KernelException if there is no such interface, the driver of `from` cannot, it has an
  ///   XDP program, or the kernel refuses
  public static XdpForwarder redirect(String from, String to) throws KernelException {
    int target = XdpParts.index(to);
    BpfAssembler code =
        new BpfAssembler()
            .move(Register.R1, target)
            .move(Register.R2, 0)
            .call(UapiBpf.BPF_FUNC_redirect)
            .exit();
    return open("sluice_redirect", code, from);
  }

  /// Lets the host have whatever an interface receives, through an XDP program.
  ///
  /// @throws KernelException if there is no such interface, its driver cannot, it has an XDP
  ///   program, or the kernel refuses
  public static XdpForwarder pass(String interfaceName) throws KernelException {
    return open("sluice_pass", new BpfAssembler().exit(UapiBpf.XDP_PASS), interfaceName);
  }

  private static XdpForwarder open(String name, BpfAssembler code, String interfaceName)
      throws KernelException {
    XdpParts parts = new XdpParts();
    try {
      parts.attach(parts.program(name, code), interfaceName, Mode.NATIVE);
      return new XdpForwarder(parts);
    } catch (KernelException e) {
      parts.close();
      throw e;
    }
  }

  /// Idempotent.
  @Override
  public void close() {
    parts.close();
  }
}
