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
  private static final int WARM_UP_TRIPS = 50_000;
  private static final long STALL_NANOS = 100_000_000;
  private static final long START_NANOS = 20_000_000_000L;

  /// Share of one CPU that others may use, since a million round trips are no short run: as much as
  /// of two seconds in [OtherLoad#MOST_SECONDS].
  private static final double QUIET_SHARE = 0.2;

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
  @SuppressWarnings("ArrayRecordComponent") // made, read once and dropped
  private record Trips(long[] nanos, int stalls) {}

  Map<String, Object> row(BenchSystem system, int trips) throws BenchException {
    await(WARM_UP_TRIPS, START_NANOS);
    Lane.pause(COUNTERS_MILLIS);
    OtherLoad load = OtherLoad.now(PROC);
    JvmReading before = JvmReading.of(lane.forwarder());
    long start = System.nanoTime();
    Trips done = await(trips, STALL_NANOS);
    double seconds = (System.nanoTime() - start) / 1e9;
    double others = OtherLoad.now(PROC).secondsSince(load, OtherLoad.ours());
    Lane.pause(COUNTERS_MILLIS);
    Map<String, Object> row = LatencyRow.of(system, "one", LatencyRow.histogram(done.nanos));
    row.put("stalls", done.stalls);
    row.put("seconds", Report.rounded(seconds, 1));
    row.put("otherCpuSeconds", Report.rounded(others, 2));
    row.put("disturbed", QUIET_SHARE * seconds < others);
    JvmReading.of(lane.forwarder()).putSince(before, row, 2L * trips);
    return row;
  }

  private Trips await(int trips, long patienceNanos) throws BenchException {
    return world.inside(
        "sending one packet at a time",
        () -> {
          try (RoundTrips going = RoundTrips.open(World.GENERATOR, pattern, trips)) {
            int stalls = watch(going, trips, patienceNanos);
            return new Trips(going.nanos(), stalls);
          }
        });
  }

  private int watch(RoundTrips going, int trips, long patienceNanos)
      throws KernelException, BenchException {
    int stalls = 0;
    int seen = 0;
    long seenAt = System.nanoTime();
    going.launch();
    while (seen < trips) {
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
