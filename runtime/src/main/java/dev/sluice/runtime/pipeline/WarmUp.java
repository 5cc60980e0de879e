package dev.sluice.runtime.pipeline;

import dev.sluice.kernel.FramePool;
import dev.sluice.kernel.KernelException;
import dev.sluice.kernel.MemoryDevice;
import dev.sluice.kernel.MemoryWire;
import dev.sluice.kernel.Poller;
import dev.sluice.plugin.FlowHash;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/// Has the packet path's code compiled before the first packet comes: frames made in memory go
/// through its roles, between two devices that lead nowhere.
///
/// The compilers take their time, so it goes on beside the first packets, more quietly, until they
/// have nothing left to do.
///
/// What bundles bring along is not run: a handler may do with a packet what no rehearsal can undo.
/// Nothing of the gateway that is to be started is touched, so this may run beside its start.
public final class WarmUp implements AutoCloseable {
  /// Enough for all of the path to have been loaded and compiled on one core of an ordinary
  /// machine; loading alone takes a third of it while a framework starts beside.
  static final Duration LIMIT = Duration.ofMillis(250);

  /// How long it may go on. The compilers of a machine with two busy cores need some seconds.
  private static final Duration LONGEST = Duration.ofSeconds(30);

  /// By then the compiler has all that it will ask for.
  private static final long MOST_FRAMES = 300_000;

  /// Frames while it goes on, before the compilers are first looked at.
  private static final long QUIET_FRAMES = 100_000;

  /// Looks for as many frames more.
  private static final int LOOKS = 16;

  /// From one batch to the next meanwhile.
  private static final long QUIET_NANOS = 1_000_000;

  private static final int DATA_FRAMES = 64;
  private static final int POOL_FRAMES = 512 + DATA_FRAMES;
  private static final int QUEUE = 512;
  private static final int BATCH = 64;
  private static final int WORKERS = 2;

  /// Times that the path comes to rest meanwhile.
  private static final int PARTS = 4;

  /// Batches of one generation. Few, so that all that there is has been seen before the first of it
  /// is compiled.
  private static final int TURNS = 8;

  /// The turns in which a thread spins and yields, and few more.
  private static final int IDLE_TURNS = 85;

  /// Waits each time, more than 127 in all: at that number the JDK makes a form of its own for a
  /// method handle (`MethodHandle.customize`), which takes 64 KiB from the heap of the thread that
  /// makes the call.
  private static final int WAITS = 40;

  private static final AtomicBoolean DONE = new AtomicBoolean();
  private static final AtomicLong NAMES = new AtomicLong();

  private final FramePool pool;
  private final List<MemoryWire> wires = new ArrayList<>();
  private final List<Port> ports;
  private final List<DutyCycle> roles = new ArrayList<>();
  private final List<WorkThread> workers = new ArrayList<>();
  private final List<MemorySegment> templates;
  private final MemorySegment out = MemorySegment.ofArray(new byte[FramePool.FRAME_BYTES]);
  private final Bell bell;
  private final WarmUpChain chains;
  private Generation generation = Generation.first(WarmUpChain.lanes(WORKERS), new FlowHash());
  private int next;
  private int turns;

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
      workers.add(new WorkThread(i, queues.get(i), sendQueue, frames, () -> generation, BATCH));
      roles.add(workers.getLast());
    }
    SendThread send = new SendThread(ports, sendQueue, frames, BATCH);
    roles.add(send);
    SendingHalf sending =
        new SendingHalf(ports, frames, sendQueue, send, new StuckThreads(frames), new Tally());
    sending.open();
    chains = new WarmUpChain(WORKERS, sending);
  }

  private MemoryDevice device() throws KernelException {
    String name = "sluice-warm-up-" + NAMES.incrementAndGet();
    MemoryDevice device = MemoryDevice.open(name, pool);
    wires.add(MemoryDevice.wire(name));
    device.start();
    return device;
  }

  /// Warms up on a thread of its own. Only the first call in a process has anything to do.
  ///
  /// @param failed told if there is no memory for a few hundred frames, or no descriptor
  /// @return open when most of it is done, after [#LIMIT] at the latest; the rest goes on beside
  public static CountDownLatch begin(Consumer<? super Exception> failed) {
    CountDownLatch warm = new CountDownLatch(1);
    Thread.ofPlatform()
        .name("warm-up")
        .daemon()
        .start(() -> {
          try {
            once(LIMIT, LONGEST, warm::countDown);
          } catch (KernelException | RuntimeException e) {
            failed.accept(e);
          } finally {
            warm.countDown();
          }
        });
    return warm;
  }

  /// Warms up on the calling thread.
  ///
  /// @param limit of the first part; the time that its classes take to load counts
  /// @param longest of all
  /// @param first told when the first part is over
  /// @return frames that went through
  static long once(Duration limit, Duration longest, Runnable first) throws KernelException {
    if (!DONE.compareAndSet(false, true)) {
      return 0;
    }
    long begun = System.nanoTime();
    try (FramePool pool = FramePool.create(POOL_FRAMES);
        Poller poller = new Poller(List.of());
        WarmUp path = new WarmUp(pool, poller)) {
      long frames = path.run(begun, limit.toNanos());
      first.run();
      return frames + path.goOn(begun + longest.toNanos());
    }
  }

  private long run(long begun, long nanos) {
    long frames = 0;
    for (int part = 1; part <= PARTS && System.nanoTime() - begun < nanos; part++) {
      long until = begun + nanos * part / PARTS;
      long most = MOST_FRAMES * part / PARTS;
      while (frames < most && System.nanoTime() - until < 0) {
        frames += turn();
      }
      restBriefly();
    }
    return frames;
  }

  /// Goes on until the compilers rest.
  private long goOn(long until) {
    Compilers compilers = new Compilers();
    long frames = 0;
    long look = QUIET_FRAMES;
    while (System.nanoTime() - until < 0) {
      frames += turn();
      if (frames >= look) {
        look = frames + QUIET_FRAMES / LOOKS;
        if (compilers.areAtRest()) {
          break;
        }
      }
      LockSupport.parkNanos(QUIET_NANOS);
    }
    return frames;
  }

  /// A path that has nothing to do is code too: turns without work, and some short waits.
  private void restBriefly() {
    Idle idle = new Idle(Idle.Kind.POLL, bell, roles, new Vigil(true));
    idle.after(1);
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
  }
}
