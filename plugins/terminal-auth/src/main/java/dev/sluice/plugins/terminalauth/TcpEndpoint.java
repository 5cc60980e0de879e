package dev.sluice.plugins.terminalauth;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.sluice.wire.Tcp;
import java.lang.foreign.MemorySegment;

/// What a tracked connection knows of one of its ends. Sequence numbers are 32 bits that wrap:
/// compare them by difference alone.
///
/// A copy of a part of a connection's record, made when a packet is judged and written back after
/// it: each field costs a checked access once, however often it is asked for.
final class TcpEndpoint {
  /// Bytes of a record that it takes.
  static final int BYTES = 24;

  private static final int NUMBERS_AT = 0;
  private static final int ALLOWED_AT = 8;
  private static final int REST_AT = 16;

  private static final int FIN_SENT = 1 << 8;
  private static final int FIN_ACKED = 1 << 16;
  private static final int RESET_SENT = 1 << 24;

  /// The number of its SYN.
  int initial;

  /// One past the highest number it has sent: `SND.NXT`.
  int end;

  /// One past the highest number its peer has ever allowed it to send.
  int maxEnd;

  /// The highest acknowledgement it has sent: the number it expects next, or is known to.
  int ack;

  /// The largest window it has advertised in bytes, at least 1.
  int maxWindow;

  /// Left shift of the windows it advertises (RFC 7323), 0..14; -1 while the handshake runs, if it
  /// has not offered one.
  int shift;

  private int flags;

  /// @param at where its part of the record begins, a multiple of eight
  void read(MemorySegment memory, long at) {
    long numbers = memory.get(JAVA_LONG, at + NUMBERS_AT);
    initial = (int) numbers;
    end = (int) (numbers >>> Integer.SIZE);
    long allowed = memory.get(JAVA_LONG, at + ALLOWED_AT);
    maxEnd = (int) allowed;
    ack = (int) (allowed >>> Integer.SIZE);
    long rest = memory.get(JAVA_LONG, at + REST_AT);
    maxWindow = (int) rest;
    flags = (int) (rest >>> Integer.SIZE);
    shift = (byte) flags;
  }

  void write(MemorySegment memory, long at) {
    memory.set(JAVA_LONG, at + NUMBERS_AT, word(initial, end));
    memory.set(JAVA_LONG, at + ALLOWED_AT, word(maxEnd, ack));
    int rest = (flags & (FIN_SENT | FIN_ACKED | RESET_SENT)) | (shift & 0xff);
    memory.set(JAVA_LONG, at + REST_AT, word(maxWindow, rest));
  }

  private static long word(int low, int high) {
    return (long) high << Integer.SIZE | Integer.toUnsignedLong(low);
  }

  /// Whether it has sent a FIN; [#end] is then one past it.
  boolean finSent() {
    return (flags & FIN_SENT) != 0;
  }

  /// Whether the peer has acknowledged that FIN.
  boolean finAcked() {
    return (flags & FIN_ACKED) != 0;
  }

  /// Whether it has sent an exact RST, after which it sends nothing else.
  boolean resetSent() {
    return (flags & RESET_SENT) != 0;
  }

  void setResetSent() {
    flags |= RESET_SENT;
  }

  /// Knows nothing of this end but what its peer lets it send.
  void awaitSyn() {
    end = 0;
    flags &= ~(FIN_SENT | RESET_SENT);
  }

  /// Starts with a SYN, whose window is never scaled.
  void open(TcpSegment syn) {
    initial = syn.sequence;
    end = syn.end();
    maxEnd = end;
    ack = 0;
    maxWindow = Math.max(1, syn.window);
    shift = syn.windowShift;
    flags = 0;
  }

  /// Takes in a segment that this end has sent and that was found good.
  void sent(TcpSegment segment, TcpEndpoint receiver) {
    int segmentEnd = segment.end();
    if (segmentEnd - end > 0) {
      end = segmentEnd;
    }
    if (segment.has(Tcp.FIN)) {
      flags |= FIN_SENT;
    }
    if (segment.acknowledgement - ack > 0) {
      ack = segment.acknowledgement;
    }
    if (receiver.finSent() && ack == receiver.end) {
      receiver.flags |= FIN_ACKED;
    }
    int bytes = segment.window << shift;
    maxWindow = Math.max(maxWindow, bytes);
    int allowed = segment.acknowledgement + bytes;
    if (allowed - receiver.maxEnd > 0) {
      receiver.maxEnd = allowed;
    }
  }

  /// Whether this end may send these numbers: not past what its peer allows, not older than a
  /// window before the newest. One number beyond the window is a window probe's (RFC 9293, section
  /// 3.8.6.1), one before the next is a keep-alive's (RFC 1122, section 4.2.3.6).
  boolean maySend(TcpSegment segment, TcpEndpoint receiver) {
    int segmentEnd = segment.end();
    boolean tooNew = segmentEnd - maxEnd > 1 || segment.sequence - maxEnd > 0;
    boolean tooOld = end - segment.sequence > receiver.maxWindow + 1;
    boolean afterFin = finSent() && segmentEnd - end > 0;
    return !tooNew && !tooOld && !afterFin;
  }

  /// Whether this end may acknowledge that much: `SND.UNA - MAX.SND.WND <= SEG.ACK <= SND.NXT` (RFC
  /// 5961, section 5), where `SND` is its peer's.
  boolean mayAcknowledge(int acknowledgement, TcpEndpoint receiver) {
    return acknowledgement - receiver.end <= 0 && ack - acknowledgement <= maxWindow;
  }
}
