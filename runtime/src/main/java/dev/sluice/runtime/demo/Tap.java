package dev.sluice.runtime.demo;

import dev.sluice.kernel.ChunkStack;
import dev.sluice.kernel.FrameBatch;
import dev.sluice.kernel.FrameDevice;
import dev.sluice.kernel.FramePool;
import dev.sluice.kernel.NetworkNamespace;
import dev.sluice.kernel.PacketDevice;
import dev.sluice.kernel.PacketOptions;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

/// A look at every frame that arrives at one interface of a namespace, and a way to send any frame
/// from there. It counts what was sent to the interface, not what it sends itself.
final class Tap implements AutoCloseable {
  private static final int CHUNKS = 1024;
  private static final int BATCH = 64;
  private static final long PAUSE_NANOS = 2_000_000;
  private static final PacketOptions RINGS = new PacketOptions(1 << 16, 16, 1, 256);

  private final FramePool pool;
  private final FrameDevice device;
  private final ChunkStack free = new ChunkStack(CHUNKS); // the thread's
  private final List<Predicate<byte[]>> wanted;
  private final LongAdder frames = new LongAdder();
  private final LongAdder wantedFrames = new LongAdder();
  private final LongAdder wantedBytes = new LongAdder();
  private final Thread thread;
  private volatile List<byte[]> outgoing = List.of();
  private volatile boolean closing;

  private Tap(FramePool pool, FrameDevice device, List<Predicate<byte[]>> wanted, String name) {
    this.pool = pool;
    this.device = device;
    this.wanted = List.copyOf(wanted);
    for (int chunk = 0; chunk < CHUNKS; chunk++) {
      free.push(chunk);
    }
    thread = Thread.ofPlatform().name("tap " + name).daemon().unstarted(this::watch);
  }

  /// Opens a tap, and watches from now on.
  ///
  /// @param wanted a frame that one of these holds for is counted apart
  static Tap open(String namespace, String interfaceName, List<Predicate<byte[]>> wanted)
      throws StepException {
    FramePool pool = null;
    try {
      FramePool area = FramePool.create(CHUNKS);
      pool = area;
      FrameDevice device =
          NetworkNamespace.call(namespace, () -> PacketDevice.attach(interfaceName, RINGS, area));
      Tap tap = new Tap(area, device, wanted, namespace);
      device.start();
      tap.thread.start();
      return tap;
    } catch (Exception e) {
      if (pool != null) {
        pool.close();
      }
      throw new StepException(
          "no tap on %s in %s: %s".formatted(interfaceName, namespace, e.getMessage()), e);
    }
  }

  /// Every frame that has arrived.
  long frames() {
    return frames.sum();
  }

  /// The wanted ones among them.
  long wantedFrames() {
    return wantedFrames.sum();
  }

  /// Bytes of the wanted ones.
  long wantedBytes() {
    return wantedBytes.sum();
  }

  /// Frames that the kernel could not hand to the tap: while there are any, the other counts prove
  /// nothing.
  long missed() {
    return device.counters().kernelDropped();
  }

  /// Sends frames in order, each 14..1514 bytes, and returns when the kernel has all of them.
  void send(List<byte[]> list) throws StepException, InterruptedException {
    outgoing = List.copyOf(list);
    long deadline = System.nanoTime() + 5_000_000_000L;
    while (!outgoing.isEmpty()) {
      if (deadline < System.nanoTime() || !thread.isAlive()) {
        throw new StepException(outgoing.size() + " frames could not be sent");
      }
      Thread.sleep(1);
    }
  }

  private void watch() {
    FrameBatch batch = new FrameBatch(BATCH);
    while (!closing) {
      batch.clear();
      int count = device.receive(batch, free);
      for (int i = 0; i < count; i++) {
        look(pool.frame(batch.chunk(i)), batch.length(i));
        free.push(batch.chunk(i));
      }
      device.completed(free);
      if (!outgoing.isEmpty()) {
        outgoing = transmit(outgoing);
      }
      if (count == 0) {
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    }
  }

  private void look(MemorySegment memory, int length) {
    byte[] frame = memory.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
    frames.increment();
    for (Predicate<byte[]> condition : wanted) {
      if (condition.test(frame)) {
        wantedFrames.increment();
        wantedBytes.add(length);
        return;
      }
    }
  }

  /// Returns what is still to be sent.
  private List<byte[]> transmit(List<byte[]> list) {
    FrameBatch batch = new FrameBatch(BATCH);
    int count = Math.min(Math.min(BATCH, list.size()), free.size());
    for (int i = 0; i < count; i++) {
      int chunk = free.pop();
      MemorySegment.copy(
          list.get(i), 0, pool.frame(chunk), ValueLayout.JAVA_BYTE, 0, list.get(i).length);
      batch.add(chunk, list.get(i).length, 0, 0);
    }
    int accepted = device.send(batch, 0);
    device.flush();
    for (int i = accepted; i < count; i++) {
      free.push(batch.chunk(i));
    }
    return list.subList(accepted, list.size());
  }

  /// Stops watching; the counts stay.
  @Override
  public void close() {
    closing = true;
    try {
      thread.join();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    device.close();
    pool.close();
  }
}
