package dev.sluice.runtime.e2e;

import dev.sluice.kernel.ChunkStack;
import dev.sluice.kernel.FrameBatch;
import dev.sluice.kernel.FrameDevice;
import dev.sluice.kernel.FramePool;
import dev.sluice.kernel.NetworkNamespace;
import dev.sluice.kernel.PacketDevice;
import dev.sluice.kernel.PacketOptions;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/// Sends any frame out of an interface, and receives what comes in there. For one thread.
final class RawPort implements AutoCloseable {
  private static final int CHUNKS = 512;
  private static final PacketOptions RINGS = new PacketOptions(1 << 16, 16, 1, 256);

  private final FramePool pool = FramePool.create(CHUNKS);
  private final FrameDevice device;
  private final ChunkStack free = new ChunkStack(CHUNKS);
  private final FrameBatch in = new FrameBatch(64);
  private final FrameBatch out = new FrameBatch(1);

  RawPort(String namespace, String interfaceName) throws Exception {
    device =
        NetworkNamespace.call(namespace, () -> PacketDevice.attach(interfaceName, RINGS, pool));
    for (int chunk = 0; chunk < CHUNKS; chunk++) {
      free.push(chunk);
    }
    device.start();
  }

  /// Sends a frame of 14..1518 bytes.
  void send(byte[] frame) throws InterruptedException {
    int chunk = free.pop();
    MemorySegment.copy(frame, 0, pool.frame(chunk), ValueLayout.JAVA_BYTE, 0, frame.length);
    Await.until(
        () -> {
          out.clear();
          out.add(chunk, frame.length, 0, 0);
          return device.send(out, 0) == 1;
        },
        () -> "room in the ring of " + device.name());
    device.flush();
    device.completed(free);
  }

  /// The frames that have come in meanwhile.
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
