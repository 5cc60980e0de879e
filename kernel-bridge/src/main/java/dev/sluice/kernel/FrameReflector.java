package dev.sluice.kernel;

import dev.sluice.kernel.BpfAssembler.Label;

/// Sends the frames of a [FramePattern] that an interface receives back by it, with the hardware
/// addresses exchanged; all other frames reach the host. For measurements.
///
/// A veth(4) sends back only if its peer has an XDP program in its driver, or GRO.
public final class FrameReflector implements AutoCloseable {
  private final XdpParts parts;

  private FrameReflector(XdpParts parts) {
    this.parts = parts;
  }

  /// A reflector in the network namespace of this thread.
  ///
  /// @throws KernelException if there is no such interface, it has an XDP program, or the kernel
  ///   refuses
  public static FrameReflector open(String interfaceName, FramePattern pattern)
      throws KernelException {
    XdpParts parts = new XdpParts();
    try {
      parts.attach(parts.program("sluice_reflect", program(pattern)), interfaceName);
      return new FrameReflector(parts);
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

  private static BpfAssembler program(FramePattern pattern) {
    BpfAssembler code = new BpfAssembler();
    PatternCode frame = new PatternCode(code, pattern);
    Label other = new Label();
    frame.recognise(other);
    frame.exchangeAddresses();
    return code.exit(UapiBpf.XDP_TX).mark(other).exit(UapiBpf.XDP_PASS);
  }
}
