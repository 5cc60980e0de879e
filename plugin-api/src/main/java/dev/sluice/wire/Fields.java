package dev.sluice.wire;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;
import static java.nio.ByteOrder.BIG_ENDIAN;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Unsigned numbers in a frame's memory, at any alignment and in a stated byte order.
///
/// Views read a field as number at offset. Handles cut from each struct layout would do the same,
/// but each would be an object to spin at start-up and to inline on the hot path.
final class Fields {
  static final ValueLayout.OfByte U8 = JAVA_BYTE;
  static final ValueLayout.OfShort U16 = JAVA_SHORT_UNALIGNED.withOrder(BIG_ENDIAN);
  static final ValueLayout.OfInt U32 = JAVA_INT_UNALIGNED.withOrder(BIG_ENDIAN);
  static final ValueLayout.OfLong U64 = JAVA_LONG_UNALIGNED.withOrder(BIG_ENDIAN);
  static final ValueLayout.OfShort U16_LE = JAVA_SHORT_UNALIGNED.withOrder(LITTLE_ENDIAN);

  private Fields() {}

  static int u8(MemorySegment memory, long at) {
    return Byte.toUnsignedInt(memory.get(U8, at));
  }

  static int u16(MemorySegment memory, long at) {
    return Short.toUnsignedInt(memory.get(U16, at));
  }

  static int u16le(MemorySegment memory, long at) {
    return Short.toUnsignedInt(memory.get(U16_LE, at));
  }

  static int u24le(MemorySegment memory, long at) {
    return u16le(memory, at) | (u8(memory, at + 2) << 16);
  }

  static long u32(MemorySegment memory, long at) {
    return Integer.toUnsignedLong(memory.get(U32, at));
  }

  static long u48(MemorySegment memory, long at) {
    return ((long) u16(memory, at) << 32) | u32(memory, at + 2);
  }

  static long u64(MemorySegment memory, long at) {
    return memory.get(U64, at);
  }

  static void setU8(MemorySegment memory, long at, int value) {
    memory.set(U8, at, (byte) value);
  }

  static void setU16(MemorySegment memory, long at, int value) {
    memory.set(U16, at, (short) value);
  }

  static void setU16le(MemorySegment memory, long at, int value) {
    memory.set(U16_LE, at, (short) value);
  }

  static void setU24le(MemorySegment memory, long at, int value) {
    setU16le(memory, at, value);
    setU8(memory, at + 2, value >>> 16);
  }

  static void setU32(MemorySegment memory, long at, long value) {
    memory.set(U32, at, (int) value);
  }

  static void setU48(MemorySegment memory, long at, long value) {
    setU16(memory, at, (int) (value >>> 32));
    setU32(memory, at + 2, value);
  }

  static void setU64(MemorySegment memory, long at, long value) {
    memory.set(U64, at, value);
  }
}
