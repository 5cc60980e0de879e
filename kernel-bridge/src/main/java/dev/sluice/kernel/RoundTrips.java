package dev.sluice.kernel;

/// Keeps one frame of a [FramePattern] in flight: when it comes back to the interface it left by,
/// an XDP program notes how long it took and sends it again. For measurements, with a
/// [FrameReflector] at the far end. One thread.
@SuppressWarnings("DoNotCallSuggester")
public final class RoundTrips implements AutoCloseable {
  private RoundTrips() {}

  /// One that has sent nothing yet, in the network namespace of this thread.
  ///
  /// @param most round trips after which the frame is not sent again
  /// @throws KernelException if there is no such interface, or the kernel refuses
  public static RoundTrips open(String interfaceName, FramePattern pattern, int most)
      throws KernelException {
    throw new UnsupportedOperationException();
  }

  /// Sends the frame: at the beginning, and again when it got lost.
  ///
  /// @throws KernelException if the kernel refuses
  public void launch() throws KernelException {
    throw new UnsupportedOperationException();
  }

  /// Round trips so far.
  public int completed() {
    throw new UnsupportedOperationException();
  }

  /// How long each took, in nanoseconds.
  public long[] nanos() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() {
    throw new UnsupportedOperationException();
  }
}
