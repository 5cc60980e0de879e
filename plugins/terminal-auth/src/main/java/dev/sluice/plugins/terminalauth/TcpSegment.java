package dev.sluice.plugins.terminalauth;

import dev.sluice.plugin.Packet;
import dev.sluice.wire.Tcp;
import java.lang.foreign.MemorySegment;

/// The numbers of one TCP segment, read anew for each packet so that none is allocated.
final class TcpSegment {
  /// What a segment without a usable window scale option has for its [#windowShift].
  static final int NO_SHIFT = -1;

  private static final int KIND = Tcp.FIN | Tcp.SYN | Tcp.RST | Tcp.ACK;

  int sequence;
  int acknowledgement;

  /// As [Tcp#flags].
  int flags;

  /// Before scaling, 0..65535.
  int window;

  /// In a SYN, 0..14 or [#NO_SHIFT].
  int windowShift;

  int payloadBytes;

  /// Reads the segment of a packet whose transport is TCP.
  void read(Packet packet) {
    MemorySegment memory = packet.memory();
    int at = packet.transportAt();
    long numbers = Tcp.numbers(memory, at);
    sequence = (int) (numbers >>> Integer.SIZE);
    acknowledgement = (int) numbers;
    int flagsAndWindow = Tcp.flagsAndWindow(memory, at);
    flags = flagsAndWindow >>> Short.SIZE;
    window = flagsAndWindow & 0xffff;
    payloadBytes = packet.endAt() - packet.payloadAt();
    windowShift = has(Tcp.SYN) ? shift(Tcp.windowShift(memory, at)) : NO_SHIFT;
  }

  private static int shift(int found) {
    return found < 0 ? NO_SHIFT : Math.min(found, Tcp.MAX_WINDOW_SHIFT);
  }

  boolean has(int flag) {
    return (flags & flag) != 0;
  }

  /// One past the last number that it takes: a SYN and a FIN take one each.
  int end() {
    return sequence + payloadBytes + (has(Tcp.SYN) ? 1 : 0) + (has(Tcp.FIN) ? 1 : 0);
  }

  /// Whether some TCP sends these flags together, and a RST alone. Null, Xmas, SYN with FIN and the
  /// like are scanners'.
  boolean hasValidFlags() {
    boolean urgent = has(Tcp.URG);
    boolean pushed = has(Tcp.PSH);
    return switch (flags & KIND) {
      case Tcp.ACK, Tcp.FIN | Tcp.ACK -> true;
      case Tcp.SYN, Tcp.SYN | Tcp.ACK -> !urgent && !pushed;
      case Tcp.RST, Tcp.RST | Tcp.ACK -> !urgent && payloadBytes == 0;
      default -> false;
    };
  }

  /// Whether it asks for a connection.
  boolean isDial() {
    return (flags & KIND) == Tcp.SYN;
  }
}
