package dev.sluice.plugins.terminalauth;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;

/// What is kept of one terminal in memory that outlives a version of the bundle: its session, as
/// the gate reads and counts on the packet path, its lease, and, from [#LINE_AT] on, its DTLS
/// association ([SecureLine]).
///
/// The session's part is safe for any thread, and nothing of it allocates. The rest is read and
/// written under [AdmissionState]'s lock, but for single numbers that say otherwise.
///
/// @param memory holds the record, from `at` on
record TerminalRecord(MemorySegment memory, long at) {
  /// Number of the layout, as a table's schema.
  static final int SCHEMA = 1;

  private static final long SESSION_AT = 0;

  /// Number of connections, below the low half of the number of the session that has them.
  private static final long CONNECTIONS_AT = 8;

  private static final long MISMATCHES_AT = 16;
  private static final long TRAFFIC_AT = 24;
  private static final long DEVICE_AT = 32;
  private static final long VLAN_AT = 36;
  private static final long HARDWARE_AT = 40;

  /// Numbers of the lease, by their place.
  static final long LEASE_AT = 48;

  static final long BEGAN_AT = 56;
  static final long LAST_RECORD_AT = 64;
  static final long NOT_AFTER_AT = 72;
  static final long MISMATCHES_SEEN_AT = 80;
  static final long MISMATCHES_IN_WINDOW_AT = 88;
  static final long WINDOW_AT = 96;
  private static final long SUSPENDED_UNTIL_AT = 104;
  private static final long WAS_SUSPENDED_AT = 112;
  private static final long DIGEST_AT = 120;

  /// Bytes of the digest of the registry's entry that a session began under.
  static final int DIGEST_BYTES = 32;

  /// Where the association's part begins.
  static final long LINE_AT = DIGEST_AT + DIGEST_BYTES;

  /// Bytes of the record.
  static final int BYTES = (int) LINE_AT + SecureLine.BYTES;

  private static final VarHandle LONG = JAVA_LONG.varHandle();
  private static final int ID_SHIFT = 32;

  /// A record that no table has.
  static TerminalRecord ofItsOwn() {
    return new TerminalRecord(MemorySegment.ofArray(new long[BYTES / Long.BYTES]), 0);
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

  /// Ends a session, if it lives. What it was bound to stays known.
  void end(long id) {
    boolean ended = LONG.compareAndSet(memory, at + SESSION_AT, id, 0L);
    assert ended || sessionId() != id;
  }

  /// Index of the device that the last session was bound to.
  int deviceIndex() {
    return memory.get(JAVA_INT, at + DEVICE_AT);
  }

  int vlanKey() {
    return memory.get(JAVA_INT, at + VLAN_AT);
  }

  long hardwareAddress() {
    return memory.get(JAVA_LONG, at + HARDWARE_AT);
  }

  /// Whether the terminal was last accepted from there.
  boolean wasBoundTo(Datagram.Peer peer) {
    return (long) LONG.getVolatile(memory, at + CONNECTIONS_AT) != 0
        && deviceIndex() == peer.device().index()
        && vlanKey() == peer.vlanKey()
        && hardwareAddress() == peer.hardwareAddress();
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
    long before = (long) LONG.getAndAdd(memory, at + MISMATCHES_AT, packets);
    assert before >= 0;
  }

  int connections(long id) {
    long word = (long) LONG.getVolatile(memory, at + CONNECTIONS_AT);
    return isOf(word, id) ? (int) word : 0;
  }

  boolean addConnection(long id, int most) {
    while (true) {
      long word = (long) LONG.getVolatile(memory, at + CONNECTIONS_AT);
      if (!isOf(word, id) || (int) word >= most) {
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
      if (!isOf(word, id)
          || (int) word == 0
          || LONG.compareAndSet(memory, at + CONNECTIONS_AT, word, word - 1)) {
        return;
      }
    }
  }

  private static boolean isOf(long word, long id) {
    return (int) (word >>> ID_SHIFT) == (int) id;
  }

  /// One of the lease's numbers. Volatile; any thread may read it.
  long get(long field) {
    return (long) LONG.getVolatile(memory, at + field);
  }

  void set(long field, long value) {
    LONG.setVolatile(memory, at + field, value);
  }

  /// Has nobody authenticate from the address until then.
  void suspendUntil(long nanos) {
    set(SUSPENDED_UNTIL_AT, nanos);
    set(WAS_SUSPENDED_AT, 1);
  }

  /// Any thread.
  boolean isSuspended(long nowNanos) {
    return get(WAS_SUSPENDED_AT) != 0 && get(SUSPENDED_UNTIL_AT) - nowNanos > 0;
  }

  /// Notes the registry's entry that the session begins under.
  void setDigest(byte[] digest) {
    MemorySegment.copy(digest, 0, memory, JAVA_BYTE, at + DIGEST_AT, DIGEST_BYTES);
  }

  /// Whether the session began under this entry.
  boolean hasDigest(byte[] digest) {
    return MemorySegment.mismatch(
            memory,
            at + DIGEST_AT,
            at + DIGEST_AT + DIGEST_BYTES,
            MemorySegment.ofArray(digest),
            0,
            DIGEST_BYTES)
        < 0;
  }
}
