package dev.sluice.runtime.pipeline;

import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/// What became of the packets that one handler instance saw. Written by its WorkThread alone; a
/// handler that stays in the chain keeps its counters.
final class HandlerCounters {
  static final int PASSED = 0;
  static final int DROPPED = 1;
  static final int ANSWERED = 2;
  static final int TAKEN = 3;
  static final int FAILED = 4;

  /// The failure of a handler that threw nothing, and answered no verdict either.
  static final String NO_VERDICT = "receive() answered null";

  private final String bundle;

  /// Longs on either side that are not used, so that what another WorkThread writes to is on no
  /// cache line of these, nor on the one the processor fetches along with it.
  private static final int APART = 16;

  private final AtomicLongArray counts = new AtomicLongArray(APART + 5 + APART);
  private volatile @Nullable Object lastFailure;

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

  /// Keeps the last failure, so that the operator can be told.
  ///
  /// @param failure what was thrown, or [#NO_VERDICT]
  void failed(Object failure) {
    add(FAILED);
    lastFailure = failure;
  }

  long count(int what) {
    return counts.getOpaque(APART + what);
  }

  @Nullable Object lastFailure() {
    return lastFailure;
  }
}
