package dev.sluice.runtime.pipeline;

import dev.sluice.kernel.FramePool;
import dev.sluice.kernel.KernelException;
import dev.sluice.wire.Layers;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// Runs spare handlers over frames before their like are put in force: so that the code of the
/// handlers is compiled, and so that what fails at once is found before it meets a packet.
///
/// The frames are made up (see [WarmUpFrames]), and copies of recent ones; the ports that they seem
/// to come in by are the gateway's. All else is the rehearsal's own: thread, pool and queues.
/// Nothing leaves, if what the handlers send goes through a [BundleSender].
///
/// It ends when the compilers have made their best of what it has shown them, or at its limit.
///
/// A rehearsal begins no packet behind its limit. A handler that has not returned a second later is
/// left behind on its thread, with a pool of half a megabyte, until it does.
public final class Rehearsal {
  /// By then the compilers have been asked for their best, at the latest.
  private static final long MOST_PACKETS = 300_000;

  /// Before that they have not.
  private static final long LEAST_PACKETS = 20_000;

  /// From one look at the compilers to the next. Meanwhile they may need the very core that the
  /// rehearsal runs on.
  private static final long LOOK_NANOS = 5_000_000;

  /// The part of that time in which packets are run.
  private static final long BUSY_NANOS = LOOK_NANOS / 5;

  /// How much longer than the limit a thread may take to come to its end, where processors are
  /// busy.
  public static final Duration GRACE = Duration.ofSeconds(5);

  private final RehearsalPath path;
  private final long begun = System.nanoTime();
  private final long nanos;
  private volatile double nanosPerPacket = Double.NaN;
  private volatile @Nullable Throwable failure;

  private Rehearsal(RehearsalPath path, Duration limit) {
    this.path = path;
    this.nanos = limit.toNanos();
  }

  /// Rehearses until the limit, or until all has been seen.
  ///
  /// @param links of a chain, each with one handler
  /// @param recent frames to run beside those that are made up
  static Rehearsed run(
      List<Port> ports, List<Chain.Link> links, List<RecentFrames.Kept> recent, Duration limit)
      throws InterruptedException {
    if (limit.isNegative() || links.isEmpty()) {
      throw new IllegalArgumentException(
          "rehearsal of "
              + links.size()
              + " links for "
              + limit
              + ": allowed: at least one link, a limit not negative");
    }
    links.forEach(link -> link.check(1));
    RehearsalPath path;
    try {
      path = new RehearsalPath(ports, links, templates(ports.size(), recent));
    } catch (KernelException e) {
      throw new IllegalStateException("rehearsal: " + e.getMessage(), e);
    }
    Rehearsal rehearsal = new Rehearsal(path, limit);
    RehearsalThread thread = new RehearsalThread(path, rehearsal::play);
    thread.start();
    thread.join(limit.plus(GRACE));
    return rehearsal.result(thread.isAlive());
  }

  private static List<RecentFrames.Kept> templates(int ports, List<RecentFrames.Kept> recent) {
    List<RecentFrames.Kept> all = new ArrayList<>(recent);
    for (byte[] frame : WarmUpFrames.all()) {
      all.add(new RecentFrames.Kept(all.size() % ports, MemorySegment.ofArray(frame)));
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment outside = arena.allocate(FramePool.FRAME_BYTES);
      return all.stream().filter(each -> isJudged(each.bytes(), outside)).toList();
    }
  }

  /// Whether a gateway would give such a frame to its handlers. Parsed outside of the heap, like
  /// all frames: code that was compiled for those would be given up for one that is not.
  private static boolean isJudged(MemorySegment frame, MemorySegment outside) {
    int bytes = (int) frame.byteSize();
    MemorySegment.copy(frame, 0, outside, 0, bytes);
    return new Layers().parse(outside, bytes) == Layers.Finding.OK;
  }

  private void play() {
    Compilers compilers = new Compilers();
    try (path) {
      long packets = 0;
      // A batch at least, or one that got no processor in time would count as passed.
      while (packets < MOST_PACKETS && (packets == 0 || isTimeLeft())) {
        long look = System.nanoTime() + (packets < LEAST_PACKETS ? LOOK_NANOS : BUSY_NANOS);
        long judged = playUntil(look);
        packets += judged;
        if (judged == 0) {
          return;
        }
        if (packets >= LEAST_PACKETS) {
          if (compilers.areAtRest()) {
            return;
          }
          LockSupport.parkNanos(LOOK_NANOS - BUSY_NANOS);
        }
      }
    } catch (Throwable e) { // a fault of the rehearsal, told like one of a handler
      failure = e;
    }
  }

  /// Ends a little before the limit, so that whoever waits finds it ended.
  private boolean isTimeLeft() {
    return System.nanoTime() - begun < nanos - nanos / 16;
  }

  /// Runs packets for some time, at least one batch.
  ///
  /// @return how many were judged; 0 when handlers hold all frames
  private long playUntil(long until) {
    long first = System.nanoTime();
    long packets = 0;
    do {
      int judged = path.turn();
      if (judged == 0) {
        break;
      }
      packets += judged;
    } while (System.nanoTime() - until < 0 && isTimeLeft());
    if (packets > 0) {
      nanosPerPacket = (System.nanoTime() - first) / (double) packets;
    }
    return packets;
  }

  private Rehearsed result(boolean leftBehind) {
    Map<String, Long> verdicts = new TreeMap<>();
    long failures = 0;
    String first = FailureText.of(failure);
    for (HandlerCounters counters : path.counters()) {
      BundleSum sum = new BundleSum(counters.bundle());
      sum.add(counters);
      BundleCounters row = sum.row(0);
      failures += row.failed() + row.ticksFailed();
      first = first.isEmpty() ? counters.firstFailure() : first;
      count(verdicts, "answered", row.answered());
      count(verdicts, "taken", row.taken());
      count(verdicts, "failed", row.failed());
      row.dropped().forEach((reason, packets) -> count(verdicts, "drop " + reason, packets));
    }
    count(verdicts, "pass", LoopCounters.sum(path.lanes(), LoopCounters.PASSED));
    return new Rehearsed(
        LoopCounters.sum(path.lanes(), LoopCounters.GIVEN),
        failures + (failure == null ? 0 : 1),
        first,
        nanosPerPacket,
        verdicts,
        path.sends(),
        leftBehind,
        Duration.ofNanos(System.nanoTime() - begun));
  }

  private static void count(Map<String, Long> verdicts, String verdict, long packets) {
    if (packets > 0) {
      verdicts.merge(verdict, packets, Long::sum);
    }
  }
}
