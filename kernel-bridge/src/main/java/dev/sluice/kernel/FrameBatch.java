package dev.sluice.kernel;

/// Frames on their way between a device and the pipeline: for each its chunk in the [FramePool],
/// its length, and when it arrived. A frame's first byte is always at [FramePool#HEADROOM] of its
/// chunk. One thread at a time.
public final class FrameBatch {
  /// Set in [#flags] for a frame whose TCP or UDP checksum the sender's kernel left for the
  /// hardware to finish (`TP_STATUS_CSUMNOTREADY`): it must be completed before the frame leaves.
  public static final int CHECKSUM_PARTIAL = 1;

  /// Set in [#flags] for a frame that may be so without the kernel being able to tell: an XDP
  /// program cannot see it. Whoever parses the frame can, by what then stands in its checksum.
  public static final int CHECKSUM_DOUBTFUL = 2;

  private static final int LENGTH_SHIFT = 32;
  private static final int LENGTH_MASK = 0xff_ffff;
  private static final int FLAGS_SHIFT = 56;

  /// Chunk, length and flags of each, in one word.
  private final long[] frames;

  private final long[] arrivals;
  private int count;
  private int limit;

  /// An empty batch.
  ///
  /// @param capacity most frames it holds, at least 1
  public FrameBatch(int capacity) {
    this.frames = new long[capacity];
    this.arrivals = new long[capacity];
    this.limit = capacity;
  }

  /// Adds a frame; the caller has looked at [#room].
  ///
  /// @param chunk 0 or more
  /// @param length 0..16777215 bytes
  /// @param flag 0..255
  /// @param arrivalNanos nanoseconds since 1970-01-01 UTC
  public void add(int chunk, int length, int flag, long arrivalNanos) {
    int at = count;
    frames[at] = chunk | (long) length << LENGTH_SHIFT | (long) flag << FLAGS_SHIFT;
    arrivals[at] = arrivalNanos;
    count = at + 1;
  }

  public int count() {
    return count;
  }

  public int room() {
    return limit - count;
  }

  /// Takes the first frames out; the others move up.
  public void removeFirst(int taken) {
    count -= taken;
    System.arraycopy(frames, taken, frames, 0, count);
    System.arraycopy(arrivals, taken, arrivals, 0, count);
  }

  public void clear() {
    count = 0;
  }

  /// Empties it, and lets it take at most so many frames, up to its capacity, from now on.
  public void clear(int room) {
    count = 0;
    limit = Math.min(room, frames.length);
  }

  public int chunk(int at) {
    return (int) frames[at];
  }

  public int length(int at) {
    return (int) (frames[at] >>> LENGTH_SHIFT) & LENGTH_MASK;
  }

  public int flags(int at) {
    return (int) (frames[at] >>> FLAGS_SHIFT);
  }

  public long arrivalNanos(int at) {
    return arrivals[at];
  }
}
