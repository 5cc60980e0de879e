package dev.sluice.runtime.bench;

import dev.sluice.kernel.FramePattern;
import dev.sluice.wire.Checksum;
import dev.sluice.wire.Ethernet;
import dev.sluice.wire.Ipv4;
import dev.sluice.wire.Tcp;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// The frames of [LiveSessions]: one TCP connection for each terminal, the same ports and numbers
/// in all of them, so that frames of two terminals differ in their address alone.
///
/// @param terminalMac where the terminals are, 48 bits
record SessionFrames(long terminalMac) {
  /// `10.77.1.0`; terminal `i` has the address `i` above.
  static final int FIRST_TERMINAL = 10 << 24 | 77 << 16 | 1 << 8;

  /// All addresses of terminals are in it.
  static final String TERMINALS = "10.77.0.0/16";

  /// Most terminals whose addresses lie in [#TERMINALS].
  static final int MOST_TERMINALS = 0xff00;

  static final String MASTER = "10.78.0.1";
  static final long MASTER_MAC = 0x02_00_00_00_4d_01L;
  static final String MASTER_MAC_TEXT = "02:00:00:00:4d:01";
  static final int TERMINAL_PORT = 2404;
  static final int MASTER_PORT = 40_000;

  private static final int MASTER_ADDRESS = 10 << 24 | 78 << 16 | 1;
  private static final int TERMINAL_INITIAL = 1_000_000;
  private static final int MASTER_INITIAL = 2_000_000;
  private static final int WINDOW = 65_535;

  private static final int IP = (int) Ethernet.HEADER_BYTES;
  private static final int TCP = IP + (int) Ipv4.HEADER_BYTES;
  private static final int PAYLOAD = TCP + (int) Tcp.HEADER_BYTES;
  private static final int LEAST_BYTES = 60;
  private static final int MOST_BYTES = 1514;

  // Fields of a pattern.
  private static final int IDENTIFICATION_AT = IP + 4;
  private static final int SOURCE_LOW_AT = IP + 12 + 2;
  private static final int CHECK_AT = TCP + 16;
  private static final int MARKER_AT = PAYLOAD + Integer.BYTES;
  private static final int STAMP_AT = MARKER_AT + Short.BYTES;
  private static final short MARKER = 0x51ce;

  /// Numbers are taken from it for each flow, and it must not wrap.
  private static final int IDENTIFICATION = 0xffff;

  /// The master dials a terminal.
  byte[] dial(int terminal) {
    return toTerminal(terminal, Tcp.SYN, MASTER_INITIAL, 0);
  }

  /// The terminal answers.
  byte[] answer(int terminal) {
    MemorySegment frame = frame(LEAST_BYTES, Tcp.SYN | Tcp.ACK, 0);
    Tcp.setSequence(frame, TCP, TERMINAL_INITIAL);
    return finished(frame, FIRST_TERMINAL + terminal, MASTER_ADDRESS);
  }

  /// The master completes the connection.
  byte[] complete(int terminal) {
    return toTerminal(terminal, Tcp.ACK, MASTER_INITIAL + 1, TERMINAL_INITIAL + 1);
  }

  private byte[] toTerminal(int terminal, int flags, int sequence, int acknowledgement) {
    MemorySegment frame = frame(LEAST_BYTES, flags, 0);
    Ethernet.setDest(frame, 0, terminalMac);
    Ethernet.setSource(frame, 0, MASTER_MAC);
    Tcp.setSourcePort(frame, TCP, MASTER_PORT);
    Tcp.setDestPort(frame, TCP, TERMINAL_PORT);
    Tcp.setSequence(frame, TCP, sequence);
    Tcp.setAcknowledgement(frame, TCP, acknowledgement);
    return finished(frame, MASTER_ADDRESS, FIRST_TERMINAL + terminal);
  }

  /// Which terminal a frame with exactly these flags is from or for, or -1.
  static int terminal(byte[] bytes, int flags) {
    MemorySegment frame = MemorySegment.ofArray(bytes);
    boolean whole =
        bytes.length >= LEAST_BYTES
            && Ethernet.etherType(frame, 0) == Ethernet.TYPE_IPV4
            && Ipv4.fits(frame, IP, bytes.length)
            && Ipv4.headerBytes(frame, IP) == Ipv4.HEADER_BYTES
            && Ipv4.protocol(frame, IP) == Tcp.PROTOCOL
            && Tcp.flags(frame, TCP) == flags;
    if (!whole) {
      return -1;
    }
    boolean fromMaster = (int) Ipv4.source(frame, IP) == MASTER_ADDRESS;
    long address = fromMaster ? Ipv4.dest(frame, IP) : Ipv4.source(frame, IP);
    return (int) address - FIRST_TERMINAL;
  }

  /// A segment from each terminal to the master, again and again the same in every connection: to
  /// whoever follows connections it is a repetition, which is always allowed.
  ///
  /// @param bytes 60..1514
  /// @param flows the terminals' number
  static FramePattern pattern(long terminalMac, int bytes, int flows) {
    if (bytes < LEAST_BYTES || MOST_BYTES < bytes) {
      throw new IllegalArgumentException(
          "a frame of %d bytes: allowed: %d..%d".formatted(bytes, LEAST_BYTES, MOST_BYTES));
    }
    SessionFrames frames = new SessionFrames(terminalMac);
    MemorySegment frame = frames.frame(bytes, Tcp.PSH | Tcp.ACK, bytes - PAYLOAD);
    Tcp.setSequence(frame, TCP, TERMINAL_INITIAL + 1);
    frame.set(ValueLayout.JAVA_BYTE, MARKER_AT, (byte) (MARKER >> Byte.SIZE));
    frame.set(ValueLayout.JAVA_BYTE, MARKER_AT + 1, (byte) MARKER);
    return new FramePattern(
        finished(frame, FIRST_TERMINAL, MASTER_ADDRESS),
        flows,
        SOURCE_LOW_AT,
        IDENTIFICATION_AT,
        PAYLOAD,
        MARKER_AT,
        STAMP_AT + Long.BYTES <= bytes ? STAMP_AT : -1,
        -1,
        CHECK_AT);
  }

  /// A frame from the terminals' side, but for addresses and checksums.
  private MemorySegment frame(int bytes, int flags, int payloadBytes) {
    MemorySegment frame = MemorySegment.ofArray(new byte[bytes]);
    Ethernet.setDest(frame, 0, MASTER_MAC);
    Ethernet.setSource(frame, 0, terminalMac);
    Ethernet.setEtherType(frame, 0, Ethernet.TYPE_IPV4);
    Ipv4.setHeaderBytes(frame, IP, (int) Ipv4.HEADER_BYTES);
    Ipv4.setTotalBytes(frame, IP, PAYLOAD - IP + payloadBytes);
    Ipv4.setIdentification(frame, IP, IDENTIFICATION);
    Ipv4.setFragment(frame, IP, true, false, 0);
    Ipv4.setTimeToLive(frame, IP, 64);
    Ipv4.setProtocol(frame, IP, Tcp.PROTOCOL);
    Tcp.setSourcePort(frame, TCP, TERMINAL_PORT);
    Tcp.setDestPort(frame, TCP, MASTER_PORT);
    Tcp.setAcknowledgement(frame, TCP, MASTER_INITIAL + 1);
    Tcp.setHeaderBytes(frame, TCP, (int) Tcp.HEADER_BYTES);
    Tcp.setFlags(frame, TCP, flags);
    Tcp.setWindow(frame, TCP, WINDOW);
    return frame;
  }

  private static byte[] finished(MemorySegment frame, int source, int dest) {
    Ipv4.setSource(frame, IP, Integer.toUnsignedLong(source));
    Ipv4.setDest(frame, IP, Integer.toUnsignedLong(dest));
    Ipv4.updateChecksum(frame, IP);
    int end = IP + Ipv4.totalBytes(frame, IP);
    Checksum.updateTransport(frame, IP, Tcp.PROTOCOL, TCP, end);
    return frame.toArray(ValueLayout.JAVA_BYTE);
  }
}
