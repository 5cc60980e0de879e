package dev.sluice.runtime.bench.swap;

import dev.sluice.kernel.VersionSink;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/// The same checks as those of a [VersionSink], in Java: for wires that end in this process.
///
/// One thread judges frames; the others may be called from any thread. Numbers that one thread
/// writes and others read are agreed on nothing but themselves, hence opaque access.
final class MemoryAudit implements Witness {
  /// One frame of so many is timed.
  private static final int TIMED_OF = 17;

  private static final int SAMPLES = 1 << 17;
  private static final int UNSETTLED = 64;
  private static final int SEEN_WORDS = 1 << 20;

  // Counts.
  private static final int RECEIVED = 0;
  private static final int DUPLICATED = 1;
  private static final int REORDERED = 2;
  private static final int MISSING = 3;
  private static final int UNMARKED = 4;
  private static final int FORBIDDEN = 5;
  private static final int BACKWARDS = 6;
  private static final int STRANGE = 7;
  private static final int COUNTS = 8;

  // What is kept of a version.
  private static final int COUNT = 0;
  private static final int FIRST = 1;
  private static final int LAST_MADE = 2;
  private static final int STALE = 3;
  private static final int ENDS = 4;
  private static final int TRIAL = 5;
  private static final int PARTS = 6;

  private final int flows;
  private final int forbidden;
  private final int versions;
  private final AtomicLongArray counts = new AtomicLongArray(COUNTS);
  private final AtomicLongArray kept;
  private final long[] latest; // plus 2^32, or 0 before the first
  private final int[] highest;

  /// For each 32 sequence numbers a bit each, below the number of the lap they are of.
  private final long[] seen = new long[SEEN_WORDS];

  private final long[] samples = new long[2 * SAMPLES];
  private final AtomicLong sampled = new AtomicLong();
  private long taken;

  /// Checks that have seen nothing yet.
  ///
  /// @param forbidden the flow that must not arrive, -1 for none
  /// @param versions are below it
  MemoryAudit(int flows, int forbidden, int versions) {
    this.flows = flows;
    this.forbidden = forbidden;
    this.versions = versions;
    this.kept = new AtomicLongArray(Math.multiplyExact(PARTS, versions));
    this.latest = new long[flows];
    this.highest = new int[flows];
  }

  /// Judges one frame.
  ///
  /// @param madeNanos when it was made
  /// @param nowNanos when it came
  void judge(int sequence, int version, long madeNanos, long nowNanos) {
    add(RECEIVED, 1);
    boolean repeated = isRepeated(sequence);
    if (repeated) {
      add(DUPLICATED, 1);
    }
    int flow = Integer.remainderUnsigned(sequence, flows);
    if (flow == forbidden) {
      add(FORBIDDEN, 1);
    }
    noteOrder(flow, sequence, repeated);
    noteVersion(flow, version, madeNanos, nowNanos);
    if (Integer.remainderUnsigned(sequence, TIMED_OF) == 0) {
      noteDelay(madeNanos, nowNanos - madeNanos);
    }
  }

  private boolean isRepeated(int sequence) {
    int word = (sequence >>> 5) & (SEEN_WORDS - 1);
    long lap = Integer.toUnsignedLong(sequence) >>> 25;
    long bit = 1L << (sequence & 31);
    if (seen[word] >>> 32 != lap) {
      seen[word] = (lap << 32) | bit;
      return false;
    }
    boolean repeated = (seen[word] & bit) != 0;
    seen[word] |= bit;
    return repeated;
  }

  /// Counts numbers that were skipped, and takes back those that come late.
  private void noteOrder(int flow, int sequence, boolean repeated) {
    long number = (1L << 32) | Integer.toUnsignedLong(sequence);
    if (latest[flow] == 0) {
      add(MISSING, Integer.divideUnsigned(sequence, flows));
      latest[flow] = number;
      return;
    }
    int distance = sequence - (int) latest[flow];
    if (distance > 0) {
      add(MISSING, distance / flows - 1);
      latest[flow] = number;
    } else if (distance < 0 && !repeated) {
      add(MISSING, -1);
      add(REORDERED, 1);
    }
  }

  private void noteVersion(int flow, int version, long madeNanos, long nowNanos) {
    if (version == 0) {
      add(UNMARKED, 1);
    } else if (version < 0 || versions <= version) {
      add(STRANGE, 1);
    } else {
      if (get(version, COUNT) == 0) {
        set(version, FIRST, nowNanos);
      }
      set(version, COUNT, get(version, COUNT) + 1);
      if (get(version, LAST_MADE) < madeNanos) {
        set(version, LAST_MADE, madeNanos);
      }
      long ends = get(version, ENDS);
      if (ends != 0 && ends < madeNanos) {
        set(version, STALE, get(version, STALE) + 1);
      }
      noteBackwards(flow, version);
    }
  }

  private void noteBackwards(int flow, int version) {
    if (get(version, TRIAL) != 0) {
      return;
    }
    if (version < highest[flow]) {
      add(BACKWARDS, 1);
    } else {
      highest[flow] = version;
    }
  }

  private void noteDelay(long madeNanos, long nanos) {
    long sample = sampled.getPlain();
    int at = 2 * (int) (sample & (SAMPLES - 1));
    samples[at] = madeNanos;
    samples[at + 1] = nanos;
    sampled.setRelease(sample + 1); // publishes both to delays()
  }

  private void add(int count, long more) {
    counts.setOpaque(count, counts.getPlain(count) + more);
  }

  private static int at(int version, int part) {
    return version * PARTS + part;
  }

  private long get(int version, int part) {
    return kept.getOpaque(at(version, part));
  }

  private void set(int version, int part, long value) {
    kept.setOpaque(at(version, part), value);
  }

  @Override
  public VersionSink.Counts counts() {
    return new VersionSink.Counts(
        count(RECEIVED),
        count(DUPLICATED),
        count(REORDERED),
        count(MISSING),
        count(UNMARKED),
        count(FORBIDDEN),
        count(BACKWARDS),
        count(STRANGE),
        0);
  }

  private long count(int count) {
    return counts.getOpaque(count);
  }

  @Override
  public VersionSink.Sight sight(int version) {
    return new VersionSink.Sight(
        get(version, COUNT), get(version, FIRST), get(version, LAST_MADE), get(version, STALE));
  }

  @Override
  public void ends(int version, long nanos) {
    set(version, ENDS, nanos);
  }

  @Override
  public void onTrial(int version) {
    set(version, TRIAL, 1);
  }

  @Override
  public long delays(VersionSink.Delays delays) {
    long now = sampled.getAcquire();
    long from = Math.max(taken, now - SAMPLES + UNSETTLED);
    for (long sample = from; sample < now; sample++) {
      int at = 2 * (int) (sample & (SAMPLES - 1));
      delays.delay(samples[at], samples[at + 1]);
    }
    long lost = from - taken;
    taken = now;
    return lost;
  }
}
