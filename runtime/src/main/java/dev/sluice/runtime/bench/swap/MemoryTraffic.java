package dev.sluice.runtime.bench.swap;

import dev.sluice.kernel.FramePattern;
import dev.sluice.kernel.FramePool;
import dev.sluice.kernel.MemoryWire;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// Frames of a [FramePattern] that go into one port of a gateway in this process and come out of
/// the other: one thread makes them, takes them, and has each one judged.
///
/// At most [#UNDER_WAY] frames are inside at a time, so that none is lost for want of room on a
/// wire whose far end does not run just then: the gateway can lose frames only by itself.
public final class MemoryTraffic implements AutoCloseable {
  /// Frames inside the gateway, at most; what a wire holds.
  static final int UNDER_WAY = MemoryWire.FRAMES;

  private static final int BURST = 64;
  private static final int SPINS = 200;

  /// When nothing has come for so long, what is inside is lost, and does not count as being there.
  private static final long LOST_NANOS = 3_000_000_000L;

  /// Once all have come: time for those that come twice.
  private static final long DRAIN_NANOS = 50_000_000;

  private static final ValueLayout.OfShort U16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfInt U32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfLong U64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  private final MemoryWire in;
  private final MemoryWire out;
  private final FramePattern pattern;
  private final int forbidden;
  private final int firstFlow;
  private final int frameBytes;
  private final short marker;
  private final MemorySegment frame;
  private final MemorySegment taken = MemorySegment.ofArray(new byte[FramePool.FRAME_BYTES]);
  private final MemoryAudit audit;
  private final double framesPerNano;
  private final Thread thread = Thread.ofPlatform().name("traffic").daemon().unstarted(this::run);
  private volatile boolean ending;
  private volatile @Nullable Throwable failure;

  // For the traffic's thread alone, until it has ended.
  private long made;
  private long madeForbidden;
  private long come;
  private long writtenOff;
  private long lastComeNanos;
  private long nanos;

  /// What was sent.
  ///
  /// @param frames all
  /// @param forbidden those of them that must not come out
  /// @param seconds of sending
  public record Sent(long frames, long forbidden, double seconds) {
    /// Million frames a second.
    public double mpps() {
      return 0 < seconds ? frames / seconds / 1e6 : 0;
    }
  }

  /// Traffic that [#start] begins.
  ///
  /// @param in the far end of the port that frames come in by
  /// @param out the far end of the port that they leave by
  /// @param forbidden the flow that must not come out
  MemoryTraffic(MemoryWire in, MemoryWire out, FramePattern pattern, int forbidden, Track track) {
    this.in = in;
    this.out = out;
    this.pattern = pattern;
    this.forbidden = forbidden;
    this.audit = track.audit();
    this.framesPerNano = track.mpps() / 1000;
    byte[] bytes = pattern.frame();
    this.frameBytes = bytes.length;
    this.frame = MemorySegment.ofArray(bytes);
    this.firstFlow = pattern.flowAt() < 0 ? 0 : frame.get(U16, pattern.flowAt());
    this.marker = frame.get(U16, pattern.markerAt());
  }

  /// How fast, and who judges.
  ///
  /// @param mpps million frames a second; infinite for as many as there can be
  record Track(double mpps, MemoryAudit audit) {}

  void start() {
    thread.start();
  }

  private void run() {
    try {
      send();
    } catch (RuntimeException | Error e) {
      failure = e; // told by stop()
    }
  }

  private void send() {
    long begun = System.nanoTime();
    lastComeNanos = begun;
    int idle = 0;
    while (!ending) {
      long now = System.nanoTime();
      boolean sent = make(now, now - begun);
      boolean received = take();
      idle = sent || received ? 0 : idle + 1;
      rest(idle);
    }
    nanos = System.nanoTime() - begun;
    drain();
  }

  private void drain() {
    lastComeNanos = System.nanoTime();
    long quiet = 0;
    int idle = 0;
    while (quiet < (made - madeForbidden - come <= 0 ? DRAIN_NANOS : LOST_NANOS)) {
      idle = take() ? 0 : idle + 1;
      quiet = System.nanoTime() - lastComeNanos;
      rest(idle);
    }
  }

  @SuppressWarnings("ThreadPriorityCheck") // so that whoever shares the core can run
  private static void rest(int idle) {
    if (idle > SPINS) {
      Thread.yield();
    } else if (idle > 0) {
      Thread.onSpinWait();
    }
  }

  private boolean make(long now, long sinceBegun) {
    long due = (long) Math.min(BURST, sinceBegun * framesPerNano - made);
    long inside = made - madeForbidden - come - writtenOff;
    if (UNDER_WAY <= inside && LOST_NANOS < now - lastComeNanos) {
      writtenOff += inside;
    }
    long count = Math.min(due, UNDER_WAY - inside);
    long before = made;
    while (made - before < count && offer(now)) {
      madeForbidden += made % pattern.flows() == forbidden ? 1 : 0;
      made++;
    }
    return made != before;
  }

  private boolean offer(long now) {
    int flow = (int) (made % pattern.flows());
    if (pattern.flowAt() >= 0) {
      frame.set(U16, pattern.flowAt(), (short) (firstFlow + flow));
    }
    frame.set(U32, pattern.sequenceAt(), (int) made);
    frame.set(U64, pattern.stampAt(), now);
    frame.set(U32, pattern.versionAt(), 0);
    return in.offer(frame, frameBytes);
  }

  private boolean take() {
    boolean some = false;
    for (int i = 0; i < BURST && out.poll(taken) > 0; i++) {
      if (taken.get(U16, pattern.markerAt()) == marker) {
        lastComeNanos = System.nanoTime();
        come++;
        audit.judge(
            taken.get(U32, pattern.sequenceAt()),
            taken.get(U32, pattern.versionAt()),
            taken.get(U64, pattern.stampAt()),
            lastComeNanos);
      }
      some = true;
    }
    return some;
  }

  /// Ends the sending, and waits until all has come out, or nothing for three seconds.
  ///
  /// @throws IllegalStateException if the sending failed
  Sent stop() {
    close();
    Throwable thrown = failure;
    if (thrown != null) {
      throw new IllegalStateException("the traffic failed", thrown);
    }
    return new Sent(made, madeForbidden, nanos / 1e9);
  }

  @Override
  public void close() {
    ending = true;
    boolean interrupted = false;
    while (thread.isAlive()) {
      LockSupport.parkNanos(1_000_000);
      interrupted |= Thread.interrupted();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
