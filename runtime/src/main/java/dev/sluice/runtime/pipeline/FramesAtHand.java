package dev.sluice.runtime.pipeline;

import dev.sluice.kernel.ChunkStack;

/// Free chunks of the ReadThread's, and frames that are spare meanwhile. Not for concurrent use.
///
/// @param chunks to receive into; the last one that came back is taken first, for its memory is
///   still in the processor's caches
/// @param spare one for each of these chunks and for each that a device has
record FramesAtHand(ChunkStack chunks, FrameStack spare) {
  /// None yet.
  ///
  /// @param total frames of the pool
  static FramesAtHand of(int total) {
    return new FramesAtHand(new ChunkStack(total), new FrameStack(total));
  }
}
