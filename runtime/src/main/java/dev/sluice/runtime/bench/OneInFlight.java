package dev.sluice.runtime.bench;

import dev.sluice.kernel.FramePattern;
import dev.sluice.kernel.KernelException;
import dev.sluice.kernel.RoundTrips;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// One packet at a time, there and back: request and answer, as IEC 60870-5-104 does it. A packet
/// that does not come back is sent again, and counted as a stall.
final class OneInFlight {
  /// Before the first figure: what a JVM allocates and compiles in its first seconds is no
  /// packet's.
  private static final int WARM_UP_TRIPS = 200_000;

  private static final double WARM_UP_SECONDS = 10;
  private static final long STALL_NANOS = 100_000_000;
  private static final long START_NANOS = 20_000_000_000L;

  /// Share of one CPU that others may use, since a million round trips are no short run: as much as
  /// of two seconds in [OtherLoad#MOST_SECONDS].
  static final double QUIET_SHARE = 0.2;

  /// A run that took longer is not repeated, however disturbed it was.
  private static final double REPEATED_SECONDS = 60;

  private static final int MOST_STALLS = 1000;
  private static final long LOOK_MILLIS = 5;
  private static final long COUNTERS_MILLIS = 500; // the gateway's file is up to 200 ms old
  private static final Path PROC = Path.of("/proc");

  private final World world;
  private final Lane lane;
  private final FramePattern pattern;

  OneInFlight(World world, Lane lane, int bytes) {
    this.world = world;
    this.lane = lane;
    this.pattern = lane.pattern(bytes);
  }

  /// What came of it.
  ///
  /// @param nanos of each round trip
  /// @param stalls times that a frame was given up and the next was launched
  /// @param late of these, frames that came back after all; the others were lost
  @SuppressWarnings("ArrayRecordComponent") // made, read once and dropped
  private record Trips(long[] nanos, int stalls, long late) {}

  /// One run of it, and what others and the gateway's JVM did meanwhile.
  private record Run(
      Trips trips, double seconds, double others, JvmReading before, JvmReading after) {
    boolean isDisturbed() {
      return QUIET_SHARE * seconds < others;
    }
  }

  /// Measures, and again while others disturb it.
  ///
  /// @param trips at most
  /// @param seconds after which no more are made
  Map<String, Object> row(BenchSystem system, int trips, double seconds) throws BenchException {
    await(WARM_UP_TRIPS, START_NANOS, Math.min(WARM_UP_SECONDS, seconds));
    Run best = run(trips, seconds);
    for (int repeat = 0;
        repeat < Undisturbed.REPEATS && best.isDisturbed() && best.seconds < REPEATED_SECONDS;
        repeat++) {
      Run next = run(trips, seconds);
      if (next.others / next.seconds < best.others / best.seconds) {
        best = next;
      }
    }
    return row(system, best);
  }

  private Run run(int trips, double mostSeconds) throws BenchException {
    Lane.pause(COUNTERS_MILLIS);
    OtherLoad load = OtherLoad.now(PROC);
    JvmReading before = JvmReading.of(lane.forwarder());
    long start = System.nanoTime();
    Trips done = await(trips, STALL_NANOS, mostSeconds);
    double seconds = (System.nanoTime() - start) / 1e9;
    double others = OtherLoad.now(PROC).secondsSince(load, OtherLoad.ours());
    Lane.pause(COUNTERS_MILLIS);
    return new Run(done, seconds, others, before, JvmReading.of(lane.forwarder()));
  }

  private static Map<String, Object> row(BenchSystem system, Run run) throws BenchException {
    long[] nanos = run.trips.nanos;
    Map<String, Object> row = LatencyRow.of(system, "one", LatencyRow.histogram(nanos));
    row.put("stalls", run.trips.stalls);
    row.put("late", run.trips.late);
    row.put("seconds", Report.rounded(run.seconds, 1));
    row.put("otherCpuSeconds", Report.rounded(run.others, 2));
    row.put("disturbed", run.isDisturbed());
    run.after.putSince(run.before, row, 2L * nanos.length);
    return row;
  }

  private Trips await(int trips, long patienceNanos, double seconds) throws BenchException {
    return world.inside(
        "sending one packet at a time",
        () -> {
          try (RoundTrips going = RoundTrips.open(World.GENERATOR, pattern, trips)) {
            int stalls = watch(going, trips, patienceNanos, (long) (seconds * 1e9));
            return new Trips(going.nanos(), stalls, going.late());
          }
        });
  }

  private int watch(RoundTrips going, int trips, long patienceNanos, long mostNanos)
      throws KernelException, BenchException {
    int stalls = 0;
    int seen = 0;
    long begun = System.nanoTime();
    long seenAt = begun;
    going.launch();
    while (seen < trips && System.nanoTime() - begun < mostNanos + patienceNanos) {
      Lane.pause(LOOK_MILLIS);
      int now = going.completed();
      if (seen < now) {
        seen = now;
        seenAt = System.nanoTime();
      } else if (STALL_NANOS < System.nanoTime() - seenAt) {
        stalls++;
        requireUse(seen, stalls, patienceNanos);
        seenAt = System.nanoTime();
        going.launch();
      }
    }
    return stalls;
  }

  private void requireUse(int seen, int stalls, long patienceNanos) throws BenchException {
    boolean started = 0 < seen || stalls * STALL_NANOS < patienceNanos;
    if (!lane.forwarder().isAlive() || MOST_STALLS < stalls || (!started && seen == 0)) {
      throw new BenchException(
          "%d round trips and %d stalls, then nothing any more: %s"
              .formatted(seen, stalls, lane.forwarder().lastWords()));
    }
  }

  /// What a gateway's JVM has told so far; of other systems nothing.
  private record JvmReading(Optional<List<String>> pauses, long allocatedBytes) {
    static JvmReading of(Forwarder forwarder) {
      return forwarder instanceof GatewayForwarder gateway
          ? new JvmReading(gateway.pauses(), gateway.allocatedBytes())
          : new JvmReading(Optional.empty(), -1);
    }

    void putSince(JvmReading before, Map<String, Object> row, long packets) {
      if (before.pauses.isPresent() && pauses.isPresent()) {
        List<String> all = pauses.get();
        List<String> since = all.subList(before.pauses.get().size(), all.size());
        row.put("longestJvmPause", JvmFigures.longestPauseMicros(since));
      }
      if (0 <= before.allocatedBytes && 0 <= allocatedBytes) {
        double bytes = allocatedBytes - before.allocatedBytes;
        row.put("allocatedBytesPerPacket", Report.rounded(bytes / packets, 6));
      }
    }
  }
}
