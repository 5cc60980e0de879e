package dev.sluice.runtime.bench;

import dev.sluice.plugin.DropReason;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.HdrHistogram.Histogram;

/// When a gateway lost frames for want of room, and what else happened then: how long ago the last
/// bundle was put in its place, whether a hypervisor had taken the processors away (steal time),
/// and what a [CpuWitness] saw of the forwarder's.
///
/// It looks at the gateway's counters ten times a second, which are up to 200 ms old themselves, so
/// no time in it is more exact than some 300 ms.
final class LossLog implements AutoCloseable {
  /// Most episodes that are kept; of later ones only the frames are added up.
  static final int MOST = 32;

  private static final long LOOK_NANOS = 100_000_000;

  /// Looks without a loss that part two episodes, and that what an episode tells of the machine may
  /// precede it by.
  private static final int APART = 4;

  private static final int SLOW_TIMES = 3;

  /// A second, in tenths of a microsecond.
  private static final long MOST_PROBE = 10_000_000;

  private static final List<String> WANT_OF_ROOM =
      List.of(
          DropReason.RECV_QUEUE_FULL.name(),
          DropReason.SEND_QUEUE_FULL.name(),
          DropReason.DEVICE_REFUSED.name());

  private final List<Episode> episodes = new ArrayList<>();
  private final Deque<Look> before = new ArrayDeque<>();
  private final Thread looking = Thread.ofPlatform().name("loss-log").daemon().unstarted(this::run);
  private final Histogram probes = new Histogram(MOST_PROBE, 2);
  private final Supplier<Look> look;
  private final long begunNanos;
  private long frames = -1;
  private int looksSince;

  /// As it was shortly before the episode that is the last.
  private Look atFirst = new Look(0, 0, 0, 0);

  private volatile long placedNanos;
  private volatile boolean ending;

  /// What there is to see at one moment.
  ///
  /// @param frames lost so far
  /// @param stolenMillis taken by the hypervisor so far
  /// @param withheldMillis of the forwarder's CPU so far
  /// @param probeMicros of the forwarder's CPU in the last 100 ms
  record Look(long frames, long stolenMillis, long withheldMillis, double probeMicros) {}

  /// Frames lost in a row.
  ///
  /// @param atMillis since the beginning
  /// @param frames lost
  /// @param sincePlacedMillis since the last file was put in its place, -1 if there was none before
  /// @param stolenMillis taken by the hypervisor from all CPUs together, until the episode's end
  /// @param withheldMillis of the forwarder's CPU, until the episode's end
  /// @param probeMicros the most within the episode and shortly before
  record Episode(
      long atMillis,
      long frames,
      long sincePlacedMillis,
      long stolenMillis,
      long withheldMillis,
      double probeMicros) {
    Map<String, Object> members() {
      Map<String, Object> members = new LinkedHashMap<>();
      members.put("atMillis", atMillis);
      members.put("frames", frames);
      members.put("sincePlacedMillis", sincePlacedMillis);
      members.put("stolenMillis", stolenMillis);
      members.put("withheldMillis", withheldMillis);
      members.put("probeMicros", Report.rounded(probeMicros, 1));
      return members;
    }

    /// With a later loss of the same episode, or with one for which there is no room.
    private Episode with(long fresh, Look now, Look atFirst, boolean isApart) {
      return new Episode(
          atMillis,
          frames + fresh,
          sincePlacedMillis,
          isApart ? stolenMillis : now.stolenMillis() - atFirst.stolenMillis(),
          isApart ? withheldMillis : now.withheldMillis() - atFirst.withheldMillis(),
          isApart ? probeMicros : Math.max(probeMicros, now.probeMicros()));
    }
  }

  private LossLog(Supplier<Look> look, long begunNanos) {
    this.look = look;
    this.begunNanos = begunNanos;
  }

  /// One that nobody but the caller has look.
  static LossLog idle(long begunNanos) {
    return new LossLog(() -> new Look(0, 0, 0, 0), begunNanos);
  }

  /// Begins to look.
  ///
  /// @param counters the gateway's, as JSON
  static LossLog start(Supplier<String> counters, Path proc, CpuWitness cpu) {
    Supplier<Look> look =
        () ->
            new Look(
                lost(counters.get()),
                OtherLoad.stolenMillis(proc),
                cpu.withheldMillis(),
                cpu.probeMicros());
    LossLog log = new LossLog(look, System.nanoTime());
    log.looking.start();
    return log;
  }

  private static long lost(String counters) {
    Map<String, Long> dropped = SwapRow.dropped(counters);
    return SwapRow.kernelDropped(counters)
        + WANT_OF_ROOM.stream().mapToLong(reason -> dropped.getOrDefault(reason, 0L)).sum();
  }

  private void run() {
    while (!ending) {
      note(look.get(), System.nanoTime());
      LockSupport.parkNanos(LOOK_NANOS);
    }
  }

  /// Says that a file was put in its place just now. Any thread.
  void placed() {
    placedNanos = System.nanoTime();
  }

  /// Takes in a look.
  synchronized void note(Look now, long nowNanos) {
    long fresh = frames < 0 ? 0 : Math.max(0, now.frames() - frames);
    frames = Math.max(frames, now.frames()); // counters that cannot be read count nothing
    before.addLast(now);
    if (before.size() > APART + 1) {
      before.removeFirst();
    }
    probes.recordValue(Math.min(MOST_PROBE, Math.round(10 * now.probeMicros())));
    looksSince++;
    if (fresh > 0) {
      lost(fresh, now, nowNanos);
      looksSince = 0;
    }
  }

  private void lost(long fresh, Look now, long nowNanos) {
    if (!episodes.isEmpty() && (looksSince <= APART || episodes.size() == MOST)) {
      episodes.add(episodes.removeLast().with(fresh, now, atFirst, looksSince > APART));
      return;
    }
    atFirst = before.getFirst();
    long placed = placedNanos;
    long since = placed == 0 ? -1 : TimeUnit.NANOSECONDS.toMillis(nowNanos - placed);
    long at = TimeUnit.NANOSECONDS.toMillis(nowNanos - begunNanos);
    double probe = before.stream().mapToDouble(Look::probeMicros).max().orElse(0);
    Episode none = new Episode(at, 0, since, 0, 0, probe);
    episodes.add(none.with(fresh, now, atFirst, false));
  }

  /// For about how long the probes took three times as long as they usually did.
  synchronized long slowMillis() {
    long usual = probes.getValueAtPercentile(50);
    long slow = usual == 0 ? 0 : probes.getCountBetweenValues(SLOW_TIMES * usual, MOST_PROBE);
    return slow * TimeUnit.NANOSECONDS.toMillis(LOOK_NANOS);
  }

  /// Times of the probes at all looks, in tenths of a microsecond; empty without a [CpuWitness].
  synchronized Histogram probes() {
    return probes.copy();
  }

  /// All so far, oldest first.
  synchronized List<Episode> episodes() {
    return List.copyOf(episodes);
  }

  /// Looks no more.
  @Override
  public void close() {
    ending = true;
    LockSupport.unpark(looking);
  }
}
