package dev.sluice.plugins.terminalauth;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.sluice.wire.Tcp;
import java.lang.foreign.MemorySegment;

/// What a tracked connection knows of one of its ends. Sequence numbers are 32 bits that wrap:
/// compare them by difference alone.
///
/// A view of a part of its connection's record.
final class TcpEndpoint {
  /// Bytes of a record that it takes.
  static final int BYTES = 24;

  private static final int INITIAL_AT = 0;
  private static final int END_AT = 4;
  private static final int MAX_END_AT = 8;
  private static final int ACK_AT = 12;
  private static final int MAX_WINDOW_AT = 16;
  private static final int SHIFT_AT = 20;
  private static final int FIN_SENT_AT = 21;
  private static final int FIN_ACKED_AT = 22;
  private static final int RESET_SENT_AT = 23;

  private final MemorySegment memory;
  private final long at;

  TcpEndpoint(MemorySegment memory, long at) {
    this.memory = memory;
    this.at = at;
  }

  /// The number of its SYN.
  int initial() {
    return memory.get(JAVA_INT, at + INITIAL_AT);
  }

  /// One past the highest number it has sent: `SND.NXT`.
  int end() {
    return memory.get(JAVA_INT, at + END_AT);
  }

  void setEnd(int number) {
    memory.set(JAVA_INT, at + END_AT, number);
  }

  /// One past the highest number its peer has ever allowed it to send.
  int maxEnd() {
    return memory.get(JAVA_INT, at + MAX_END_AT);
  }

  void setMaxEnd(int number) {
    memory.set(JAVA_INT, at + MAX_END_AT, number);
  }

  /// The highest acknowledgement it has sent: the number it expects next, or is known to.
  int ack() {
    return memory.get(JAVA_INT, at + ACK_AT);
  }

  void setAck(int number) {
    memory.set(JAVA_INT, at + ACK_AT, number);
  }

  /// The largest window it has advertised in bytes, at least 1.
  int maxWindow() {
    return memory.get(JAVA_INT, at + MAX_WINDOW_AT);
  }

  private void setMaxWindow(int bytes) {
    memory.set(JAVA_INT, at + MAX_WINDOW_AT, bytes);
  }

  /// Left shift of the windows it advertises (RFC 7323), 0..14; -1 while the handshake runs, if it
  /// has not offered one.
  int shift() {
    return memory.get(JAVA_BYTE, at + SHIFT_AT);
  }

  void setShift(int bits) {
    memory.set(JAVA_BYTE, at + SHIFT_AT, (byte) bits);
  }

  /// Whether it has sent a FIN; [#end] is then one past it.
  boolean finSent() {
    return memory.get(JAVA_BYTE, at + FIN_SENT_AT) != 0;
  }

  /// Whether the peer has acknowledged that FIN.
  boolean finAcked() {
    return memory.get(JAVA_BYTE, at + FIN_ACKED_AT) != 0;
  }

  /// Whether it has sent an exact RST, after which it sends nothing else.
  boolean resetSent() {
    return memory.get(JAVA_BYTE, at + RESET_SENT_AT) != 0;
  }

  private void set(int flagAt, boolean value) {
    memory.set(JAVA_BYTE, at + flagAt, (byte) (value ? 1 : 0));
  }

  void setResetSent() {
    set(RESET_SENT_AT, true);
  }

  /// Knows nothing of this end but what its peer lets it send.
  void awaitSyn() {
    setEnd(0);
    set(FIN_SENT_AT, false);
    set(RESET_SENT_AT, false);
  }

  /// Starts with a SYN, whose window is never scaled.
  void open(TcpSegment syn) {
    memory.set(JAVA_INT, at + INITIAL_AT, syn.sequence);
    setEnd(syn.end());
    setMaxEnd(syn.end());
    setAck(0);
    setMaxWindow(Math.max(1, syn.window));
    setShift(syn.windowShift);
    set(FIN_SENT_AT, false);
    set(FIN_ACKED_AT, false);
    set(RESET_SENT_AT, false);
  }

  /// Takes in a segment that this end has sent and that was found good.
  void sent(TcpSegment segment, TcpEndpoint receiver) {
    int segmentEnd = segment.end();
    if (segmentEnd - end() > 0) {
      setEnd(segmentEnd);
    }
    if (segment.has(Tcp.FIN)) {
      set(FIN_SENT_AT, true);
    }
    if (segment.acknowledgement - ack() > 0) {
      setAck(segment.acknowledgement);
    }
    if (receiver.finSent() && ack() == receiver.end()) {
      receiver.set(FIN_ACKED_AT, true);
    }
    int bytes = segment.window << shift();
    if (bytes > maxWindow()) {
      setMaxWindow(bytes);
    }
    int allowed = segment.acknowledgement + bytes;
    if (allowed - receiver.maxEnd() > 0) {
      receiver.setMaxEnd(allowed);
    }
  }

  /// Whether this end may send these numbers: not past what its peer allows, not older than a
  /// window before the newest. One number beyond the window is a window probe's (RFC 9293, section
  /// 3.8.6.1), one before the next is a keep-alive's (RFC 1122, section 4.2.3.6).
  boolean maySend(TcpSegment segment, TcpEndpoint receiver) {
    int segmentEnd = segment.end();
    int allowed = maxEnd();
    boolean tooNew = segmentEnd - allowed > 1 || segment.sequence - allowed > 0;
    boolean tooOld = end() - segment.sequence > receiver.maxWindow() + 1;
    boolean afterFin = finSent() && segmentEnd - end() > 0;
    return !tooNew && !tooOld && !afterFin;
  }

  /// Whether this end may acknowledge that much: `SND.UNA - MAX.SND.WND <= SEG.ACK <= SND.NXT` (RFC
  /// 5961, section 5), where `SND` is its peer's.
  boolean mayAcknowledge(int acknowledgement, TcpEndpoint receiver) {
    return acknowledgement - receiver.end() <= 0 && ack() - acknowledgement <= maxWindow();
  }
}
