package dev.sluice.kernel;

import java.lang.foreign.MemorySegment;

/// The one memory area of a gateway, cut once into chunks of equal size. Every device receives into
/// it and sends from it.
public final class FramePool implements AutoCloseable {
  /// Bytes from one chunk to the next; two fit in a page, as AF_XDP demands.
  public static final int CHUNK_BYTES = 2048;

  /// Bytes before a frame in its chunk: `XDP_PACKET_HEADROOM` of `include/uapi/linux/bpf.h`.
  public static final int HEADROOM = 256;

  /// Bytes that a frame can have.
  public static final int FRAME_BYTES = CHUNK_BYTES - HEADROOM;

  private FramePool() {}

  /// Maps the area and cuts it.
  ///
  /// @param chunks how many, 64..4194304
  /// @throws KernelException if there is not so much memory
  public static FramePool create(int chunks) throws KernelException {
    if (chunks < 64) {
      throw new KernelException("chunks = " + chunks);
    }
    return new FramePool();
  }

  /// How many chunks there are.
  public int chunks() {
    return 0;
  }

  /// The memory of one frame: [#FRAME_BYTES] bytes behind the headroom, cut at creation, so that no
  /// slip reaches a neighbour.
  public MemorySegment frame(int chunk) {
    return MemorySegment.NULL;
  }

  /// What pages the area is made of, for the operator: `hugetlb 2 MiB`, `transparent huge pages` or
  /// `4 KiB pages`.
  public String pages() {
    return "";
  }

  @Override
  public void close() {}
}
