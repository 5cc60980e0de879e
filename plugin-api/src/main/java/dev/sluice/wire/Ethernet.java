package dev.sluice.wire;

import static dev.sluice.wire.Fields.U16;
import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static java.lang.foreign.MemoryLayout.sequenceLayout;
import static java.lang.foreign.MemoryLayout.structLayout;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;

/// The Ethernet II header: 14 bytes, big-endian. Source: IEEE 802.3, clause 3.2; numbers: IANA
/// "IEEE 802 Numbers".
///
/// Getters need [#fits] to have returned true for the same `at`; no field can void it.
public final class Ethernet {
  /// EtherType of IPv4.
  public static final int TYPE_IPV4 = 0x0800;

  /// EtherType of ARP.
  public static final int TYPE_ARP = 0x0806;

  /// EtherType of IPv6.
  public static final int TYPE_IPV6 = 0x86dd;

  /// The least number that is an EtherType; below it is the length of an IEEE 802.3 frame.
  public static final int MIN_TYPE = 1536;

  /// The address of everybody.
  public static final long BROADCAST = 0xffff_ffff_ffffL;

  /// Bytes in an address.
  public static final int ADDRESS_BYTES = 6;

  public static final StructLayout LAYOUT =
      structLayout(
          sequenceLayout(ADDRESS_BYTES, Fields.U8).withName("dest"),
          sequenceLayout(ADDRESS_BYTES, Fields.U8).withName("source"),
          U16.withName("type"));

  public static final long HEADER_BYTES = LAYOUT.byteSize();

  /// Where the EtherType of an untagged frame is, or the first tag: bytes from the header's start.
  public static final long TYPE_AT = offset("type");

  private static final long DEST = offset("dest");
  private static final long SOURCE = offset("source");
  private static final long GROUP_BIT = 1L << 40;
  private static final long ADDRESS_MASK = 0xffff_ffff_ffffL;

  private Ethernet() {}

  /// Whether a whole header lies in `[at, end)`, both in bytes.
  public static boolean fits(MemorySegment memory, long at, long end) {
    return HEADER_BYTES <= end - at;
  }

  /// Destination address, 48 bits.
  public static long dest(MemorySegment memory, long at) {
    // With what follows it in the header: one access for two.
    return Fields.u64(memory, at + DEST) >>> Short.SIZE;
  }

  /// Source address, 48 bits.
  public static long source(MemorySegment memory, long at) {
    // With what stands before it in the header: one access for two.
    return Fields.u64(memory, at + SOURCE - Short.BYTES) & ADDRESS_MASK;
  }

  /// What follows, 0..65535: an EtherType, the type of a VLAN tag ([Vlan#isTag]), or below
  /// [#MIN_TYPE] a length.
  public static int etherType(MemorySegment memory, long at) {
    return Fields.u16(memory, at + TYPE_AT);
  }

  /// Whether the address names a group, broadcast included.
  public static boolean isGroup(long address) {
    return (address & GROUP_BIT) != 0;
  }

  public static void setDest(MemorySegment memory, long at, long address) {
    Fields.setU48(memory, at + DEST, address);
  }

  public static void setSource(MemorySegment memory, long at, long address) {
    Fields.setU48(memory, at + SOURCE, address);
  }

  public static void setEtherType(MemorySegment memory, long at, int type) {
    Fields.setU16(memory, at + TYPE_AT, type);
  }

  private static long offset(String name) {
    return LAYOUT.byteOffset(groupElement(name));
  }
}
