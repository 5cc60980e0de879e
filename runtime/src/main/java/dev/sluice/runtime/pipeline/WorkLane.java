package dev.sluice.runtime.pipeline;

import dev.sluice.kernel.FramePool;
import dev.sluice.kernel.KernelException;
import dev.sluice.kernel.MemoryDevice;
import dev.sluice.plugin.RoundRobin;
import dev.sluice.plugin.Verdict;
import java.util.ArrayList;
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
  private Generation generation = Generation.first(1, new RoundRobin());

  /// A lane whose frames are minimal UDP datagrams.
  ///
  /// @throws KernelException if there is no memory for 256 frames
  public WorkLane() throws KernelException {
    Port nowhere = new Port(0, MemoryDevice.open("lane-" + LANES.incrementAndGet(), pool));
    FreeFrames frames = new FreeFrames(pool, 64, nowhere);
    worker = new WorkThread(0, recvQueue, sendQueue, frames, () -> generation, BATCH);
    for (int i = 0; i < BATCH; i++) {
      Frame frame = frames.frame(64 + i);
      frame.filled(nowhere, 60);
      run.accept(frame);
    }
  }

  /// Puts a chain in force, spun as the pipeline does.
  public void publish(Chain chain) {
    generation = generation.next(chain);
  }

  /// Puts a chain in force through the one loop that all chains of this process share.
  public void publishShared(Chain chain) {
    Generation spun = generation.next(chain);
    BatchLoop shared = new SharedLoop(spun.handlers().getFirst());
    generation =
        new Generation(
            spun.number(),
            chain,
            spun.hash(),
            spun.lanes(),
            List.of(shared),
            List.of(spun.handlers().getFirst()));
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

  /// How it would be without spinning: handlers are called through their interface, at one place.
  private static final class SharedLoop implements BatchLoop {
    private final List<LoopSpinner.Counted> handlers;

    SharedLoop(List<LoopSpinner.Counted> handlers) {
      this.handlers = new ArrayList<>(handlers);
    }

    @Override
    public void run(FrameRun batch, WorkThread worker) {
      for (int i = 0; i < batch.count(); i++) {
        Frame frame = batch.at(i);
        worker.begin(frame);
        worker.end(frame, judged(frame));
      }
    }

    private Verdict judged(Frame frame) {
      for (int i = 0; i < handlers.size(); i++) {
        LoopSpinner.Counted counted = handlers.get(i);
        Verdict verdict = counted.handler().receive(frame);
        if (verdict != Verdict.PASS) {
          return verdict;
        }
        counted.counters().add(HandlerCounters.PASSED);
      }
      return Verdict.PASS;
    }
  }
}
