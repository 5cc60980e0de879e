package dev.sluice.runtime.bench;

import dev.sluice.kernel.ChunkStack;
import dev.sluice.kernel.FrameBatch;
import dev.sluice.kernel.FramePool;
import dev.sluice.kernel.KernelException;
import dev.sluice.kernel.PacketDevice;
import dev.sluice.kernel.PacketOptions;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/// The far end of one of the gateway's wires: sends any frame, and takes what comes. One thread.
final class WireEnd implements AutoCloseable {
  private static final int CHUNKS = 1024;
  private static final int BATCH = 64;
  private static final PacketOptions RINGS = new PacketOptions(1 << 14, 128, 1, 512);

  private final FramePool pool;
  private final PacketDevice device;
  private final ChunkStack free = new ChunkStack(CHUNKS);
  private final FrameBatch in = new FrameBatch(BATCH);
  private final FrameBatch out = new FrameBatch(1);

  private WireEnd(FramePool pool, PacketDevice device) {
    this.pool = pool;
    this.device = device;
    for (int chunk = 0; chunk < CHUNKS; chunk++) {
      free.push(chunk);
    }
  }

  /// Opens an interface of the namespace that the calling thread is in.
  static WireEnd open(String interfaceName) throws KernelException {
    FramePool pool = FramePool.create(CHUNKS);
    try {
      WireEnd end = new WireEnd(pool, PacketDevice.attach(interfaceName, RINGS, pool));
      end.device.start();
      return end;
    } catch (KernelException e) {
      pool.close();
      throw e;
    }
  }

  long hardwareAddress() {
    return device.hardwareAddress();
  }

  /// Sends a frame, if there is room in the ring.
  boolean send(byte[] frame) {
    device.completed(free);
    if (free.size() == 0) {
      return false;
    }
    int chunk = free.pop();
    MemorySegment.copy(frame, 0, pool.frame(chunk), ValueLayout.JAVA_BYTE, 0, frame.length);
    out.clear();
    out.add(chunk, frame.length, 0, 0);
    if (device.send(out, 0) == 0) {
      free.push(chunk);
      return false;
    }
    return true;
  }

  /// Has the kernel transmit what was sent.
  void flush() {
    device.flush();
  }

  /// The frames that have come in meanwhile, some of them at least.
  List<byte[]> receive() {
    in.clear();
    device.receive(in, free);
    List<byte[]> frames = new ArrayList<>();
    for (int i = 0; i < in.count(); i++) {
      frames.add(pool.frame(in.chunk(i)).asSlice(0, in.length(i)).toArray(ValueLayout.JAVA_BYTE));
      free.push(in.chunk(i));
    }
    return frames;
  }

  @Override
  public void close() {
    device.close();
    pool.close();
  }
}
