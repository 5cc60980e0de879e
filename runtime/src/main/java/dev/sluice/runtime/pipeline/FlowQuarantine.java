package dev.sluice.runtime.pipeline;

import dev.sluice.plugin.FlowHash;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.LinkedHashMap;
import org.jspecify.annotations.Nullable;

/// Flows whose packets are dropped as `flow-quarantined` before they reach a queue, for a while:
/// those that had a handler stuck, so that they do not do it to the next one at once. At most 256
/// at a time; one more takes the place of the oldest.
///
/// A flow is known by the port it comes in by and a number of 32 bits that nobody outside can aim
/// at ([FlowHash]): a flow is dropped for another's sake with a probability of 2^-24 at most.
final class FlowQuarantine {
  static final int MOST_FLOWS = 256;

  private static final VarHandle FLOWS;

  static {
    try {
      FLOWS = MethodHandles.lookup().findVarHandle(FlowQuarantine.class, "flows", Flows.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final FlowHash hash = new FlowHash();

  /// When each flow's time is over, by [System#nanoTime], the oldest first. Guarded by this.
  private final LinkedHashMap<Long, Long> until = new LinkedHashMap<>();

  /// What `until` says, for the ReadThread, or null. Published with release.
  @SuppressWarnings("UnusedVariable") // read and written through FLOWS
  private @Nullable Flows flows;

  /// An immutable set of flows.
  static final class Flows {
    private final long[] keys;
    private final FlowHash hash;

    private Flows(long[] keys, FlowHash hash) {
      this.keys = keys;
      this.hash = hash;
    }

    boolean has(Frame frame) {
      return Arrays.binarySearch(keys, key(frame, hash)) >= 0;
    }
  }

  private static long key(Frame frame, FlowHash hash) {
    return (long) frame.arrivedBy().index() << 32 | Integer.toUnsignedLong(hash.hash(frame));
  }

  /// For the ReadThread, once for each turn: null as long as there are none.
  @Nullable Flows flows() {
    return (Flows) FLOWS.getAcquire(this);
  }

  /// For any thread: drops the flow of this packet from now on.
  ///
  /// @param nanos for how long
  synchronized void add(Frame frame, long nanos) {
    long key = key(frame, hash);
    until.remove(key);
    if (until.size() == MOST_FLOWS) {
      until.pollFirstEntry();
    }
    until.put(key, System.nanoTime() + nanos);
    publish();
  }

  /// For any thread: lets those pass again whose time is over.
  synchronized void expire() {
    long now = System.nanoTime();
    if (until.values().removeIf(end -> end - now <= 0)) {
      publish();
    }
  }

  /// For any thread: lets all pass again.
  synchronized void clear() {
    until.clear();
    publish();
  }

  synchronized int size() {
    return until.size();
  }

  private void publish() {
    long[] keys = until.keySet().stream().mapToLong(Long::longValue).sorted().toArray();
    FLOWS.setRelease(this, keys.length == 0 ? null : new Flows(keys, hash));
  }
}
