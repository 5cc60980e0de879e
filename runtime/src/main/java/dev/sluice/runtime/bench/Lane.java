package dev.sluice.runtime.bench;

import dev.sluice.kernel.FramePattern;
import dev.sluice.kernel.FrameReflector;
import dev.sluice.kernel.FrameSink;
import dev.sluice.kernel.XdpForwarder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.IntFunction;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/// One system that forwards, with what stands at the far ends of its wires.
final class Lane implements Loadable, AutoCloseable {
  private static final Path PROC = Path.of("/proc");
  private static final Duration START_LIMIT = Duration.ofSeconds(60);
  private static final long LOOK_MILLIS = 20;
  private static final long LEAD_MILLIS = 300;
  private static final long DRAIN_MILLIS = 150;
  private static final long QUIET_MILLIS = 300;
  private static final Duration QUIET_LIMIT = Duration.ofSeconds(30);
  private static final double PROBE_MPPS = 0.001;
  private static final double PROBE_SECONDS = 0.02;

  /// What stands behind the wires.
  enum Ends {
    /// The generator's frames are counted.
    ONE_WAY(0),
    /// The delays of so many frames are kept as well.
    DELAYS(1 << 20),
    /// Frames are sent back to where they came from.
    ROUND_TRIP(0);

    private final int samples;

    Ends(int samples) {
      this.samples = samples;
    }
  }

  private final Bed bed;
  private final BenchSystem system;
  private final Deque<Part> parts = new ArrayDeque<>(); // last opened first
  private IntFunction<FramePattern> frames = UdpFrames::pattern;
  private IntSupplier live = () -> 0;
  private Traffic.Bursts bursts = Traffic.Bursts.SHORT;

  /// Something to be closed.
  private interface Part extends AutoCloseable {
    @Override
    void close();
  }

  @SuppressWarnings("NullAway.Init") // set by open(), which gives away none without
  private Forwarder forwarder;

  @SuppressWarnings("NullAway.Init") // set by open() unless the frames are sent back
  private FrameSink sink;

  private Lane(Bed bed, BenchSystem system) {
    this.bed = bed;
    this.system = system;
  }

  /// Starts a system and waits until it forwards.
  ///
  /// @throws BenchException if it does not, within a minute
  static Lane open(Bed bed, BenchSystem system, BenchChain chain, Ends ends) throws BenchException {
    Lane lane = new Lane(bed, system);
    try {
      lane.start(chain, ends);
      return lane;
    } catch (BenchException | RuntimeException e) {
      lane.close();
      throw e;
    }
  }

  private void start(BenchChain chain, Ends ends) throws BenchException {
    if (system.receivesBehindXdp()) {
      pass(World.FIRST);
      pass(World.SECOND);
    }
    if (ends != Ends.ROUND_TRIP) {
      pass(World.GENERATOR);
    }
    if (chain == BenchChain.REAL) {
      startWithSessions(ends);
      return;
    }
    standAtTheEnd(ends);
    forwarder = keep(starting());
    await("the word that it is ready", forwarder::isReady);
    awaitFirstFrame(ends);
  }

  /// The sessions tell which frames belong to them, once they are there.
  private void startWithSessions(Ends ends) throws BenchException {
    forwarder = keep(gateway(bed.sessions().folder(), RealChain.REQUIRED));
    await("the word that it is ready", forwarder::isReady);
    RealChain.Open opened = bed.sessions().open(bed.world());
    parts.push(opened::close);
    frames = opened::pattern;
    live = opened::live;
    standAtTheEnd(ends);
    awaitFirstFrame(ends);
  }

  private Forwarder starting() throws BenchException {
    return switch (system.kind()) {
      case KERNEL -> KernelForwarder.start(bed.world(), bed.cpus(), system, bed.isThreaded(system));
      case TESTPMD -> TestpmdForwarder.start(bed.world(), bed.cpus(), system);
      case GATEWAY -> gateway(bed.gatewayFolder(), "none");
    };
  }

  private Forwarder gateway(Path folder, String required) throws BenchException {
    String settings = GatewayForwarder.settings(system, bed.cpus(), required);
    GatewayFolder.configure(folder, settings + bed.moreSettings());
    return GatewayForwarder.start(bed.world(), bed.home(), folder);
  }

  private void standAtTheEnd(Ends ends) throws BenchException {
    FramePattern pattern = frames.apply(UdpFrames.LEAST);
    String what = "putting a program on " + World.SINK;
    if (ends == Ends.ROUND_TRIP) {
      FrameReflector mirror =
          bed.world().inside(what, () -> FrameReflector.open(World.SINK, pattern));
      parts.push(mirror::close);
    } else {
      sink = bed.world().inside(what, () -> FrameSink.open(World.SINK, pattern, ends.samples));
      parts.push(sink::close);
    }
  }

  /// A virtual wire takes redirected frames only if XDP is switched on at its other end.
  private void pass(String end) throws BenchException {
    XdpForwarder program =
        bed.world().inside("putting a program on " + end, () -> XdpForwarder.pass(end));
    parts.push(program::close);
  }

  private Forwarder keep(Forwarder started) {
    parts.push(started::close);
    return started;
  }

  private void awaitFirstFrame(Ends ends) throws BenchException {
    if (ends != Ends.ROUND_TRIP) {
      await("the first frame behind it", this::isFrameSeen);
    }
  }

  private boolean isFrameSeen() throws BenchException {
    FramePattern pattern = frames.apply(UdpFrames.LEAST);
    int cpu = bed.cpus().generator();
    try (Traffic probe = Traffic.paced(bed.world(), cpu, pattern, PROBE_MPPS, PROBE_SECONDS)) {
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
      pause(LOOK_MILLIS);
    }
  }

  private void requireAlive() throws BenchException {
    if (!forwarder.isAlive()) {
      throw failed("ended by itself");
    }
  }

  private BenchException failed(String sentence) {
    String words = String.join(" | ", forwarder.lastWords());
    return new BenchException(
        system.label() + ": " + sentence + (words.isEmpty() ? "" : ": ") + words);
  }

  Forwarder forwarder() {
    return forwarder;
  }

  FrameSink sink() {
    return sink;
  }

  /// Sessions that have not ended, as far as their terminals know.
  int liveSessions() {
    return live.getAsInt();
  }

  /// Frames that this system lets through.
  FramePattern pattern(int bytes) {
    return frames.apply(bytes);
  }

  /// Sends for a while without looking. No frame of it is under way any more at the end.
  void warmUp(int bytes, double seconds) throws BenchException {
    try (Traffic traffic = saturated(bytes)) {
      pause((long) (seconds * 1000));
      traffic.stop();
    }
    pause(DRAIN_MILLIS);
    requireAlive();
  }

  private Traffic saturated(int bytes) {
    return Traffic.saturated(bed.world(), bed.cpus().generator(), pattern(bytes));
  }

  /// Begins to send at a rate.
  Traffic paced(int bytes, double mpps, double seconds) {
    Traffic.Pace pace = new Traffic.Pace(mpps, seconds, bursts);
    return Traffic.paced(bed.world(), bed.cpus().generator(), pattern(bytes), pace);
  }

  /// Has what is sent at a rate come in other bursts from now on.
  void bursts(Traffic.Bursts changed) {
    bursts = changed;
  }

  @Override
  public Trial saturate(int bytes, double seconds) throws BenchException {
    try (Traffic traffic = saturated(bytes)) {
      pause(LEAD_MILLIS);
      Reading before = Reading.of(this);
      pause((long) (seconds * 1000));
      Reading after = Reading.of(this);
      Traffic.Sent sent = traffic.stop();
      pause(DRAIN_MILLIS); // what comes late must not make up for what the next trial loses
      requireAlive();
      return after.since(before, sent, -1);
    }
  }

  @Override
  public Trial pace(int bytes, double mpps, double seconds) throws BenchException {
    Reading before = Reading.of(this);
    try (Traffic traffic = paced(bytes, mpps, seconds)) {
      Traffic.Sent sent = traffic.await();
      Reading end = Reading.of(this);
      pause(DRAIN_MILLIS);
      requireAlive();
      long received = sink.counts().received() - before.received;
      double loss = sent.frames() == 0 ? 0 : 100.0 * (sent.frames() - received) / sent.frames();
      return end.since(before, sent, Math.max(0, loss));
    }
  }

  /// All counters at one moment.
  private record Reading(long received, long nanos, double cpuSeconds, OtherLoad load) {
    static Reading of(Lane lane) {
      OtherLoad load = OtherLoad.now(PROC);
      double cpu = lane.forwarder.cpuSeconds();
      return new Reading(lane.sink.counts().received(), System.nanoTime(), cpu, load);
    }

    Trial since(Reading before, Traffic.Sent sent, double lossPercent) {
      long packets = Math.max(1, received - before.received);
      double seconds = (nanos - before.nanos) / 1e9;
      return new Trial(
          sent.mpps(),
          packets / seconds / 1e6,
          lossPercent,
          (cpuSeconds - before.cpuSeconds) / packets * 1e6,
          load.secondsSince(before.load, OtherLoad.ours()),
          sent.late());
    }
  }

  /// Waits until no frame has come for [#QUIET_MILLIS], and at most half a minute: where a ring is
  /// long and its reader slow, frames come late that are not lost.
  static void awaitQuiet(LongSupplier received) throws BenchException {
    long deadline = System.nanoTime() + QUIET_LIMIT.toNanos();
    long before = -1;
    for (long now = received.getAsLong();
        now != before && System.nanoTime() - deadline < 0;
        now = received.getAsLong()) {
      before = now;
      pause(QUIET_MILLIS);
    }
  }

  static void pause(long millis) throws BenchException {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BenchException("interrupted", e);
    }
  }

  @Override
  public void close() {
    while (!parts.isEmpty()) {
      parts.pop().close();
    }
  }
}
