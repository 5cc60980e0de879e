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

  private enum Count {
    RECEIVED,
    DUPLICATED,
    REORDERED,
    MISSING,
    UNMARKED,
    FORBIDDEN,
    BACKWARDS,
    STRANGE
  }

  /// What is kept of a version.
  private enum Part {
    COUNT,
    FIRST,
    LAST_MADE,
    STALE,
    ENDS,
    TRIAL
  }

  private static final int PARTS = Part.values().length;

  private final int flows;
  private final int forbidden;
  private final int versions;
  private final AtomicLongArray counts = new AtomicLongArray(Count.values().length);
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
    add(Count.RECEIVED, 1);
    boolean repeated = isRepeated(sequence);
    if (repeated) {
      add(Count.DUPLICATED, 1);
    }
    int flow = Integer.remainderUnsigned(sequence, flows);
    if (flow == forbidden) {
      add(Count.FORBIDDEN, 1);
    }
    noteOrder(flow, sequence, repeated);
    noteVersion(flow, version, madeNanos, nowNanos);
    if (Integer.remainderUnsigned(sequence, TIMED_OF) == 0) {
      noteDelay(madeNanos, nowNanos - madeNanos);
    }
  }

  private boolean isRepeated(int sequence) {
    int word = (sequence >>> 5) & (SEEN_WORDS - 1);
    long lap = sequence >>> 25;
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
      add(Count.MISSING, Integer.divideUnsigned(sequence, flows));
      latest[flow] = number;
      return;
    }
    int distance = sequence - (int) latest[flow];
    if (distance > 0) {
      add(Count.MISSING, distance / flows - 1);
      latest[flow] = number;
    } else if (distance < 0 && !repeated) {
      add(Count.MISSING, -1);
      add(Count.REORDERED, 1);
    }
  }

  private void noteVersion(int flow, int version, long madeNanos, long nowNanos) {
    if (version == 0) {
      add(Count.UNMARKED, 1);
    } else if (version < 0 || versions <= version) {
      add(Count.STRANGE, 1);
    } else {
      if (get(version, Part.COUNT) == 0) {
        set(version, Part.FIRST, nowNanos);
      }
      set(version, Part.COUNT, get(version, Part.COUNT) + 1);
      if (get(version, Part.LAST_MADE) < madeNanos) {
        set(version, Part.LAST_MADE, madeNanos);
      }
      long ends = get(version, Part.ENDS);
      if (ends != 0 && ends < madeNanos) {
        set(version, Part.STALE, get(version, Part.STALE) + 1);
      }
      noteBackwards(flow, version);
    }
  }

  private void noteBackwards(int flow, int version) {
    if (get(version, Part.TRIAL) != 0) {
      return;
    }
    if (version < highest[flow]) {
      add(Count.BACKWARDS, 1);
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

  private void add(Count count, long more) {
    int at = count.ordinal();
    counts.setOpaque(at, counts.getPlain(at) + more);
  }

  private static int at(int version, Part part) {
    return version * PARTS + part.ordinal();
  }

  private long get(int version, Part part) {
    return kept.getOpaque(at(version, part));
  }

  private void set(int version, Part part, long value) {
    kept.setOpaque(at(version, part), value);
  }

  @Override
  public VersionSink.Counts counts() {
    return new VersionSink.Counts(
        count(Count.RECEIVED),
        count(Count.DUPLICATED),
        count(Count.REORDERED),
        count(Count.MISSING),
        count(Count.UNMARKED),
        count(Count.FORBIDDEN),
        count(Count.BACKWARDS),
        count(Count.STRANGE),
        0);
  }

  private long count(Count count) {
    return counts.getOpaque(count.ordinal());
  }

  @Override
  public VersionSink.Sight sight(int version) {
    return new VersionSink.Sight(
        get(version, Part.COUNT),
        get(version, Part.FIRST),
        get(version, Part.LAST_MADE),
        get(version, Part.STALE));
  }

  @Override
  public void ends(int version, long nanos) {
    set(version, Part.ENDS, nanos);
  }

  @Override
  public void onTrial(int version) {
    set(version, Part.TRIAL, 1);
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
