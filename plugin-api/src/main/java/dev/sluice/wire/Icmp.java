package dev.sluice.wire;

import static dev.sluice.wire.Fields.U16;
import static dev.sluice.wire.Fields.U8;
import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static java.lang.foreign.MemoryLayout.structLayout;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;

/// The ICMP header: 8 bytes, big-endian. Source: RFC 792.
///
/// Getters need [#fits] to have returned true for the same `at`; no field can void it.
public final class Icmp {
  public static final int PROTOCOL = 1;

  /// Message types.
  public static final int ECHO_REPLY = 0;

  public static final int DEST_UNREACHABLE = 3;
  public static final int REDIRECT = 5;
  public static final int ECHO_REQUEST = 8;
  public static final int TIME_EXCEEDED = 11;
  public static final int PARAMETER_PROBLEM = 12;

  /// Code of [#DEST_UNREACHABLE]: a router should have fragmented and must not (RFC 1191).
  public static final int CODE_FRAGMENTATION_NEEDED = 4;

  public static final StructLayout LAYOUT =
      structLayout(
          U8.withName("type"),
          U8.withName("code"),
          U16.withName("check"),
          U16.withName("identifier"),
          U16.withName("sequence"));

  public static final long HEADER_BYTES = LAYOUT.byteSize();

  static final long CHECK = offset("check");

  private static final long TYPE = offset("type");
  private static final long CODE = offset("code");
  private static final long IDENTIFIER = offset("identifier");
  private static final long SEQUENCE = offset("sequence");

  private Icmp() {}

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

  /// Sequence number of an echo, 0..65535; the next hop's MTU where fragmentation is needed.
  public static int sequence(MemorySegment memory, long at) {
    return Fields.u16(memory, at + SEQUENCE);
  }

  /// Whether messages of this type quote the packet they complain of, from [#HEADER_BYTES] on.
  public static boolean isError(int type) {
    return switch (type) {
      case DEST_UNREACHABLE, REDIRECT, TIME_EXCEEDED, PARAMETER_PROBLEM -> true;
      default -> false;
    };
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
