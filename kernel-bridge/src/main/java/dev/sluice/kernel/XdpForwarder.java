package dev.sluice.kernel;

/// Forwards between interfaces inside the driver, or only keeps XDP switched on: what measurements
/// compare with, and what a veth(4) needs before it takes redirected frames. Frames of the far end
/// pass no rule.
@SuppressWarnings("DoNotCallSuggester")
public final class XdpForwarder implements AutoCloseable {
  private XdpForwarder() {}

  /// Sends whatever one interface receives out by the other, one way.
  ///
  /// @throws KernelException if there is no such interface, or the kernel refuses
  public static XdpForwarder redirect(String from, String to) throws KernelException {
    throw new UnsupportedOperationException();
  }

  /// Lets the host have whatever an interface receives, through an XDP program.
  ///
  /// @throws KernelException if there is no such interface, or the kernel refuses
  public static XdpForwarder pass(String interfaceName) throws KernelException {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() {
    throw new UnsupportedOperationException();
  }
}
