package dev.sluice.kernel;

/// Patterns of frames for tests: IPv4 and UDP without a checksum, numbers in the payload.
final class Patterns {
  static final int SOURCE_AT = 28; // low half of the IPv4 source
  static final int DESTINATION_AT = 32;
  static final int SEQUENCE_AT = 42;
  static final int MARKER_AT = 46;
  static final int STAMP_AT = 48;
  static final int MARK_AT = 57;
  static final int MARKER = 0xbeef;

  private static final int[] HEAD = {
    2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0, // Ethernet
    0x45, 0, 0, 0, 0, 0, 0, 0, 64, 17, 0, 0, 10, 1, 0, 0, 10, 2, 0, 0, // IPv4
    4, 0, 0x12, 0x34, 0, 0, 0, 0 // UDP
  };

  private Patterns() {}

  /// A frame of `length` bytes; each flow has a source and a destination address of its own.
  static FramePattern of(int length, int flows) {
    return new FramePattern(
        frame(length, 9, 0xfff0),
        flows,
        SOURCE_AT,
        DESTINATION_AT,
        SEQUENCE_AT,
        MARKER_AT,
        STAMP_AT,
        MARK_AT);
  }

  /// A frame whose IPv4 checksum is right.
  ///
  /// @param source low half of the address
  /// @param destination low half of the address
  static byte[] frame(int length, int source, int destination) {
    byte[] frame = new byte[length];
    for (int i = 0; i < HEAD.length; i++) {
      frame[i] = (byte) HEAD[i];
    }
    put16(frame, 16, length - 14);
    put16(frame, 38, length - 34);
    put16(frame, SOURCE_AT, source);
    put16(frame, DESTINATION_AT, destination);
    put16(frame, 24, ~sum(frame) & 0xffff);
    put16(frame, MARKER_AT, MARKER);
    return frame;
  }

  /// The same frame with a sequence number, a mark, and flow 0's addresses.
  static byte[] numbered(int length, long sequence, int mark) {
    byte[] frame = frame(length, 9, 0xfff0);
    put16(frame, SEQUENCE_AT, (int) (sequence >>> 16));
    put16(frame, SEQUENCE_AT + 2, (int) sequence);
    frame[MARK_AT] = (byte) mark;
    return frame;
  }

  static void put16(byte[] frame, int at, int value) {
    frame[at] = (byte) (value >>> 8);
    frame[at + 1] = (byte) value;
  }

  static int get16(byte[] frame, int at) {
    return Byte.toUnsignedInt(frame[at]) << 8 | Byte.toUnsignedInt(frame[at + 1]);
  }

  /// The IPv4 header's sum, RFC 1071; 0xffff where its checksum is right.
  static int sum(byte[] frame) {
    int sum = 0;
    for (int at = 14; at < 34; at += 2) {
      sum += get16(frame, at);
    }
    return (sum & 0xffff) + (sum >>> 16);
  }
}
