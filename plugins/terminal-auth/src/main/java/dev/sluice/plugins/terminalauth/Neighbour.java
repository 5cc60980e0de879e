package dev.sluice.plugins.terminalauth;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.sluice.plugin.Device;
import dev.sluice.plugin.StateTable;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;

/// What the gateway knows of one master's hardware address in one VLAN of one device, in memory
/// that outlives a version of the bundle. Any WorkThread reads and writes it; a value that is an
/// instant old does no harm.
final class Neighbour {
  /// Stands for a hardware address that is not known.
  static final long UNKNOWN = 0;

  /// Bytes of the record's value.
  static final int BYTES = 40;

  private static final long HARDWARE_AT = 0;
  private static final long MAY_ASK_AT = 8;
  private static final long LEARNED_AT = 16;
  private static final long MOVED_AT = 24;
  private static final long BEFORE_AT = 32;
  private static final VarHandle LONG = JAVA_LONG.varHandle();

  final long addressHigh;
  final long addressLow;
  final Device device;
  final int vlanKey;
  private final MemorySegment memory;
  private final long at;

  /// A view of an entry.
  Neighbour(
      long addressHigh, long addressLow, Device device, int vlanKey, StateTable table, int entry) {
    this.addressHigh = addressHigh;
    this.addressLow = addressLow;
    this.device = device;
    this.vlanKey = vlanKey;
    this.memory = table.memory(entry);
    this.at = table.at(entry);
  }

  /// Lets a neighbour that nobody has asked for, in any version of the bundle, be asked from now
  /// on.
  void begin(long nowNanos) {
    boolean first = LONG.compareAndSet(memory, at + MAY_ASK_AT, 0L, nowNanos);
    assert first || get(MAY_ASK_AT) != 0;
  }

  boolean is(long high, long low, Device onDevice, int vlans) {
    return low == addressLow && high == addressHigh && onDevice == device && vlans == vlanKey;
  }

  private long get(long field) {
    return (long) LONG.getVolatile(memory, at + field);
  }

  /// 48 bits, or [#UNKNOWN].
  long hardware() {
    return get(HARDWARE_AT);
  }

  /// Takes in what the master has said of itself.
  ///
  /// @return whether that is another address than before
  boolean learn(long said, long nowNanos) {
    LONG.setVolatile(memory, at + LEARNED_AT, nowNanos);
    long before = (long) LONG.getAndSet(memory, at + HARDWARE_AT, said);
    if (before != said && before != UNKNOWN) {
      LONG.setVolatile(memory, at + BEFORE_AT, before);
      LONG.setVolatile(memory, at + MOVED_AT, 1L);
    }
    return before != said;
  }

  /// Whether the address is not known, or so old that the master should be asked again.
  boolean isStale(long nowNanos, long maxAgeNanos) {
    return hardware() == UNKNOWN || nowNanos - get(LEARNED_AT) > maxAgeNanos;
  }

  /// Whether the caller, alone among the WorkThreads, is to ask now.
  boolean claimQuestion(long nowNanos, long intervalNanos) {
    long mayAskAt = get(MAY_ASK_AT);
    return nowNanos - mayAskAt >= 0
        && LONG.compareAndSet(memory, at + MAY_ASK_AT, mayAskAt, nowNanos + intervalNanos);
  }

  /// Whether the caller, alone among the WorkThreads, is to report that the address has changed.
  boolean claimMove() {
    return get(MOVED_AT) != 0 && LONG.compareAndSet(memory, at + MOVED_AT, 1L, 0L);
  }

  /// The address before the last change.
  long hardwareBefore() {
    return get(BEFORE_AT);
  }
}
