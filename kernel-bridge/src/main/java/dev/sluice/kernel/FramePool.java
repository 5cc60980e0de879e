package dev.sluice.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicBoolean;

/// The one memory area of a gateway, cut once into chunks of equal size. Every device receives into
/// it and sends from it.
public final class FramePool implements AutoCloseable {
  /// Bytes from one chunk to the next; two fit in a page, as AF_XDP demands.
  public static final int CHUNK_BYTES = 2048;

  /// Bytes before a frame in its chunk: `XDP_PACKET_HEADROOM` of `include/uapi/linux/bpf.h`.
  public static final int HEADROOM = 256;

  /// Bytes that a frame can have.
  public static final int FRAME_BYTES = CHUNK_BYTES - HEADROOM;

  private static final int LEAST_CHUNKS = 64;
  private static final int MOST_CHUNKS = 1 << 22;
  private static final long HUGE_PAGE_BYTES = 2 << 20;

  private final Arena arena = Arena.ofShared();
  private final AtomicBoolean closed = new AtomicBoolean();
  private final MemorySegment area;
  private final MemorySegment[] frames;
  private final Umem umem = new Umem(this);

  /// Chunks that no device receives into.
  private volatile int setAside;

  private FramePool(int chunks) throws KernelException {
    long bytes = roundUp((long) chunks * CHUNK_BYTES);
    String what = "Mapping " + (bytes >> 20) + " MiB for " + chunks + " frames";
    long huge = mapHuge(bytes);
    area = huge >= 0 ? MmapCalls.segment(huge, bytes, arena) : mapAligned(bytes, what);
    frames = new MemorySegment[chunks];
    for (int i = 0; i < chunks; i++) {
      frames[i] = area.asSlice((long) i * CHUNK_BYTES + HEADROOM, FRAME_BYTES);
    }
  }

  /// Maps the area, zero-filled and present in memory, and cuts it.
  ///
  /// @param chunks how many, 64..4194304
  /// @throws KernelException if there is not so much memory
  public static FramePool create(int chunks) throws KernelException {
    if (chunks < LEAST_CHUNKS || MOST_CHUNKS < chunks) {
      throw new KernelException(
          "A frame pool has " + LEAST_CHUNKS + ".." + MOST_CHUNKS + " chunks, not " + chunks + ".");
    }
    return new FramePool(chunks);
  }

  /// How many chunks there are.
  public int chunks() {
    return frames.length;
  }

  /// Says that devices are never given some of the chunks to receive into, so that they do not
  /// count on them. To be called before the first device receives.
  ///
  /// @param chunks how many, 0..[#chunks]
  public void setAside(int chunks) {
    setAside = chunks;
  }

  /// Chunks that devices receive into.
  int forReceiving() {
    return frames.length - setAside;
  }

  /// The memory of one frame: [#FRAME_BYTES] bytes behind the headroom, cut at creation, so that no
  /// slip reaches a neighbour.
  public MemorySegment frame(int chunk) {
    return frames[chunk];
  }

  /// The whole area, headrooms included.
  MemorySegment area() {
    return area;
  }

  /// The area as AF_XDP sockets share it.
  Umem umem() {
    return umem;
  }

  /// Address of chunk 0, a multiple of the page size: what AF_XDP registers.
  long address() {
    return area.address();
  }

  /// Bytes that are mapped, at least those of all chunks.
  long mappedBytes() {
    return area.byteSize();
  }

  /// Unmaps the area. Every segment handed out throws from then on. Idempotent.
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      arena.close();
    }
  }

  /// The address, or a negative number where the system has not so many huge pages set aside.
  private static long mapHuge(long bytes) {
    int flags =
        MmapCalls.MAP_PRIVATE
            | MmapCalls.MAP_ANONYMOUS
            | MmapCalls.MAP_HUGETLB
            | MmapCalls.MAP_HUGE_2MB;
    long at = MmapCalls.mmap(bytes, flags, -1);
    if (at < 0) {
      return at;
    }
    long populated = MmapCalls.madvise(at, bytes, MmapCalls.MADV_POPULATE_WRITE);
    if (populated < 0) {
      MmapCalls.munmap(at, bytes);
      return populated;
    }
    return at;
  }

  /// Ordinary pages, begun at a multiple of a huge page so that the kernel can join them.
  private MemorySegment mapAligned(long bytes, String what) throws KernelException {
    long mapped = bytes + HUGE_PAGE_BYTES;
    int flags = MmapCalls.MAP_PRIVATE | MmapCalls.MAP_ANONYMOUS;
    long at = Errno.require(MmapCalls.mmap(mapped, flags, -1), what);
    MemorySegment whole = MmapCalls.segment(at, mapped, arena);
    long start = roundUp(at) - at;
    long outcome = MmapCalls.madvise(at + start, bytes, MmapCalls.MADV_HUGEPAGE);
    if (outcome < 0 && outcome != -Errno.EINVAL) { // EINVAL: a kernel built without them
      arena.close();
      Errno.require(outcome, what);
    }
    outcome = MmapCalls.madvise(at + start, bytes, MmapCalls.MADV_POPULATE_WRITE);
    if (outcome < 0) {
      arena.close();
      Errno.require(outcome, what);
    }
    return whole.asSlice(start, bytes);
  }

  private static long roundUp(long bytes) {
    return (bytes + HUGE_PAGE_BYTES - 1) & -HUGE_PAGE_BYTES;
  }
}
