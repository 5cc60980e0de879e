package dev.sluice.runtime.pipeline;

import dev.sluice.plugin.DropReason;
import dev.sluice.plugin.Verdict;
import java.util.concurrent.atomic.AtomicLongArray;

/// What became of the packets that one handler instance saw. Written by its WorkThread alone; a
/// handler that stays in the chain keeps its counters.
///
/// Each packet that it judged is counted once, as passed, answered, taken, dropped or failed, so
/// that their sum is the number of packets it was given.
final class HandlerCounters {
  /// Given to the next handler, or to the egress behind the last.
  static final int PASSED = 0;

  static final int ANSWERED = 1;

  /// Handed over, sent on or held, whatever the handler said of it then.
  static final int TAKEN = 2;

  /// The handler threw, or answered no verdict.
  static final int FAILED = 3;

  /// Ticks that threw; no packet is in it.
  static final int TICK_FAILED = 4;

  /// Packets that another instance judged in the place of this one, which was on trial.
  static final int RESCUED = 5;

  /// The failure of a handler that threw nothing, and answered no verdict either.
  static final String NO_VERDICT = "receive() answered null";

  private static final int COUNTS = 6;

  /// From one failure that is told to the next.
  private static final long TOLD_EACH_NANOS = 1_000_000_000;

  /// Longs on either side that are not used, so that what another WorkThread writes to is on no
  /// cache line of these, nor on the one the processor fetches along with it.
  private static final int APART = 16;

  private final String bundle;
  private final AtomicLongArray counts = new AtomicLongArray(APART + COUNTS + APART);

  /// By the index of the reason. All of it from the start, 8 KiB, so that no packet pays for it.
  private final AtomicLongArray dropped =
      new AtomicLongArray(APART + DropReason.MAX_REASONS + APART);

  private final LatencyHistogram latency = new LatencyHistogram();

  /// As text, empty for none.
  private volatile String firstFailure = "";

  private volatile String lastFailure = "";

  /// When the last failure became a text.
  private long toldNanos;

  HandlerCounters(String bundle) {
    this.bundle = bundle;
  }

  String bundle() {
    return bundle;
  }

  void add(int what) {
    int at = APART + what;
    counts.setOpaque(at, counts.getPlain(at) + 1);
  }

  /// Counts a packet that does not go on to the next handler.
  ///
  /// @param owned whether the packet was not handed over; else that is what became of it
  /// @return the verdict
  Verdict ended(Verdict verdict, boolean owned) {
    if (!owned) {
      add(TAKEN);
    } else if (verdict == Verdict.ANSWERED) {
      add(ANSWERED);
    } else {
      DropReason reason = verdict.reason();
      drop(reason == null ? DropReason.HANDLER_MISUSE : reason);
    }
    return verdict;
  }

  private void drop(DropReason reason) {
    int at = APART + reason.index();
    dropped.setOpaque(at, dropped.getPlain(at) + 1);
  }

  /// Counts a packet that there is no verdict for.
  ///
  /// @param failure what was thrown, or [#NO_VERDICT]
  void failed(Object failure) {
    add(FAILED);
    noted(failure);
  }

  /// Counts a tick that threw.
  void tickFailed(Throwable failure) {
    add(TICK_FAILED);
    noted(failure);
  }

  /// Keeps what was thrown as text, so that the operator can be told: the first one, then at most
  /// one a second, and each that there was no memory, since the host acts on those.
  void noted(Object failure) {
    long now = System.nanoTime();
    boolean first = firstFailure.isEmpty();
    if (first
        || now - toldNanos >= TOLD_EACH_NANOS
        || failure.getClass() == OutOfMemoryError.class) {
      String text = FailureText.of(failure);
      toldNanos = now;
      lastFailure = text;
      if (first) {
        firstFailure = text;
      }
    }
  }

  long count(int what) {
    return counts.getOpaque(APART + what);
  }

  /// Packets dropped for a reason.
  ///
  /// @param reason its index
  long dropped(int reason) {
    return dropped.getOpaque(APART + reason);
  }

  /// How long the packets of measured batches took.
  LatencyHistogram latency() {
    return latency;
  }

  /// What failed first, or an empty text.
  String firstFailure() {
    return firstFailure;
  }

  /// What failed lately, or an empty text.
  String lastFailure() {
    return lastFailure;
  }
}
