package dev.sluice.runtime.pipeline;

import dev.sluice.kernel.FramePool;
import dev.sluice.kernel.KernelException;
import dev.sluice.kernel.MemoryDevice;
import dev.sluice.kernel.MemoryWire;
import dev.sluice.kernel.Poller;
import dev.sluice.plugin.DropReason;
import dev.sluice.plugin.FlowHash;
import dev.sluice.plugin.HashFunction;
import dev.sluice.plugin.Packet;
import dev.sluice.plugin.PacketHandler;
import dev.sluice.plugin.Verdict;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/// Has the packet path's code compiled before the first packet comes: frames made in memory go
/// through its roles, between two devices that lead nowhere.
///
/// What bundles bring along is not run: a handler may do with a packet what no rehearsal can undo.
/// Nothing of the gateway that is to be started is touched, so this may run beside its start.
public final class WarmUp implements AutoCloseable {
  /// Enough for all of the path to have been loaded and compiled on one core of an ordinary
  /// machine; loading alone takes a third of it while a framework starts beside.
  public static final Duration LIMIT = Duration.ofMillis(600);

  /// By then the compiler has all that it will ask for.
  private static final long MOST_FRAMES = 300_000;

  private static final int DATA_FRAMES = 64;
  private static final int POOL_FRAMES = 512 + DATA_FRAMES;
  private static final int QUEUE = 512;
  private static final int BATCH = 64;
  private static final int WORKERS = 2;

  /// Generations put in force meanwhile, since that is code of the path too.
  private static final int GENERATIONS = 4;

  /// The turns in which a thread spins and yields, and few more.
  private static final int IDLE_TURNS = 85;

  /// Waits in each generation, more than 127 in all: at that number the JDK makes a form of its own
  /// for a method handle (`MethodHandle.customize`), which takes 64 KiB from the heap of the thread
  /// that makes the call.
  private static final int WAITS = 40;

  private static final AtomicBoolean DONE = new AtomicBoolean();
  private static final AtomicLong NAMES = new AtomicLong();

  private final FramePool pool;
  private final List<MemoryWire> wires = new ArrayList<>();
  private final List<Port> ports;
  private final List<DutyCycle> roles = new ArrayList<>();
  private final List<MemorySegment> templates;
  private final MemorySegment out = MemorySegment.ofArray(new byte[FramePool.FRAME_BYTES]);
  private final Bell bell;
  private final SendingHalf sending;
  private Generation generation = Generation.first(WORKERS, new FlowHash());
  private int next;
  private int handed;

  /// @param pool closed by whoever made it, as is `poller`
  private WarmUp(FramePool pool, Poller poller) throws KernelException {
    this.pool = pool;
    templates = WarmUpFrames.all().stream().map(MemorySegment::ofArray).toList();
    bell = Bell.polling(poller);
    ports = Port.over(List.of(device(), device()));
    PipelineSettings settings =
        new PipelineSettings(
            WORKERS,
            POOL_FRAMES,
            DATA_FRAMES,
            QUEUE,
            QUEUE,
            BATCH,
            Idle.Kind.POLL,
            PipelineSettings.Affinity.OFF,
            List.of(),
            Set.of());
    FreeFrames frames = new FreeFrames(pool, DATA_FRAMES, ports.getFirst());
    SendQueue sendQueue = new SendQueue(QUEUE, bell);
    List<RecvQueue> queues = List.of(new RecvQueue(QUEUE, bell), new RecvQueue(QUEUE, bell));
    roles.add(new ReadThread(ports, frames, queues, () -> generation, settings));
    for (int i = 0; i < WORKERS; i++) {
      roles.add(new WorkThread(i, queues.get(i), sendQueue, frames, () -> generation, BATCH));
    }
    SendThread send = new SendThread(ports, sendQueue, frames, BATCH);
    roles.add(send);
    sending =
        new SendingHalf(ports, frames, sendQueue, send, new StuckThreads(frames), new Tally());
    sending.open();
  }

  private MemoryDevice device() throws KernelException {
    String name = "sluice-warm-up-" + NAMES.incrementAndGet();
    MemoryDevice device = MemoryDevice.open(name, pool);
    wires.add(MemoryDevice.wire(name));
    device.start();
    return device;
  }

  /// Warms up for at most so long, on the calling thread; the time that its classes take to load
  /// counts. Only the first call in a process has anything to do.
  ///
  /// @return frames that went through
  /// @throws KernelException if there is no memory for a few hundred frames, or no descriptor
  public static long once(Duration limit) throws KernelException {
    if (!DONE.compareAndSet(false, true)) {
      return 0;
    }
    long begun = System.nanoTime();
    try (FramePool pool = FramePool.create(POOL_FRAMES);
        Poller poller = new Poller(List.of());
        WarmUp path = new WarmUp(pool, poller)) {
      return path.run(begun, limit.toNanos());
    }
  }

  private long run(long begun, long nanos) {
    long frames = 0;
    for (int round = 0; round < GENERATIONS && System.nanoTime() - begun < nanos; round++) {
      generation = generation.next(chain());
      long until = begun + nanos * (round + 1) / GENERATIONS;
      long most = MOST_FRAMES * (round + 1) / GENERATIONS;
      while (frames < most && System.nanoTime() - until < 0) {
        frames += turn();
      }
      restBriefly();
    }
    return frames;
  }

  /// A path that has nothing to do is code too: turns without work, and some short waits.
  private void restBriefly() {
    Idle idle = new Idle(Idle.Kind.POLL, bell, roles);
    for (int i = 0; i < IDLE_TURNS; i++) {
      idle.after(0);
    }
    for (int i = 0; i < WAITS; i++) {
      bell.ringAnyway();
      bell.await(0, () -> false);
    }
  }

  /// Sends a batch through.
  private int turn() {
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
    for (int i = 0; i < wires.size(); i++) {
      while (wires.get(i).poll(out) > 0) {
        // What has left is of no use.
      }
    }
    return offered;
  }

  private Chain chain() {
    List<Chain.Link> links = new ArrayList<>();
    PacketHandler handler = _ -> Verdict.PASS;
    links.add(new Chain.Link("warm-up", Collections.nCopies(WORKERS, handler)));
    links.add(new Chain.Link("warm-up", Collections.nCopies(WORKERS, this::handOver)));
    HashFunction hash = new FlowHash();
    return new Chain(links, hash, true);
  }

  /// What handlers call of ours is linked by then, which takes more stack than the call itself.
  private Verdict handOver(Packet packet) {
    handed++;
    switch (handed & 63) {
      case 0 -> sending.sendPacket(packet.egress(), packet);
      case 1 -> {
        packet.hold();
        sending.sendPacket(packet.egress(), packet);
      }
      case 2 -> {
        packet.hold();
        sending.drop(packet, DropReason.OTHER);
      }
      case 3 -> {
        sending.sendData(packet.egress(), packet.memory().asSlice(0, packet.length()));
        return Verdict.PASS;
      }
      default -> {
        return Verdict.PASS;
      }
    }
    return Verdict.TAKEN;
  }

  @Override
  public void close() {
    ports.forEach(port -> port.device().close());
  }
}
