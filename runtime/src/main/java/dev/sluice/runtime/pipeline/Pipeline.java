package dev.sluice.runtime.pipeline;

import dev.sluice.kernel.FramePool;
import dev.sluice.kernel.KernelException;
import dev.sluice.kernel.Poller;
import dev.sluice.plugin.Device;
import dev.sluice.plugin.DropReason;
import dev.sluice.plugin.FlowHash;
import dev.sluice.plugin.HashFunction;
import dev.sluice.plugin.Packet;
import dev.sluice.plugin.PacketHandler;
import dev.sluice.plugin.PacketSender;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// The packet path of one gateway: its threads, its queues, the frames, and the chain in force.
///
/// It owns the ports and the pool it is given, from construction to [#close].
public final class Pipeline implements PacketSender, ChainTarget, AutoCloseable {
  private static final Duration DRAIN_PATIENCE = Duration.ofSeconds(2);
  private static final Duration JOIN_PATIENCE = Duration.ofSeconds(2);

  private final PipelineSettings settings;
  private final Cores cores;
  private final FramePool pool;
  private final List<Port> ports;
  private final FreeFrames frames;
  private final SendQueue sendQueue;
  private final SendThread send;
  private final SendingHalf sending;
  private final Poller poller;
  private final Crew crew;
  private final StuckThreads stuckThreads;
  private final FlowQuarantine quarantine = new FlowQuarantine();
  private final Watchdog watchdog;
  private final List<Tally> tallies = new ArrayList<>();
  private final Tally shared = new Tally();
  private final Publisher publisher;
  private final List<RecvQueue> recvQueues;

  private final PortDevices devices;

  /// Held by whoever starts or closes, so that a second one that closes finds it closed.
  private final Object lifecycle = new Object();

  private boolean closed;
  private volatile boolean started;

  /// Guarded by [#lifecycle].
  private boolean receiving = true;

  /// A pipeline with nothing received yet, and nothing allowed to pass.
  ///
  /// @param hash spreads packets until a chain brings its own
  /// @throws KernelException if threads cannot be bound as the settings say
  public Pipeline(PipelineSettings settings, FramePool pool, List<Port> ports, HashFunction hash)
      throws KernelException {
    this.settings = settings;
    this.pool = pool;
    if (ports.isEmpty()) {
      throw new IllegalArgumentException("a pipeline needs at least one port");
    }
    this.cores = Cores.reserve(settings);
    this.ports = List.copyOf(ports);
    this.devices = new PortDevices(this.ports);
    this.frames = new FreeFrames(pool, settings.dataFrames(), ports.getFirst());
    this.poller = new Poller(ports.stream().map(Port::device).toList());
    Bells bells = Bells.of(settings, poller);
    this.sendQueue = new SendQueue(settings.sendQueue(), bells.sending());
    this.publisher =
        new Publisher(
            settings.workers(), hash, new FlowHash(), this::allHaveReached, this::wakeThreads);
    boolean fused = settings.workThreads() == 0;
    FramesAtHand atHand = FramesAtHand.of(frames.total());
    this.send = new SendThread(ports, sendQueue, frames, settings.batch(), fused ? atHand : null);
    Fusion fusion = fused ? new Fusion(atHand, send, ports.size() * settings.batch()) : null;
    List<RecvQueue> queues = new ArrayList<>();
    List<WorkThread> workers = new ArrayList<>();
    for (int i = 0; i < settings.workers(); i++) {
      queues.add(new RecvQueue(settings.recvQueue(), bells.working().get(i)));
      workers.add(
          new WorkThread(
              i, queues.get(i), sendQueue, frames, publisher::current, settings.batch(), fusion));
    }
    this.recvQueues = List.copyOf(queues);
    ReadThread read =
        new ReadThread(ports, frames, queues, publisher::current, settings, quarantine, fusion);
    this.stuckThreads = new StuckThreads(frames);
    this.sending = new SendingHalf(this.ports, frames, sendQueue, send, stuckThreads, shared);
    List<StageThread> threads = ThreadLayout.of(settings, cores, bells, read, workers, send);
    this.crew = new Crew(read, workers, threads, publisher, stuckThreads);
    long budget = settings.handlerBudget().toNanos();
    this.watchdog = new Watchdog(crew, stuckThreads, quarantine, budget);
    // Each goes on in the same tally when its thread is replaced.
    tallies.add(shared);
    tallies.add(read.tally());
    tallies.add(send.tally());
    workers.forEach(worker -> tallies.add(worker.tally()));
  }

  @Override
  public void report(Incidents incidents) {
    watchdog.incidents(incidents);
  }

  /// Starts the threads and then lets the ports receive.
  ///
  /// @throws KernelException if a port cannot be attached; those that could are detached again
  public void start() throws KernelException {
    synchronized (lifecycle) {
      if (started || closed) {
        throw new IllegalStateException("the pipeline was started before");
      }
      cores.keepOthersOff();
      started = true;
      sending.open();
      publisher.started();
      crew.start();
      watchdog.start();
      awaitFirstTurn();
      devices.start();
    }
  }

  @Override
  public boolean receives() {
    return started;
  }

  /// A device may need chunks before its first frame arrives.
  private void awaitFirstTurn() {
    long until = System.nanoTime() + DRAIN_PATIENCE.toNanos();
    while (crew.read().stacked() == 0 && System.nanoTime() < until) {
      LockSupport.parkNanos(50_000);
    }
  }

  @Override
  public List<Device> devices() {
    return List.copyOf(ports);
  }

  @Override
  public int workThreads() {
    return settings.workers();
  }

  @Override
  public long generation() {
    return publisher.current().number();
  }

  @Override
  public boolean publish(Chain chain, Duration patience) throws InterruptedException {
    return publisher.publish(chain, patience);
  }

  /// Looks on at the next packets that match a filter, on their way through the chain. Meanwhile a
  /// generation of the same chain is in force that tells of it; a chain that is published meanwhile
  /// is traced on. No batch is measured as long as a trace runs.
  ///
  /// @param packets most records, 1..1000
  /// @param filter called on the WorkThreads for each packet, before the chain, by one thread or
  ///   several at once: it must neither change the packet nor hold it, and be brief. What it throws
  ///   ends the trace
  /// @param patience longest wait for packets
  /// @return what has come through, by time of arrival; none if nothing matched in time
  /// @throws IllegalStateException if another trace runs
  /// @throws IllegalArgumentException if the filter failed, or `packets` is out of range
  public List<TraceRecord> trace(int packets, Predicate<Packet> filter, Duration patience)
      throws InterruptedException {
    return publisher.trace(packets, filter, patience);
  }

  /// Runs spare handlers over made-up frames and copies of recent ones, so that their code is
  /// compiled and their faults are seen before they are in force: see [Rehearsal].
  ///
  /// @param spares the links of a chain, each with one handler that is used for nothing else
  public Rehearsed rehearse(List<Chain.Link> spares, Duration limit) throws InterruptedException {
    return Rehearsal.run(ports, spares, recentFrames(), limit);
  }

  @Override
  public Optional<Rehearsed> rehearsed(List<Chain.Link> spares, Duration limit)
      throws InterruptedException {
    return Optional.of(rehearse(spares, limit));
  }

  @Override
  public List<PipelineCounters.Handler> handlerRows() {
    return CounterReading.handlers(publisher.current());
  }

  private List<RecentFrames.Kept> recentFrames() {
    return publisher.current().lanes().stream()
        .flatMap(lane -> lane.recent().copies().stream())
        .toList();
  }

  /// How full the queues are; the highest since the last call, whoever made it.
  public List<QueueDepth> depths() {
    return CounterReading.depths(recvQueues, sendQueue);
  }

  private void wakeThreads() {
    crew.wake();
  }

  @Override
  public long lastSwitchMicros() {
    long number = generation();
    return crew.workers().stream().mapToLong(each -> each.switchNanos(number)).max().orElse(0)
        / 1000;
  }

  @Override
  public boolean isStuck(PacketHandler handler) {
    return publisher.standIns().isStuck(handler);
  }

  /// Threads that were replaced and have not ended.
  public int stuckThreads() {
    return stuckThreads.count();
  }

  /// Drops the packets of a flow before any handler sees them, as `flow-quarantined`, for so long.
  /// Of more than 256 flows the oldest passes again. Packets that a handler is stuck with bring
  /// their flow there by themselves, for a minute.
  ///
  /// @param ingress where the flow comes in
  /// @param frame a frame of it, from the Ethernet header on
  public void quarantineFlow(Device ingress, MemorySegment frame, Duration time) {
    Port port = ports.getFirst().sibling(ingress);
    quarantine.add(Frame.likeness(frame, FramePool.FRAME_BYTES, port), time.toNanos());
  }

  /// Flows that are dropped before any handler sees them.
  public int quarantinedFlows() {
    return quarantine.size();
  }

  /// Lets all flows reach the handlers again.
  public void releaseFlows() {
    quarantine.clear();
  }

  private boolean allHaveReached(long number) {
    return crew.hasReached(number);
  }

  @Override
  public boolean sendPacket(Device sendTo, Packet packet) {
    return sending.sendPacket(sendTo, packet);
  }

  @Override
  public boolean sendData(Device sendTo, MemorySegment data) {
    return sending.sendData(sendTo, data);
  }

  @Override
  public void drop(Packet packet, DropReason reason) {
    sending.drop(packet, reason);
  }

  /// All counters now.
  public PipelineCounters counters() {
    Generation inForce = publisher.current();
    return CounterReading.of(
        tallies,
        crew.allocatedBytes(),
        inForce,
        devices.rows(),
        CounterReading.chain(crew.read().tally(), inForce.lanes(), recvQueues),
        publisher.bundles());
  }

  /// Frames of the pool that nobody owns; equal to [#totalFrames] when nothing is in flight or
  /// held, and no stuck handler has one.
  public int freeFrames() {
    return frames.free() + crew.read().stacked();
  }

  /// Frames of the pool.
  public int totalFrames() {
    return frames.total();
  }

  /// Whether every source of frames has ended, as replayed files do, and all frames have left.
  public boolean ended() {
    return ports.stream().allMatch(port -> port.device().ended()) && counters().inFlight() == 0;
  }

  /// What ended a thread before its time, or null while all is well.
  public @Nullable Throwable failure() {
    return crew.failure();
  }

  /// Lets no more frames in, waits up to two seconds until those inside have left, stops the
  /// threads, drops what is queued or held as `stopping`, and closes devices and pool. A handler
  /// that does not return loses its thread as always. Where its budget is longer than two seconds
  /// it is left behind: its ports are given back, the frames of its batch stay uncounted, and its
  /// thread ends when the handler returns. Idempotent; who closes second waits for the first.
  ///
  /// @throws IllegalStateException if a handler calls it
  @Override
  public void close() {
    if (crew.isCaller()) {
      throw new IllegalStateException("close: a handler cannot close the gateway that calls it");
    }
    synchronized (lifecycle) {
      if (!closed) {
        closed = true;
        end();
      }
    }
  }

  /// Lets no more frames in, and waits up to two seconds until those inside have left, so that
  /// handlers may then be taken away. What they send on their way out still leaves. Idempotent, and
  /// part of [#close].
  public void stopReceiving() {
    synchronized (lifecycle) {
      if (!closed) {
        LastSteps steps = new LastSteps();
        stopReceiving(steps);
        steps.end();
      }
    }
  }

  private void stopReceiving(LastSteps steps) {
    if (receiving) {
      receiving = false;
      devices.stop(steps);
      if (started) {
        steps.take(this::drain);
      }
    }
  }

  /// Each step is taken whatever became of those before, so that no port stays as it was changed.
  private void end() {
    LastSteps steps = new LastSteps();
    stopReceiving(steps);
    sending.close();
    crew.stop();
    boolean allEnded = joinAll();
    watchdog.stop();
    stuckThreads.reclaim();
    steps.take(() -> frames.takeBackHeld(shared));
    if (allEnded) {
      steps.take(this::abandon);
    }
    devices.close(steps);
    steps.take(poller::close);
    steps.take(pool::close);
    steps.take(cores::giveBack);
    steps.end();
  }

  private boolean joinAll() {
    List<StageThread> left = crew.join(System.nanoTime() + JOIN_PATIENCE.toNanos());
    for (StageThread thread : left) {
      System.getLogger(Pipeline.class.getName())
          .log(System.Logger.Level.ERROR, "thread " + thread.name() + " is stuck in a handler");
    }
    return left.isEmpty();
  }

  private void abandon() {
    crew.workers().forEach(WorkThread::abandon);
    send.abandon();
    sending.sendThreadEnded();
  }

  private void drain() {
    long start = System.nanoTime();
    long before = -1;
    int quiet = 0;
    while (quiet < 5 && System.nanoTime() - start < DRAIN_PATIENCE.toNanos()) {
      LockSupport.parkNanos(2_000_000);
      PipelineCounters now = counters();
      boolean still = now.received() == before && now.inFlight() == 0 && sendQueue.depth() == 0;
      quiet = still ? quiet + 1 : 0;
      before = now.received();
    }
  }

  @Override
  public String toString() {
    return "pipeline of " + ports + ", " + settings;
  }
}
