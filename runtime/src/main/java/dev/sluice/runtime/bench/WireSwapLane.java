package dev.sluice.runtime.bench;

import dev.sluice.kernel.FramePattern;
import dev.sluice.kernel.VersionSink;
import dev.sluice.kernel.XdpForwarder;
import dev.sluice.runtime.bench.swap.BundleForge;
import dev.sluice.runtime.bench.swap.EventFollower;
import dev.sluice.runtime.bench.swap.HeapTrend;
import dev.sluice.runtime.bench.swap.OutcomeBoard;
import dev.sluice.runtime.bench.swap.Witness;
import dev.sluice.runtime.pki.PkiException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;

/// A gateway as an operator starts it, in a world of its own, with a generator before it and behind
/// it a sink that checks every frame.
final class WireSwapLane implements SwapLane {
  private static final Path PROC = Path.of("/proc");
  private static final Duration START_LIMIT = Duration.ofSeconds(60);
  private static final long LOOK_MILLIS = 20;
  private static final long LEAD_MILLIS = 300;
  private static final double PROBE_MPPS = 0.001;
  private static final double PROBE_SECONDS = 0.02;
  private static final double ENDLESS_SECONDS = 1e6;
  private static final String FILE = "marking.jar";
  private static final int TELLING_COLLECTIONS = 7;

  /// What a gateway has not let out so long after the last frame of a trial waits in its rings,
  /// which hold more than a trial may hide: the rate was higher than it carries.
  private static final long BACKLOG_MILLIS = 50;

  /// Rings that hold the frames of some 100 to 200 ms at the rates of a machine whose processors a
  /// hypervisor shares with others, and takes away for as long at times. All fill rings together
  /// take half of the pool, so that each is full.
  private static final String XDP_RINGS =
      "ring-frames = 131072\npool-frames = 524288\ndata-frames = 2048\n";

  /// In seconds from one collection of the whole heap to the next, so that some minutes tell
  /// whether anything stays.
  private static final String COLLECTIONS = "-XX:ZCollectionIntervalMajor=10";

  /// The receive ring has 4 KiB for each, which short frames share.
  private static final String PACKET_RINGS =
      "ring-frames = 65536\npool-frames = 131072\ndata-frames = 2048\n";

  private final Bed bed;
  private final BundleForge forge;
  private final Path bundles;
  private final OutcomeBoard board = new OutcomeBoard(FILE, BundleForge.symbolicName());
  private final Deque<Runnable> endings = new ArrayDeque<>(); // of what was opened last first
  private final Map<Long, Integer> swapsByMillis = new TreeMap<>();
  private final VersionSink sink;
  private final GatewayForwarder gateway;

  private WireSwapLane(Bed bed, BenchSystem system, Path folder, String settings, int versions)
      throws BenchException, IOException, PkiException {
    this.bed = bed;
    this.forge = BundleForge.open(folder.resolve("workshop"));
    this.bundles = Files.createDirectories(folder.resolve("bundles"));
    Files.move(forge.good(1), file());
    String ports =
        GatewayForwarder.settings(system, bed.cpus(), BundleForge.symbolicName()) + rings(system);
    GatewayFolder.configure(folder, ports + forge.settings() + settings);
    try {
      if (system.receivesBehindXdp()) {
        pass(World.FIRST);
        pass(World.SECOND);
      }
      pass(World.GENERATOR);
      this.sink = sink(versions);
      this.gateway = GatewayForwarder.start(bed.world(), bed.home(), folder, COLLECTIONS);
      endings.push(gateway::close);
      EventFollower events = EventFollower.start(gateway.events(), board::put);
      endings.push(events::close);
      await("the word that it is ready", () -> gateway.isReady());
      await("the first frame behind it", this::isFrameSeen);
    } catch (BenchException | RuntimeException e) {
      close();
      throw e;
    }
  }

  /// Starts a gateway and waits until it forwards.
  ///
  /// @param settings more lines of `sluice.cfg`
  static WireSwapLane open(Bed bed, BenchSystem system, Path folder, String settings, int versions)
      throws BenchException {
    try {
      return new WireSwapLane(bed, system, folder, settings, versions);
    } catch (IOException | PkiException e) {
      throw new BenchException("a gateway's bundles cannot be made: " + e.getMessage(), e);
    }
  }

  /// Lines of `sluice.cfg` for a gateway that is to lose nothing on a machine that is shared.
  static String rings(BenchSystem system) {
    return system == BenchSystem.SLUICE_PACKET ? PACKET_RINGS : XDP_RINGS;
  }

  private VersionSink sink(int versions) throws BenchException {
    FramePattern pattern = UdpFrames.versioned(UdpFrames.LEAST);
    VersionSink opened =
        bed.world()
            .inside(
                "putting a program on " + World.SINK,
                () -> VersionSink.open(World.SINK, pattern, UdpFrames.FORBIDDEN_FLOW, versions));
    endings.push(opened::close);
    return opened;
  }

  /// A virtual wire takes redirected frames only if XDP is switched on at its other end.
  private void pass(String end) throws BenchException {
    XdpForwarder program =
        bed.world().inside("putting a program on " + end, () -> XdpForwarder.pass(end));
    endings.push(program::close);
  }

  private boolean isFrameSeen() throws BenchException {
    try (Traffic probe = traffic(UdpFrames.LEAST, PROBE_MPPS, PROBE_SECONDS)) {
      probe.await();
    }
    return 0 < sink.counts().received();
  }

  /// Something that must become true.
  @FunctionalInterface
  private interface Condition {
    boolean holds() throws BenchException;
  }

  private void await(String what, Condition condition) throws BenchException {
    long deadline = System.nanoTime() + START_LIMIT.toNanos();
    while (!condition.holds()) {
      requireAlive();
      if (deadline < System.nanoTime()) {
        throw failed("waited %d s in vain for %s".formatted(START_LIMIT.toSeconds(), what));
      }
      Lane.pause(LOOK_MILLIS);
    }
  }

  private void requireAlive() throws BenchException {
    if (!gateway.isAlive()) {
      throw failed("ended by itself");
    }
  }

  private BenchException failed(String sentence) {
    return new BenchException("the gateway " + sentence + ": " + gateway.lastWords());
  }

  private void awaitQuiet() throws BenchException {
    Lane.awaitQuiet(() -> sink.counts().received());
  }

  /// Forgets what was seen, once nothing of it is under way any more.
  private void reset() throws BenchException {
    awaitQuiet();
    sink.reset();
  }

  private Traffic traffic(int bytes, double mpps, double seconds) {
    int cpu = bed.cpus().generator();
    Traffic.Pace pace = new Traffic.Pace(mpps, seconds, Traffic.Bursts.LONG);
    return Traffic.paced(bed.world(), cpu, UdpFrames.versioned(bytes), pace);
  }

  @Override
  public BundleForge forge() {
    return forge;
  }

  @Override
  public Path file() {
    return bundles.resolve(FILE);
  }

  @Override
  public OutcomeBoard board() {
    return board;
  }

  @Override
  public Trial saturate(int bytes, double seconds) throws BenchException {
    int cpu = bed.cpus().generator();
    reset();
    try (Traffic traffic = Traffic.saturated(bed.world(), cpu, UdpFrames.versioned(bytes))) {
      Lane.pause(LEAD_MILLIS);
      OtherLoad load = OtherLoad.now(PROC);
      long before = sink.counts().received();
      long begun = System.nanoTime();
      Lane.pause((long) (seconds * 1000));
      double passed = sink.counts().received() - before;
      double mpps = passed * 1000 / (System.nanoTime() - begun);
      double others = OtherLoad.now(PROC).secondsSince(load, OtherLoad.ours());
      Traffic.Sent sent = traffic.stop();
      requireAlive();
      return new Trial(sent.mpps(), mpps, -1, 0, others, 0);
    }
  }

  @Override
  public Trial pace(int bytes, double mpps, double seconds) throws BenchException {
    reset();
    OtherLoad load = OtherLoad.now(PROC);
    try (Traffic traffic = traffic(bytes, mpps, seconds)) {
      Traffic.Sent sent = traffic.await();
      Lane.pause(BACKLOG_MILLIS);
      requireAlive();
      VersionSink.Counts counts = sink.counts();
      long allowed = sent.frames() - SwapLane.forbidden(sent.frames());
      long lost = Math.max(0, allowed - (counts.received() - counts.duplicated()));
      double others = OtherLoad.now(PROC).secondsSince(load, OtherLoad.ours());
      double delivered = counts.received() / sent.seconds() / 1e6;
      double percent = 100.0 * lost / Math.max(1, allowed);
      return new Trial(sent.mpps(), delivered, percent, 0, others, sent.late());
    }
  }

  @Override
  public Load load(int bytes, double mpps) throws BenchException {
    reset();
    Traffic traffic = traffic(bytes, mpps, ENDLESS_SECONDS);
    Witness witness = Witness.of(sink);
    return new Load() {
      @Override
      public Witness witness() {
        return witness;
      }

      @Override
      public Sent stop() throws BenchException {
        Traffic.Sent sent = traffic.stop();
        awaitQuiet();
        long forbidden = SwapLane.forbidden(sent.frames());
        return new Sent(sent.frames(), forbidden, sent.mpps(), sent.late());
      }

      @Override
      public void close() {
        traffic.close();
      }
    };
  }

  @Override
  public CpuWitness cpuWitness() {
    return CpuWitness.of(bed.cpus().forwarder());
  }

  @Override
  public void swapped(int swaps) {
    swapsByMillis.put(System.currentTimeMillis(), swaps);
  }

  /// Of the gateway's collections those of the whole heap count if there are enough, else the
  /// others, after which rubbish may be left.
  @Override
  public Heap heap() {
    List<JvmFigures.Collection> all = JvmFigures.collections(gateway.collections());
    HeapTrend full = trend(all.stream().filter(JvmFigures.Collection::full).toList());
    if (full.bytesPerSwap().isPresent()) {
      return new Heap(full, "full collections");
    }
    HeapTrend young = trend(all.stream().filter(each -> !each.full()).toList());
    return new Heap(young, "collections of young objects: older rubbish is left");
  }

  private HeapTrend trend(List<JvmFigures.Collection> collections) {
    TreeMap<Long, Integer> swaps = new TreeMap<>(swapsByMillis);
    HeapTrend trend = new HeapTrend();
    for (JvmFigures.Collection collection : collections) {
      Map.Entry<Long, Integer> before = swaps.floorEntry(collection.millis());
      if (before != null) {
        trend.add(before.getValue(), collection.bytes());
      }
    }
    return trend;
  }

  /// The gateway tells each loader once, when it has outlived six collections of the whole heap;
  /// the first ones that can leak are retired by the first swap.
  @Override
  public OptionalLong leakedLoaders() {
    long begun = swapsByMillis.keySet().stream().findFirst().orElse(Long.MAX_VALUE);
    long full =
        JvmFigures.collections(gateway.collections()).stream()
            .filter(each -> each.full() && begun < each.millis())
            .count();
    return full < TELLING_COLLECTIONS
        ? OptionalLong.empty()
        : OptionalLong.of(board.count("class-loader-leaked"));
  }

  @Override
  public String counters() {
    return gateway.counters();
  }

  @Override
  public void close() {
    while (!endings.isEmpty()) {
      endings.pop().run();
    }
  }
}
