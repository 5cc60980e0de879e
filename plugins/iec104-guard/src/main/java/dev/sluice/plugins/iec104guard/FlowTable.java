package dev.sluice.plugins.iec104guard;

import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/// The flows of one WorkThread: sets of eight entries each, made at start-up and used again for
/// another flow when theirs has been silent. One thread's; nothing is allocated after the
/// constructor.
///
/// A flow's set is chosen by a seeded hash, so nobody outside can fill one on purpose.
final class FlowTable {
  /// Entries, two for each connection.
  static final int MAX_FLOWS = 8192;

  private static final int WAYS = 8;
  private static final int SETS = MAX_FLOWS / WAYS;
  private static final long SECOND_NANOS = 1_000_000_000L;

  /// A live connection tests itself when it was idle for 20 s (IEC 60870-5-104, clause 9.6, t3).
  static final long IDLE_NANOS = 600 * SECOND_NANOS;

  private static final long CLOSING_NANOS = 60 * SECOND_NANOS;

  private final Flow[] flows = new Flow[MAX_FLOWS];
  private final long seed = new SplittableRandom().nextLong();

  /// @param nowNanos [System#nanoTime]; all entries count as silent then
  FlowTable(long nowNanos) {
    for (int i = 0; i < MAX_FLOWS; i++) {
      flows[i] = new Flow();
      flows[i].lastNanos = nowNanos - IDLE_NANOS - 1;
    }
  }

  /// The flow with this key, or null if it is not followed.
  @Nullable Flow find(FlowKey key) {
    int first = firstOf(key);
    for (int i = first; i < first + WAYS; i++) {
      // However silent it was: what stands in the middle of an APDU must not be forgotten lightly.
      if (flows[i].key.isSame(key)) {
        return flows[i];
      }
    }
    return null;
  }

  /// Gives a silent flow's entry to this key, which must not be in the table.
  ///
  /// @return null if all entries of its set are in use
  @Nullable Flow add(FlowKey key, long nowNanos) {
    int first = firstOf(key);
    for (int i = first; i < first + WAYS; i++) {
      Flow flow = flows[i];
      if (isSilent(flow, nowNanos)) {
        flow.key.set(key);
        flow.forget();
        return flow;
      }
    }
    return null;
  }

  private static boolean isSilent(Flow flow, long nowNanos) {
    return nowNanos - flow.lastNanos > (flow.closing ? CLOSING_NANOS : IDLE_NANOS);
  }

  private int firstOf(FlowKey key) {
    return ((int) key.hash(seed) & SETS - 1) * WAYS;
  }
}
