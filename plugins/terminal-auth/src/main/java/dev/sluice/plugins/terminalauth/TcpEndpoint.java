package dev.sluice.plugins.terminalauth;

import dev.sluice.wire.Tcp;

/// What a tracked connection knows of one of its ends. Sequence numbers are 32 bits that wrap:
/// compare them by difference alone.
final class TcpEndpoint {
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

  /// Whether it has sent a FIN; [#end] is then one past it.
  boolean finSent;

  /// Whether the peer has acknowledged that FIN.
  boolean finAcked;

  /// Whether it has sent an exact RST, after which it sends nothing else.
  boolean resetSent;

  /// Starts with a SYN, whose window is never scaled.
  void open(TcpSegment syn) {
    initial = syn.sequence;
    end = syn.end();
    maxEnd = end;
    ack = 0;
    maxWindow = Math.max(1, syn.window);
    shift = syn.windowShift;
    finSent = false;
    finAcked = false;
    resetSent = false;
  }

  /// Takes in a segment that this end has sent and that was found good.
  void sent(TcpSegment segment, TcpEndpoint receiver) {
    int segmentEnd = segment.end();
    if (segmentEnd - end > 0) {
      end = segmentEnd;
    }
    if (segment.has(Tcp.FIN)) {
      finSent = true;
    }
    if (segment.acknowledgement - ack > 0) {
      ack = segment.acknowledgement;
    }
    if (receiver.finSent && ack == receiver.end) {
      receiver.finAcked = true;
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
    boolean afterFin = finSent && segmentEnd - end > 0;
    return !tooNew && !tooOld && !afterFin;
  }

  /// Whether this end may acknowledge that much: `SND.UNA - MAX.SND.WND <= SEG.ACK <= SND.NXT` (RFC
  /// 5961, section 5), where `SND` is its peer's.
  boolean mayAcknowledge(int acknowledgement, TcpEndpoint receiver) {
    return acknowledgement - receiver.end <= 0 && ack - acknowledgement <= maxWindow;
  }
}
