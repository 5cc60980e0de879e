package dev.sluice.plugins.terminalauth;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.sluice.plugin.Device;
import dev.sluice.plugin.Packet;
import dev.sluice.wire.Ethernet;
import java.lang.foreign.MemorySegment;

/// What is kept of a TCP connection in memory that outlives a version of the bundle: numbers alone.
/// One WorkThread's.
class ConnectionRecord {
  /// How far it has come.
  enum State {
    /// The entry holds no connection.
    FREE(0),
    SYN_SENT(1),
    SYN_RECEIVED(2),
    ESTABLISHED(3),
    /// One end has sent a FIN, or both have and an acknowledgement is missing.
    CLOSING(4),
    /// Both FINs are acknowledged; late acknowledgements and retransmissions may still come.
    TIME_WAIT(5),
    /// An end has sent an exact RST, which it may have to repeat; it sends nothing else, and the
    /// other end what it sends until it has the RST.
    RESET(6),
    /// Its session has ended: each further segment is answered with a RST, and none passes.
    DEAD(7);

    /// Written in records: it never changes its meaning.
    private final int code;

    State(int code) {
      this.code = code;
    }
  }

  /// Layout of the record's value. What each packet touches lies in two cache lines with the key.
  private static final int SEEN_AT = 0;

  private static final int STATE_AT = 8;
  private static final int COUNTED_AT = 9;
  private static final int DIALLED_AT = 10;
  private static final int TAG_BYTES_AT = 11;
  private static final int MASTER_DEVICE_AT = 12;
  private static final int CLIENT_AT = 16;
  private static final int SERVER_AT = CLIENT_AT + TcpEndpoint.BYTES;
  private static final int MASTER_HARDWARE_AT = SERVER_AT + TcpEndpoint.BYTES;
  private static final int SESSION_AT = MASTER_HARDWARE_AT + 8;
  private static final int TAGS_AT = SESSION_AT + 8;
  private static final int ANSWERED_AT = TAGS_AT + 8;
  private static final int TERMINAL_HARDWARE_AT = ANSWERED_AT + 8;
  private static final int TERMINAL_DEVICE_AT = TERMINAL_HARDWARE_AT + 8;
  private static final int VLAN_AT = TERMINAL_DEVICE_AT + 4;

  /// Number of the layout, as a table's schema.
  static final int SCHEMA = 1;

  /// Bytes of the record's value.
  static final int BYTES = VLAN_AT + 4;

  /// By their codes.
  private static final State[] STATES = new State[State.values().length];

  static {
    for (State state : State.values()) {
      STATES[state.code] = state;
    }
  }

  private final MemorySegment memory;
  private final long at;

  /// Sent the SYN.
  final TcpEndpoint client;

  /// Answers it.
  final TcpEndpoint server;

  /// The ends are copies, which all records of a table share, so that they are always near: they
  /// are of this one from [#readEnds] on until another's are read.
  ///
  /// @param at where the record's value begins
  ConnectionRecord(MemorySegment memory, long at, TcpEndpoint client, TcpEndpoint server) {
    this.memory = memory;
    this.at = at;
    this.client = client;
    this.server = server;
  }

  final void readEnds() {
    client.read(memory, at + CLIENT_AT);
    server.read(memory, at + SERVER_AT);
  }

  final void writeEnds() {
    client.write(memory, at + CLIENT_AT);
    server.write(memory, at + SERVER_AT);
  }

  final State state() {
    return STATES[memory.get(JAVA_BYTE, at + STATE_AT)];
  }

  final void setState(State state) {
    memory.set(JAVA_BYTE, at + STATE_AT, (byte) state.code);
  }

  /// Number of the session that it was opened under.
  final long sessionId() {
    return memory.get(JAVA_LONG, at + SESSION_AT);
  }

  /// Whether it counts in its session's number of connections.
  final boolean counted() {
    return memory.get(JAVA_BYTE, at + COUNTED_AT) != 0;
  }

  final void setCounted(boolean counted) {
    memory.set(JAVA_BYTE, at + COUNTED_AT, (byte) (counted ? 1 : 0));
  }

  final boolean wasDialledByTerminal() {
    return memory.get(JAVA_BYTE, at + DIALLED_AT) != 0;
  }

  /// Index of the device that leads to the master.
  final int masterDevice() {
    return memory.get(JAVA_INT, at + MASTER_DEVICE_AT);
  }

  /// The hardware address that the master's frames come from, or that the terminal's go to.
  final long masterHardware() {
    return memory.get(JAVA_LONG, at + MASTER_HARDWARE_AT);
  }

  final void setMasterHardware(long hardware) {
    memory.set(JAVA_LONG, at + MASTER_HARDWARE_AT, hardware);
  }

  /// Index of the device that its session's terminal is bound to.
  final int terminalDevice() {
    return memory.get(JAVA_INT, at + TERMINAL_DEVICE_AT);
  }

  final long terminalHardware() {
    return memory.get(JAVA_LONG, at + TERMINAL_HARDWARE_AT);
  }

  /// As `Packet.vlanKey()`, of both its directions.
  final int vlanKey() {
    return memory.get(JAVA_INT, at + VLAN_AT);
  }

  /// VLAN tags of its frames, as [FrameBuffer#tags] reads them.
  final long tags() {
    return memory.get(JAVA_LONG, at + TAGS_AT);
  }

  final int tagBytes() {
    return memory.get(JAVA_BYTE, at + TAG_BYTES_AT);
  }

  /// When a packet last passed: [System#nanoTime].
  final long lastNanos() {
    return memory.get(JAVA_LONG, at + SEEN_AT);
  }

  final void setLastNanos(long nanos) {
    memory.set(JAVA_LONG, at + SEEN_AT, nanos);
  }

  /// When the gateway last answered one: [System#nanoTime].
  final long answeredNanos() {
    return memory.get(JAVA_LONG, at + ANSWERED_AT);
  }

  final void setAnsweredNanos(long nanos) {
    memory.set(JAVA_LONG, at + ANSWERED_AT, nanos);
  }

  /// Writes down whose it is and where its ends are, as its first packet shows.
  final void setOwner(Session owner, Packet packet, boolean terminalSends) {
    Binding binding = owner.binding();
    MemorySegment frame = packet.memory();
    memory.set(JAVA_LONG, at + SESSION_AT, owner.id());
    memory.set(JAVA_INT, at + TERMINAL_DEVICE_AT, binding.device().index());
    memory.set(JAVA_LONG, at + TERMINAL_HARDWARE_AT, binding.hardwareAddress());
    memory.set(JAVA_INT, at + VLAN_AT, binding.vlanKey());
    Device master = terminalSends ? packet.egress() : packet.ingress();
    memory.set(JAVA_INT, at + MASTER_DEVICE_AT, master.index());
    setMasterHardware(terminalSends ? Ethernet.dest(frame, 0) : Ethernet.source(frame, 0));
    memory.set(JAVA_BYTE, at + DIALLED_AT, (byte) (terminalSends ? 1 : 0));
    memory.set(JAVA_LONG, at + TAGS_AT, FrameBuffer.tags(packet));
    memory.set(JAVA_BYTE, at + TAG_BYTES_AT, (byte) FrameBuffer.tagBytes(packet));
  }
}
