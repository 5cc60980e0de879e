package dev.sluice.wire;

import static dev.sluice.wire.Fields.U16;
import static dev.sluice.wire.Fields.U32;
import static dev.sluice.wire.Fields.U64;
import static dev.sluice.wire.Fields.U8;
import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static java.lang.foreign.MemoryLayout.structLayout;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;

/// The IPv6 header: 40 bytes, big-endian, and the extension headers behind it. Source: RFC 8200.
///
/// Getters need [#fits] to have returned true for the same `at`, and stay valid until somebody
/// writes version or payload length. An address is two numbers of 64 bits. Jumbograms (RFC 2675)
/// are not understood: their payload length is 0, so nothing behind the header fits.
public final class Ipv6 {
  public static final StructLayout LAYOUT =
      structLayout(
          U32.withName("version_class_label"),
          U16.withName("payload"),
          U8.withName("next"),
          U8.withName("hop_limit"),
          U64.withName("source_high"),
          U64.withName("source_low"),
          U64.withName("dest_high"),
          U64.withName("dest_low"));

  public static final long HEADER_BYTES = LAYOUT.byteSize();

  static final long SOURCE_HIGH = offset("source_high");

  private static final int VERSION = 6;
  private static final int LABEL_MASK = 0xfffff;
  private static final long VERSION_CLASS_LABEL = offset("version_class_label");
  private static final long PAYLOAD = offset("payload");
  private static final long NEXT = offset("next");
  private static final long HOP_LIMIT = offset("hop_limit");
  private static final long SOURCE_LOW = offset("source_low");
  private static final long DEST_HIGH = offset("dest_high");
  private static final long DEST_LOW = offset("dest_low");

  private Ipv6() {}

  /// Whether a whole packet of version 6 lies in `[at, end)`, both in bytes. The extension headers
  /// are not looked at: [Ipv6Extensions#walk] does.
  public static boolean fits(MemorySegment memory, long at, long end) {
    return HEADER_BYTES <= end - at
        && version(memory, at) == VERSION
        && HEADER_BYTES + payloadBytes(memory, at) <= end - at;
  }

  /// Version, 0..15; 6 in a header that fits.
  public static int version(MemorySegment memory, long at) {
    return Fields.u8(memory, at) >>> 4;
  }

  /// Traffic class, 0..255: six bits of DSCP, two of ECN.
  public static int trafficClass(MemorySegment memory, long at) {
    return (Fields.u16(memory, at + VERSION_CLASS_LABEL) >>> 4) & 0xff;
  }

  /// Flow label, 20 bits.
  public static int flowLabel(MemorySegment memory, long at) {
    return (int) Fields.u32(memory, at + VERSION_CLASS_LABEL) & LABEL_MASK;
  }

  /// Length of what follows this header, extension headers included, 0..65535 bytes.
  public static int payloadBytes(MemorySegment memory, long at) {
    return Fields.u16(memory, at + PAYLOAD);
  }

  /// What follows this header, 0..255: an extension header or an IP protocol number.
  public static int nextHeader(MemorySegment memory, long at) {
    return Fields.u8(memory, at + NEXT);
  }

  /// Hops left, 0..255.
  public static int hopLimit(MemorySegment memory, long at) {
    return Fields.u8(memory, at + HOP_LIMIT);
  }

  /// First 64 bits of the source address.
  public static long sourceHigh(MemorySegment memory, long at) {
    return Fields.u64(memory, at + SOURCE_HIGH);
  }

  /// Last 64 bits of the source address.
  public static long sourceLow(MemorySegment memory, long at) {
    return Fields.u64(memory, at + SOURCE_LOW);
  }

  /// First 64 bits of the destination address.
  public static long destHigh(MemorySegment memory, long at) {
    return Fields.u64(memory, at + DEST_HIGH);
  }

  /// Last 64 bits of the destination address.
  public static long destLow(MemorySegment memory, long at) {
    return Fields.u64(memory, at + DEST_LOW);
  }

  /// Writes version 6, traffic class and flow label.
  ///
  /// @param trafficClass 0..255
  /// @param flowLabel 20 bits
  public static void setClassAndLabel(
      MemorySegment memory, long at, int trafficClass, int flowLabel) {
    int word = (VERSION << 28) | ((trafficClass & 0xff) << 20) | (flowLabel & LABEL_MASK);
    Fields.setU32(memory, at + VERSION_CLASS_LABEL, word);
  }

  public static void setPayloadBytes(MemorySegment memory, long at, int bytes) {
    Fields.setU16(memory, at + PAYLOAD, bytes);
  }

  public static void setNextHeader(MemorySegment memory, long at, int protocol) {
    Fields.setU8(memory, at + NEXT, protocol);
  }

  public static void setHopLimit(MemorySegment memory, long at, int hops) {
    Fields.setU8(memory, at + HOP_LIMIT, hops);
  }

  public static void setSource(MemorySegment memory, long at, long high, long low) {
    Fields.setU64(memory, at + SOURCE_HIGH, high);
    Fields.setU64(memory, at + SOURCE_LOW, low);
  }

  public static void setDest(MemorySegment memory, long at, long high, long low) {
    Fields.setU64(memory, at + DEST_HIGH, high);
    Fields.setU64(memory, at + DEST_LOW, low);
  }

  private static long offset(String name) {
    return LAYOUT.byteOffset(groupElement(name));
  }
}
