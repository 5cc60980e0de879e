package dev.sluice.plugins.terminalauth;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;

/// What the gate and admission keep of one terminal's session, in memory that outlives a version of
/// the bundle. Every method is safe for any thread, and none allocates.
///
/// @param memory holds the record, from `at` on
record TerminalRecord(MemorySegment memory, long at) {
  /// Bytes of the part that belongs to the session.
  static final int SESSION_BYTES = 48;

  private static final long SESSION_AT = 0;

  /// Number of connections, below the low half of the number of the session that has them.
  private static final long CONNECTIONS_AT = 8;

  private static final long MISMATCHES_AT = 16;
  private static final long TRAFFIC_AT = 24;
  private static final long DEVICE_AT = 32;
  private static final long VLAN_AT = 36;
  private static final long HARDWARE_AT = 40;

  private static final VarHandle LONG = JAVA_LONG.varHandle();
  private static final int ID_SHIFT = 32;

  /// Memory for a record that no table has.
  static MemorySegment ofItsOwn() {
    return MemorySegment.ofArray(new long[SESSION_BYTES / Long.BYTES]);
  }

  /// The number of the session that lives, or 0.
  long sessionId() {
    return (long) LONG.getVolatile(memory, at + SESSION_AT);
  }

  /// Begins a session; there is none. Its number is written last: who reads it reads all else.
  void begin(long id, Binding binding, long nowNanos) {
    LONG.setVolatile(memory, at + CONNECTIONS_AT, id << ID_SHIFT);
    LONG.setVolatile(memory, at + MISMATCHES_AT, 0L);
    traffic(nowNanos);
    memory.set(JAVA_INT, at + DEVICE_AT, binding.device().index());
    memory.set(JAVA_INT, at + VLAN_AT, binding.vlanKey());
    memory.set(JAVA_LONG, at + HARDWARE_AT, binding.hardwareAddress());
    LONG.setVolatile(memory, at + SESSION_AT, id);
  }

  /// Ends a session, if it lives.
  void end(long id) {
    LONG.compareAndSet(memory, at + SESSION_AT, id, 0L);
  }

  int deviceIndex() {
    return memory.get(JAVA_INT, at + DEVICE_AT);
  }

  int vlanKey() {
    return memory.get(JAVA_INT, at + VLAN_AT);
  }

  long hardwareAddress() {
    return memory.get(JAVA_LONG, at + HARDWARE_AT);
  }

  long lastTrafficNanos() {
    return (long) LONG.getOpaque(memory, at + TRAFFIC_AT);
  }

  void traffic(long nowNanos) {
    LONG.setOpaque(memory, at + TRAFFIC_AT, nowNanos);
  }

  long mismatches() {
    return (long) LONG.getVolatile(memory, at + MISMATCHES_AT);
  }

  void addMismatches(long packets) {
    long ignored = (long) LONG.getAndAdd(memory, at + MISMATCHES_AT, packets);
  }

  int connections(long id) {
    long word = (long) LONG.getVolatile(memory, at + CONNECTIONS_AT);
    return (int) (word >>> ID_SHIFT) == (int) id ? (int) word : 0;
  }

  boolean addConnection(long id, int most) {
    while (true) {
      long word = (long) LONG.getVolatile(memory, at + CONNECTIONS_AT);
      if ((int) (word >>> ID_SHIFT) != (int) id || (int) word >= most) {
        return false;
      }
      if (LONG.compareAndSet(memory, at + CONNECTIONS_AT, word, word + 1)) {
        return true;
      }
    }
  }

  void removeConnection(long id) {
    while (true) {
      long word = (long) LONG.getVolatile(memory, at + CONNECTIONS_AT);
      if ((int) (word >>> ID_SHIFT) != (int) id || (int) word == 0) {
        return;
      }
      if (LONG.compareAndSet(memory, at + CONNECTIONS_AT, word, word - 1)) {
        return;
      }
    }
  }
}
