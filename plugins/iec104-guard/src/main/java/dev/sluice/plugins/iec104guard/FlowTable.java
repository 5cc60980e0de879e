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

  /// The flow from source to destination, or a silent one's entry that is now this flow's, or null
  /// if all entries of its set are in use.
  @Nullable Flow find(
      long sourceHigh, long sourceLow, long destHigh, long destLow, int ports, long nowNanos) {
    int first = set(sourceHigh, sourceLow, destHigh, destLow, ports) * WAYS;
    Flow silent = null;
    for (int i = first; i < first + WAYS; i++) {
      Flow flow = flows[i];
      // However silent it was: what stands in the middle of an APDU must not be forgotten lightly.
      if (flow.ports == ports
          && flow.sourceLow == sourceLow
          && flow.destLow == destLow
          && flow.sourceHigh == sourceHigh
          && flow.destHigh == destHigh) {
        return flow;
      }
      silent = isSilent(flow, nowNanos) ? flow : silent;
    }
    if (silent != null) {
      silent.sourceHigh = sourceHigh;
      silent.sourceLow = sourceLow;
      silent.destHigh = destHigh;
      silent.destLow = destLow;
      silent.ports = ports;
      silent.forget();
    }
    return silent;
  }

  private static boolean isSilent(Flow flow, long nowNanos) {
    return nowNanos - flow.lastNanos > (flow.closing ? CLOSING_NANOS : IDLE_NANOS);
  }

  private int set(long sourceHigh, long sourceLow, long destHigh, long destLow, int ports) {
    long hash = mix(seed ^ sourceHigh);
    hash = mix(hash ^ sourceLow);
    hash = mix(hash ^ destHigh);
    hash = mix(hash ^ destLow);
    return (int) mix(hash ^ ports) & SETS - 1;
  }

  /// The finalizer of MurmurHash3: each bit in changes each bit out with even odds.
  private static long mix(long value) {
    long mixed = (value ^ value >>> 33) * 0xff51afd7ed558ccdL;
    mixed = (mixed ^ mixed >>> 33) * 0xc4ceb9fe1a85ec53L;
    return mixed ^ mixed >>> 33;
  }
}
