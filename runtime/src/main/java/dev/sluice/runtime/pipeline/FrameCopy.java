package dev.sluice.runtime.pipeline;

import dev.sluice.kernel.FramePool;
import dev.sluice.wire.Layers;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// What a handler may change of a packet, as it was before. For one thread.
final class FrameCopy {
  final MemorySegment bytes = MemorySegment.ofArray(new byte[FramePool.FRAME_BYTES]);
  final Layers layers = new Layers();
  int length;
  @Nullable Port egress;
}
