package dev.sluice.kernel;

/// Makes frames inside the kernel and transmits them by an interface, as a neighbour on the wire
/// would: `BPF_PROG_TEST_RUN` with `BPF_F_TEST_XDP_LIVE_FRAMES`. For measurements. One thread.
@SuppressWarnings("DoNotCallSuggester")
public final class FrameGenerator implements AutoCloseable {
  private FrameGenerator() {}

  /// A generator that has sent nothing yet, in the network namespace of this thread.
  ///
  /// @param interfaceName where frames leave
  /// @throws KernelException if there is no such interface, or the kernel refuses
  public static FrameGenerator open(String interfaceName, FramePattern pattern)
      throws KernelException {
    throw new UnsupportedOperationException();
  }

  /// Makes the next frames and transmits them at once; those that the interface refuses are lost,
  /// as on a wire.
  ///
  /// @param frames 1..1000000
  /// @throws KernelException if the kernel refuses
  public void send(int frames) throws KernelException {
    throw new UnsupportedOperationException();
  }

  /// Frames made since it was opened.
  public long sent() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() {
    throw new UnsupportedOperationException();
  }
}
