package dev.sluice.runtime.pipeline;

import dev.sluice.plugin.Packet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// The next packets that match a filter, and what the chain did with them. All its memory is there
/// before it begins.
final class Trace {
  /// Most packets of one trace; a slot takes about a kilobyte.
  static final int MOST_PACKETS = 1000;

  private static final long LOOK_AGAIN_NANOS = 1_000_000;

  private final Predicate<Packet> filter;
  private final TraceSlot[] slots;
  private final AtomicInteger claimed = new AtomicInteger();
  private volatile @Nullable Throwable failure;

  /// @param filter called on the WorkThreads, for one packet after the other
  Trace(int packets, Predicate<Packet> filter) {
    if (packets < 1 || MOST_PACKETS < packets) {
      throw new IllegalArgumentException(
          "trace: packets = " + packets + ": allowed: 1.." + MOST_PACKETS);
    }
    this.filter = filter;
    this.slots = new TraceSlot[packets];
    for (int i = 0; i < packets; i++) {
      slots[i] = new TraceSlot();
    }
  }

  /// For a WorkThread that owns the frame: a slot of its own if the packet is to be traced, or
  /// null. A filter that throws ends the trace, not the packet.
  @Nullable TraceSlot claim(Frame frame) {
    if (claimed.getOpaque() >= slots.length || failure != null) {
      return null;
    }
    try {
      if (!filter.test(frame)) {
        return null;
      }
    } catch (Throwable e) {
      failure = e;
      return null;
    }
    int at = claimed.getAndIncrement();
    return at < slots.length ? slots[at] : null;
  }

  /// Waits until all packets have come through, the filter has failed, or the time is over.
  void await(Duration patience) throws InterruptedException {
    long begun = System.nanoTime();
    while (failure == null && done() < slots.length) {
      if (System.nanoTime() - begun > patience.toNanos()) {
        return;
      }
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      LockSupport.parkNanos(LOOK_AGAIN_NANOS);
    }
  }

  private int done() {
    int done = 0;
    for (TraceSlot slot : slots) {
      done += slot.isDone() ? 1 : 0;
    }
    return done;
  }

  /// What has come through, by time of arrival.
  ///
  /// @throws IllegalArgumentException if the filter failed
  List<TraceRecord> records() {
    Throwable e = failure;
    if (e != null) {
      throw new IllegalArgumentException(
          "the trace ended: its filter failed on a packet: " + FailureText.of(e), e);
    }
    List<TraceRecord> records = new ArrayList<>();
    for (TraceSlot slot : slots) {
      if (slot.isDone()) {
        records.add(slot.told());
      }
    }
    records.sort(Comparator.comparingLong(TraceRecord::arrivalNanos));
    return List.copyOf(records);
  }
}
