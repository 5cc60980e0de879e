package dev.sluice.plugin;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.nio.ByteOrder.BIG_ENDIAN;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// The paper's third strategy: bytes 26..33 of the frame, which in an untagged IPv4 frame without
/// options are source and destination address, read as two big-endian numbers of 32 bits and
/// combined by XOR.
///
/// Both directions of a connection get the same number. The place is fixed, as in the paper: for
/// VLAN tags and IPv6 use [FlowHash]. Bytes that a shorter frame does not have count as 0.
public final class TwoTupleXor implements HashFunction {
  static final int SOURCE_AT = 26;
  static final int DEST_AT = 30;

  private static final ValueLayout.OfInt U32 = JAVA_INT_UNALIGNED.withOrder(BIG_ENDIAN);

  @Override
  public int hash(Packet packet) {
    MemorySegment memory = packet.memory();
    int length = packet.length();
    return word(memory, length, SOURCE_AT) ^ word(memory, length, DEST_AT);
  }

  /// Four bytes of the frame as one big-endian number; what lies behind `length` counts as 0,
  /// because it is left over from other frames.
  static int word(MemorySegment memory, int length, int at) {
    return at + Integer.BYTES <= length ? memory.get(U32, at) : cutWord(memory, length, at);
  }

  private static int cutWord(MemorySegment memory, int length, int at) {
    int word = 0;
    for (int i = at; i < at + Integer.BYTES; i++) {
      word = (word << Byte.SIZE) | (i < length ? Byte.toUnsignedInt(memory.get(JAVA_BYTE, i)) : 0);
    }
    return word;
  }
}
