package dev.sluice.runtime.pipeline;

import dev.sluice.kernel.FramePool;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerArray;

/// Copies of some of the frames that one WorkThread was given lately, the newest in the place of
/// the oldest. One thread writes, any thread reads; neither waits for the other.
///
/// Each place has a version: odd while it is written. A reader that finds it odd, or changed behind
/// its copy, leaves the place out, so that no copy is of two frames.
final class RecentFrames {
  /// For all WorkThreads of a pipeline together, unless they are very many.
  static final int MOST = 256;

  private static final int LEAST = 16;

  /// A frame as it came in.
  ///
  /// @param port index of the port
  record Kept(int port, MemorySegment bytes) {}

  private final byte[][] bytes;
  private final MemorySegment[] segments;
  private final int[] lengths;
  private final int[] ports;
  private final AtomicIntegerArray versions;
  private int next;

  RecentFrames(int capacity) {
    bytes = new byte[capacity][FramePool.FRAME_BYTES];
    segments = new MemorySegment[capacity];
    for (int i = 0; i < capacity; i++) {
      segments[i] = MemorySegment.ofArray(bytes[i]);
    }
    lengths = new int[capacity];
    ports = new int[capacity];
    versions = new AtomicIntegerArray(capacity);
  }

  /// For one of so many WorkThreads.
  static RecentFrames shared(int workers) {
    return new RecentFrames(Math.max(LEAST, MOST / workers));
  }

  /// For the WorkThread, which owns the frame.
  void keep(Frame frame) {
    int at = next;
    next = at + 1 == lengths.length ? 0 : at + 1;
    int version = versions.getPlain(at);
    versions.setOpaque(at, version + 1);
    VarHandle.storeStoreFence(); // odd before any of the bytes
    int length = frame.length();
    MemorySegment.copy(frame.memory(), 0, segments[at], 0, length);
    lengths[at] = length;
    ports[at] = frame.arrivedBy().index();
    versions.setRelease(at, version + 2); // all of the bytes before it is even
  }

  /// Whole copies of what is kept, oldest place first; for any thread.
  List<Kept> copies() {
    List<Kept> copies = new ArrayList<>();
    for (int at = 0; at < lengths.length; at++) {
      int before = versions.getAcquire(at);
      if (before == 0 || (before & 1) != 0) {
        continue;
      }
      // What is read here may be torn, so it is within bounds whatever it is.
      int length = Math.clamp(lengths[at], 0, FramePool.FRAME_BYTES);
      int port = ports[at];
      byte[] copy = new byte[length];
      System.arraycopy(bytes[at], 0, copy, 0, length);
      VarHandle.loadLoadFence(); // all of the bytes before the second look
      if (versions.getOpaque(at) == before) {
        copies.add(new Kept(port, MemorySegment.ofArray(copy)));
      }
    }
    return copies;
  }
}
