package dev.sluice.runtime.pipeline;

import dev.sluice.kernel.FramePool;
import dev.sluice.kernel.KernelException;
import dev.sluice.kernel.MemoryDevice;
import dev.sluice.kernel.MemoryWire;
import dev.sluice.plugin.FlowHash;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// A packet path of a [WarmUp]: the roles of a pipeline on one thread, between two devices in
/// memory, laid out as if each had a thread of its own, or fused.
final class WarmUpPath implements AutoCloseable {
  private static final int DATA_FRAMES = 64;
  private static final int POOL_FRAMES = 512 + DATA_FRAMES;
  private static final int QUEUE = 512;
  private static final int BATCH = 64;

  /// Batches of one generation. Few, so that all that there is has been seen before the first of it
  /// is compiled.
  private static final int TURNS = 8;

  private static final AtomicLong NAMES = new AtomicLong();

  private final FramePool pool = FramePool.create(POOL_FRAMES);
  private final List<MemoryWire> wires = new ArrayList<>();
  private final List<Port> ports;
  private final List<DutyCycle> roles = new ArrayList<>();
  private final List<WorkThread> workers = new ArrayList<>();
  private final List<MemorySegment> templates;
  private final MemorySegment out = MemorySegment.ofArray(new byte[FramePool.FRAME_BYTES]);
  private final WarmUpChain chains;
  private Generation generation;
  private int next;
  private int turns;

  /// @param workThreads as [PipelineSettings] has them: 0 for fused
  WarmUpPath(int workThreads, Bell bell) throws KernelException {
    templates = WarmUpFrames.all().stream().map(MemorySegment::ofArray).toList();
    ports = Port.over(List.of(device(), device()));
    PipelineSettings settings = settings(workThreads);
    generation = Generation.first(WarmUpChain.lanes(settings.workers()), new FlowHash());
    FreeFrames frames = new FreeFrames(pool, DATA_FRAMES, ports.getFirst());
    SendQueue sendQueue = new SendQueue(QUEUE, bell);
    FramesAtHand atHand = FramesAtHand.of(frames.total());
    boolean fused = workThreads == 0;
    SendThread send = new SendThread(ports, sendQueue, frames, BATCH, fused ? atHand : null);
    @Nullable Fusion fusion = fused ? new Fusion(atHand, send, ports.size() * BATCH) : null;
    List<RecvQueue> queues = new ArrayList<>();
    for (int i = 0; i < settings.workers(); i++) {
      queues.add(new RecvQueue(QUEUE, bell));
      workers.add(
          new WorkThread(i, queues.get(i), sendQueue, frames, this::inForce, BATCH, fusion));
    }
    FlowQuarantine quarantine = new FlowQuarantine();
    roles.add(new ReadThread(ports, frames, queues, this::inForce, settings, quarantine, fusion));
    roles.addAll(workers);
    roles.add(send);
    SendingHalf sending =
        new SendingHalf(ports, frames, sendQueue, send, new StuckThreads(frames), new Tally());
    sending.open();
    chains = new WarmUpChain(settings.workers(), sending);
  }

  private static PipelineSettings settings(int workThreads) {
    return new PipelineSettings(
        workThreads,
        POOL_FRAMES,
        DATA_FRAMES,
        QUEUE,
        QUEUE,
        BATCH,
        Idle.Kind.POLL,
        PipelineSettings.Affinity.OFF,
        List.of(),
        Set.of());
  }

  private MemoryDevice device() throws KernelException {
    String name = "sluice-warm-up-" + NAMES.incrementAndGet();
    MemoryDevice device = MemoryDevice.open(name, pool);
    wires.add(MemoryDevice.wire(name));
    device.start();
    return device;
  }

  private Generation inForce() {
    return generation;
  }

  List<DutyCycle> roles() {
    return roles;
  }

  /// Sends a batch through.
  ///
  /// @return frames of it
  int turn() {
    if (turns++ % TURNS == 0) {
      generation = chains.next(generation);
    }
    int offered = 0;
    for (int i = 0; i < BATCH; i++) {
      MemorySegment frame = templates.get(next);
      next = (next + 1) % templates.size();
      MemoryWire wire = wires.get(i & 1);
      offered += wire.offer(frame, (int) frame.byteSize()) ? 1 : 0;
    }
    for (int i = 0; i < roles.size(); i++) {
      roles.get(i).doWork();
    }
    for (int i = 0; i < workers.size(); i++) {
      workers.get(i).tickNow();
    }
    for (int i = 0; i < wires.size(); i++) {
      while (wires.get(i).poll(out) > 0) {
        // What has left is of no use.
      }
    }
    return offered;
  }

  @Override
  public void close() {
    ports.forEach(port -> port.device().close());
    pool.close();
  }
}
