package dev.sluice.runtime.pipeline;

import dev.sluice.kernel.FramePool;
import dev.sluice.kernel.KernelException;
import dev.sluice.kernel.MemoryDevice;
import dev.sluice.plugin.RoundRobin;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/// A WorkThread's role with its two queues and nothing else, driven by the caller: what benchmarks
/// measure. The frames go round; no device is involved.
public final class WorkLane implements AutoCloseable {
  private static final int BATCH = 64;
  private static final int FRAMES = 256;
  private static final AtomicInteger LANES = new AtomicInteger();

  private final FramePool pool = FramePool.create(FRAMES);
  private final RecvQueue recvQueue = new RecvQueue(FRAMES, Bell.parking());
  private final SendQueue sendQueue = new SendQueue(FRAMES, Bell.parking());
  private final FrameRun run = new FrameRun(BATCH);
  private final WorkThread worker;
  private Generation generation;

  /// A lane whose frames are minimal UDP datagrams.
  ///
  /// @throws KernelException if there is no memory for 256 frames
  public WorkLane() throws KernelException {
    this(Generation.first(List.of(Lane.of(0, 1, Lane.Habits.BENCHMARK)), new RoundRobin()));
  }

  private WorkLane(Generation first) throws KernelException {
    generation = first;
    Port nowhere = new Port(0, MemoryDevice.open("lane-" + LANES.incrementAndGet(), pool));
    FreeFrames frames = new FreeFrames(pool, 64, nowhere);
    worker = new WorkThread(0, recvQueue, sendQueue, frames, () -> generation, BATCH);
    for (int i = 0; i < BATCH; i++) {
      Frame frame = frames.frame(64 + i);
      frame.filled(nowhere, 60);
      run.accept(frame);
    }
  }

  /// One whose chains break in no loops of their own: how it would be without those.
  ///
  /// @throws KernelException if there is no memory for 256 frames
  public static WorkLane shared() throws KernelException {
    return new WorkLane(Generation.ofRehearsal(new RoundRobin()));
  }

  /// Puts a chain in force, as the pipeline does.
  public void publish(Chain chain) {
    generation = generation.next(chain);
  }

  /// Sends batches round: into the RecvQueue, through the chain, out of the SendQueue.
  ///
  /// @return nanoseconds per packet
  public double nanosPerPacket(int batches) {
    long start = System.nanoTime();
    long packets = 0;
    for (int i = 0; i < batches; i++) {
      recvQueue.offer(run);
      run.clear();
      worker.doWork();
      packets += sendQueue.drain(run, BATCH);
    }
    if (packets != (long) batches * BATCH) {
      throw new IllegalStateException(packets + " packets of " + batches + " batches came out");
    }
    return (System.nanoTime() - start) / (double) packets;
  }

  @Override
  public void close() {
    pool.close();
  }
}
