package dev.sluice.wire;

import static dev.sluice.wire.Fields.U16;
import static dev.sluice.wire.Fields.U8;
import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static java.lang.foreign.MemoryLayout.structLayout;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;

/// The ICMPv6 header: 8 bytes, big-endian, of which the last four belong to the message. Source:
/// RFC 4443. Neighbour discovery has a view of its own, [NeighborDiscovery].
///
/// Getters need [#fits] to have returned true for the same `at`; no field can void it.
public final class Icmpv6 {
  public static final int PROTOCOL = 58;

  /// Message types.
  public static final int DEST_UNREACHABLE = 1;

  public static final int PACKET_TOO_BIG = 2;
  public static final int TIME_EXCEEDED = 3;
  public static final int PARAMETER_PROBLEM = 4;
  public static final int ECHO_REQUEST = 128;
  public static final int ECHO_REPLY = 129;

  public static final StructLayout LAYOUT =
      structLayout(
          U8.withName("type"),
          U8.withName("code"),
          U16.withName("check"),
          U16.withName("identifier"),
          U16.withName("sequence"));

  public static final long HEADER_BYTES = LAYOUT.byteSize();

  static final long CHECK = offset("check");

  private static final int INFORMATIONAL_BIT = 0x80;
  private static final long TYPE = offset("type");
  private static final long CODE = offset("code");
  private static final long IDENTIFIER = offset("identifier");
  private static final long SEQUENCE = offset("sequence");

  private Icmpv6() {}

  /// Whether a whole header lies in `[at, end)`, both in bytes.
  public static boolean fits(MemorySegment memory, long at, long end) {
    return HEADER_BYTES <= end - at;
  }

  /// Message type, 0..255.
  public static int type(MemorySegment memory, long at) {
    return Fields.u8(memory, at + TYPE);
  }

  /// What is meant within the type, 0..255.
  public static int code(MemorySegment memory, long at) {
    return Fields.u8(memory, at + CODE);
  }

  /// Checksum as it stands, 0..65535.
  public static int checksum(MemorySegment memory, long at) {
    return Fields.u16(memory, at + CHECK);
  }

  /// Identifier of an echo, 0..65535.
  public static int identifier(MemorySegment memory, long at) {
    return Fields.u16(memory, at + IDENTIFIER);
  }

  /// Sequence number of an echo, 0..65535.
  public static int sequence(MemorySegment memory, long at) {
    return Fields.u16(memory, at + SEQUENCE);
  }

  /// Whether messages of this type are errors, which quote the packet they complain of, from
  /// [#HEADER_BYTES] on.
  public static boolean isError(int type) {
    return (type & INFORMATIONAL_BIT) == 0;
  }

  public static void setType(MemorySegment memory, long at, int type) {
    Fields.setU8(memory, at + TYPE, type);
  }

  public static void setCode(MemorySegment memory, long at, int code) {
    Fields.setU8(memory, at + CODE, code);
  }

  public static void setChecksum(MemorySegment memory, long at, int checksum) {
    Fields.setU16(memory, at + CHECK, checksum);
  }

  public static void setIdentifier(MemorySegment memory, long at, int identifier) {
    Fields.setU16(memory, at + IDENTIFIER, identifier);
  }

  public static void setSequence(MemorySegment memory, long at, int sequence) {
    Fields.setU16(memory, at + SEQUENCE, sequence);
  }

  private static long offset(String name) {
    return LAYOUT.byteOffset(groupElement(name));
  }
}
