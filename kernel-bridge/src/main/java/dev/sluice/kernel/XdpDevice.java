package dev.sluice.kernel;

/// `xdp:IF`: an Ethernet interface through AF_XDP, `Documentation/networking/af_xdp.rst`.
@SuppressWarnings("DoNotCallSuggester")
public final class XdpDevice {
  private XdpDevice() {}

  /// Opens an interface of the network namespace that the calling thread is in, after it has passed
  /// [PortChecks], and silences the host on it until it is closed.
  ///
  /// @throws KernelException if there is no such interface, it is open already or unsafe, or the
  ///   kernel refuses
  public static FrameDevice open(String interfaceName, XdpOptions options, FramePool pool)
      throws KernelException {
    throw new UnsupportedOperationException();
  }
}
