package dev.sluice.runtime.pipeline;

import java.util.List;
import java.util.concurrent.atomic.AtomicLongArray;

/// Packets that one WorkThread gave to its chains, whatever chain that was, and what came out.
/// Written by the WorkThread alone, once per batch.
final class LoopCounters {
  /// Given to a chain, or to a closed one.
  static final int GIVEN = 0;

  /// Passed by the last handler.
  static final int PASSED = 1;

  /// Dropped by a closed chain.
  static final int CLOSED = 2;

  /// Without a verdict, because a handler was stuck.
  static final int STUCK = 3;

  private static final int APART = 16;

  private final AtomicLongArray counts = new AtomicLongArray(APART + 4 + APART);

  /// @param given packets that a chain has judged
  /// @param passed of those, the ones that are to leave
  void ran(int given, int passed) {
    add(GIVEN, given);
    add(PASSED, passed);
  }

  /// @param packets of those given that have no verdict, because a handler was stuck
  void stuck(int packets) {
    add(STUCK, packets);
  }

  /// @param given packets that a closed chain has dropped
  void dropped(int given) {
    add(GIVEN, given);
    add(CLOSED, given);
  }

  private void add(int what, int number) {
    int at = APART + what;
    counts.setOpaque(at, counts.getPlain(at) + number);
  }

  static long sum(List<Lane> lanes, int what) {
    long sum = 0;
    for (Lane lane : lanes) {
      sum += lane.counters().counts.getOpaque(APART + what);
    }
    return sum;
  }
}
