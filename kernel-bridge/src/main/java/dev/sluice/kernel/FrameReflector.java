package dev.sluice.kernel;

/// Sends the frames of a [FramePattern] that an interface receives back by it, with the hardware
/// addresses exchanged; all other frames reach the host. For measurements.
@SuppressWarnings("DoNotCallSuggester")
public final class FrameReflector implements AutoCloseable {
  private FrameReflector() {}

  /// A reflector in the network namespace of this thread.
  ///
  /// @throws KernelException if there is no such interface, or the kernel refuses
  public static FrameReflector open(String interfaceName, FramePattern pattern)
      throws KernelException {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() {
    throw new UnsupportedOperationException();
  }
}
