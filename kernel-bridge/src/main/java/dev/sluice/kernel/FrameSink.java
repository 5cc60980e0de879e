package dev.sluice.kernel;

import java.util.List;

/// Counts and drops the frames of a [FramePattern] that an interface receives, in an XDP program;
/// all other frames reach the host. For measurements. Any thread.
@SuppressWarnings("DoNotCallSuggester")
public final class FrameSink implements AutoCloseable {
  /// What was seen since [#reset].
  ///
  /// @param received frames of the pattern, duplicates included
  /// @param duplicated frames whose sequence number was seen before
  /// @param reordered frames that came behind a later one of their flow
  /// @param others frames without the marker, which were passed to the host
  /// @param marks how often each value of the mark byte was seen, 256 numbers
  public record Counts(
      long received, long duplicated, long reordered, long others, List<Long> marks) {}

  private FrameSink() {}

  /// A sink in the network namespace of this thread.
  ///
  /// @param samples most delays it keeps, 0 for none; the pattern then has a stamp
  /// @throws KernelException if there is no such interface, or the kernel refuses
  public static FrameSink open(String interfaceName, FramePattern pattern, int samples)
      throws KernelException {
    throw new UnsupportedOperationException();
  }

  public Counts counts() {
    throw new UnsupportedOperationException();
  }

  /// The first delays since [#reset], in nanoseconds, from when a frame was made to when it came.
  public long[] delays() {
    throw new UnsupportedOperationException();
  }

  /// Forgets everything. Not while frames arrive.
  public void reset() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() {
    throw new UnsupportedOperationException();
  }
}
