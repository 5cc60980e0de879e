package dev.sluice.kernel;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/// A device with what it takes to send and receive arrays of bytes through it, for tests.
final class Port implements AutoCloseable {
  final FrameDevice device;
  final FramePool pool;
  final ChunkStack free;
  final FrameBatch batch = new FrameBatch(256);

  Port(FrameDevice device, FramePool pool, int firstChunk, int chunks) {
    this.device = device;
    this.pool = pool;
    this.free = new ChunkStack(pool.chunks());
    for (int i = 0; i < chunks; i++) {
      free.push(firstChunk + i);
    }
  }

  /// Sends one frame.
  ///
  /// @return whether the device accepted it
  boolean send(byte[] frame) {
    device.completed(free);
    int chunk = free.pop();
    MemorySegment.copy(frame, 0, pool.frame(chunk), JAVA_BYTE, 0, frame.length);
    batch.clear();
    batch.add(chunk, frame.length, 0, 0);
    int accepted = device.send(batch, 0);
    if (accepted == 0) {
      free.push(chunk);
    }
    device.flush();
    device.completed(free);
    return accepted == 1;
  }

  /// Sends as many frames at once.
  ///
  /// @return how many the device accepted
  int send(List<byte[]> frames) {
    device.completed(free);
    batch.clear();
    for (byte[] frame : frames) {
      int chunk = free.pop();
      MemorySegment.copy(frame, 0, pool.frame(chunk), JAVA_BYTE, 0, frame.length);
      batch.add(chunk, frame.length, 0, 0);
    }
    int accepted = device.send(batch, 0);
    for (int i = accepted; i < batch.count(); i++) {
      free.push(batch.chunk(i));
    }
    device.flush();
    device.completed(free);
    return accepted;
  }

  /// Receives at most `count` frames, waiting up to two seconds for the last.
  List<byte[]> receive(int count) throws InterruptedException {
    List<byte[]> frames = new ArrayList<>();
    long until = System.nanoTime() + 2_000_000_000L;
    while (frames.size() < count && System.nanoTime() < until) {
      if (receiveBatch(frames) == 0) {
        Thread.sleep(1);
      }
    }
    return frames;
  }

  /// Receives what arrives within a while.
  List<byte[]> drain(long millis) throws InterruptedException {
    List<byte[]> frames = new ArrayList<>();
    long until = System.nanoTime() + millis * 1_000_000L;
    while (System.nanoTime() < until) {
      receiveBatch(frames);
      Thread.sleep(1);
    }
    return frames;
  }

  private int receiveBatch(List<byte[]> into) {
    batch.clear();
    int count = device.receive(batch, free);
    for (int i = 0; i < count; i++) {
      MemorySegment frame = pool.frame(batch.chunk(i)).asSlice(0, batch.length(i));
      into.add(frame.toArray(JAVA_BYTE));
      free.push(batch.chunk(i));
    }
    return count;
  }

  @Override
  public void close() {
    device.close();
  }
}
