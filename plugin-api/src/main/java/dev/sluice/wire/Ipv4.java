package dev.sluice.wire;

import static dev.sluice.wire.Fields.U16;
import static dev.sluice.wire.Fields.U32;
import static dev.sluice.wire.Fields.U8;
import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static java.lang.foreign.MemoryLayout.structLayout;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;

/// The IPv4 header: 20 to 60 bytes, big-endian. Source: RFC 791.
///
/// Getters need [#fits] to have returned true for the same `at`, and stay valid until somebody
/// writes version, header length or total length. `fits` does not look at the header checksum:
/// [#isChecksumRight] does.
public final class Ipv4 {
  /// What [#optionAt] answers where the option is not there.
  public static final int ABSENT = Options.ABSENT;

  /// What [#optionAt] answers where the list cannot be walked.
  public static final int BROKEN = Options.BROKEN;

  /// Option kinds that let the sender choose the route.
  public static final int OPTION_LOOSE_SOURCE_ROUTE = 131;

  public static final int OPTION_STRICT_SOURCE_ROUTE = 137;

  public static final StructLayout LAYOUT =
      structLayout(
          U8.withName("version_ihl"),
          U8.withName("service"),
          U16.withName("total"),
          U16.withName("identification"),
          U16.withName("fragment"),
          U8.withName("time_to_live"),
          U8.withName("protocol"),
          U16.withName("check"),
          U32.withName("source"),
          U32.withName("dest"));

  /// Bytes of a header without options.
  public static final long HEADER_BYTES = LAYOUT.byteSize();

  static final long SOURCE = offset("source");

  private static final int VERSION = 4;
  private static final long VERSION_IHL = offset("version_ihl");
  private static final long SERVICE = offset("service");
  private static final long TOTAL = offset("total");
  private static final long IDENTIFICATION = offset("identification");
  private static final long FRAGMENT = offset("fragment");
  private static final long TIME_TO_LIVE = offset("time_to_live");
  private static final long PROTOCOL = offset("protocol");
  private static final long CHECK = offset("check");
  private static final long DEST = offset("dest");
  private static final int DONT_FRAGMENT = 0x4000;
  private static final int MORE_FRAGMENTS = 0x2000;
  private static final int OFFSET_MASK = 0x1fff;

  private Ipv4() {}

  /// Whether a whole packet of version 4 lies in `[at, end)`, both in bytes.
  public static boolean fits(MemorySegment memory, long at, long end) {
    return HEADER_BYTES <= end - at
        && version(memory, at) == VERSION
        && HEADER_BYTES <= headerBytes(memory, at)
        && headerBytes(memory, at) <= totalBytes(memory, at)
        && totalBytes(memory, at) <= end - at;
  }

  /// Version, 0..15; 4 in a header that fits.
  public static int version(MemorySegment memory, long at) {
    return Fields.u8(memory, at + VERSION_IHL) >>> 4;
  }

  /// Length of the header with its options, 0..60 bytes; a valid one is at least 20.
  public static int headerBytes(MemorySegment memory, long at) {
    return (Fields.u8(memory, at + VERSION_IHL) & 0xf) * Integer.BYTES;
  }

  /// Type of service, 0..255: six bits of DSCP, two of ECN.
  public static int service(MemorySegment memory, long at) {
    return Fields.u8(memory, at + SERVICE);
  }

  /// Length of header and payload, 0..65535 bytes.
  public static int totalBytes(MemorySegment memory, long at) {
    return Fields.u16(memory, at + TOTAL);
  }

  /// What fragments of one packet have in common, 0..65535.
  public static int identification(MemorySegment memory, long at) {
    return Fields.u16(memory, at + IDENTIFICATION);
  }

  public static boolean dontFragment(MemorySegment memory, long at) {
    return (Fields.u16(memory, at + FRAGMENT) & DONT_FRAGMENT) != 0;
  }

  public static boolean moreFragments(MemorySegment memory, long at) {
    return (Fields.u16(memory, at + FRAGMENT) & MORE_FRAGMENTS) != 0;
  }

  /// Where this fragment's payload belongs in the whole packet's, 0..65528 bytes.
  public static int fragmentOffsetBytes(MemorySegment memory, long at) {
    return (Fields.u16(memory, at + FRAGMENT) & OFFSET_MASK) * Long.BYTES;
  }

  /// Whether this is a fragment, the first one included.
  public static boolean isFragment(MemorySegment memory, long at) {
    return (Fields.u16(memory, at + FRAGMENT) & (MORE_FRAGMENTS | OFFSET_MASK)) != 0;
  }

  /// Hops left, 0..255.
  public static int timeToLive(MemorySegment memory, long at) {
    return Fields.u8(memory, at + TIME_TO_LIVE);
  }

  /// IP protocol number of the payload, 0..255.
  public static int protocol(MemorySegment memory, long at) {
    return Fields.u8(memory, at + PROTOCOL);
  }

  /// Header checksum as it stands, 0..65535.
  public static int checksum(MemorySegment memory, long at) {
    return Fields.u16(memory, at + CHECK);
  }

  /// Source address, 32 bits.
  public static long source(MemorySegment memory, long at) {
    return Fields.u32(memory, at + SOURCE);
  }

  /// Destination address, 32 bits.
  public static long dest(MemorySegment memory, long at) {
    return Fields.u32(memory, at + DEST);
  }

  /// [#source] in the upper half and [#dest] in the lower, in one access.
  public static long addresses(MemorySegment memory, long at) {
    return Fields.u64(memory, at + SOURCE);
  }

  /// Where the first option of a kind is, [#ABSENT], or [#BROKEN] if a length in the list lies
  /// before it is found.
  ///
  /// @param kind 2..255
  public static int optionAt(MemorySegment memory, long at, int kind) {
    return Options.at(memory, at + HEADER_BYTES, at + headerBytes(memory, at), kind);
  }

  /// Whether the header checksum is right.
  public static boolean isChecksumRight(MemorySegment memory, long at) {
    return Checksum.of(memory, at, headerBytes(memory, at)) == 0;
  }

  /// Computes the header checksum and writes it.
  public static void updateChecksum(MemorySegment memory, long at) {
    setChecksum(memory, at, 0);
    setChecksum(memory, at, Checksum.of(memory, at, headerBytes(memory, at)));
  }

  /// Writes version 4 and the header's length.
  ///
  /// @param bytes 20..60, a multiple of 4
  public static void setHeaderBytes(MemorySegment memory, long at, int bytes) {
    Fields.setU8(memory, at + VERSION_IHL, (VERSION << 4) | (bytes / Integer.BYTES));
  }

  public static void setService(MemorySegment memory, long at, int service) {
    Fields.setU8(memory, at + SERVICE, service);
  }

  public static void setTotalBytes(MemorySegment memory, long at, int bytes) {
    Fields.setU16(memory, at + TOTAL, bytes);
  }

  public static void setIdentification(MemorySegment memory, long at, int identification) {
    Fields.setU16(memory, at + IDENTIFICATION, identification);
  }

  /// Writes both flags and the offset.
  ///
  /// @param offsetBytes 0..65528, a multiple of 8
  public static void setFragment(
      MemorySegment memory, long at, boolean dontFragment, boolean more, int offsetBytes) {
    int flags = (dontFragment ? DONT_FRAGMENT : 0) | (more ? MORE_FRAGMENTS : 0);
    Fields.setU16(memory, at + FRAGMENT, flags | (offsetBytes / Long.BYTES));
  }

  public static void setTimeToLive(MemorySegment memory, long at, int hops) {
    Fields.setU8(memory, at + TIME_TO_LIVE, hops);
  }

  public static void setProtocol(MemorySegment memory, long at, int protocol) {
    Fields.setU8(memory, at + PROTOCOL, protocol);
  }

  public static void setChecksum(MemorySegment memory, long at, int checksum) {
    Fields.setU16(memory, at + CHECK, checksum);
  }

  public static void setSource(MemorySegment memory, long at, long address) {
    Fields.setU32(memory, at + SOURCE, address);
  }

  public static void setDest(MemorySegment memory, long at, long address) {
    Fields.setU32(memory, at + DEST, address);
  }

  private static long offset(String name) {
    return LAYOUT.byteOffset(groupElement(name));
  }
}
