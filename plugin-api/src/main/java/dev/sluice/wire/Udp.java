package dev.sluice.wire;

import static dev.sluice.wire.Fields.U16;
import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static java.lang.foreign.MemoryLayout.structLayout;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;

/// The UDP header: 8 bytes, big-endian. Source: RFC 768.
///
/// Getters need [#fits] to have returned true for the same `at`, and stay valid until somebody
/// writes the length field. Length 0, which RFC 2675 gives to jumbograms, does not fit.
public final class Udp {
  public static final int PROTOCOL = 17;

  public static final StructLayout LAYOUT =
      structLayout(
          U16.withName("source"), U16.withName("dest"), U16.withName("len"), U16.withName("check"));

  public static final long HEADER_BYTES = LAYOUT.byteSize();

  static final long CHECK = offset("check");

  private static final long SOURCE = offset("source");
  private static final long DEST = offset("dest");
  private static final long LEN = offset("len");

  private Udp() {}

  /// Whether a whole datagram lies in `[at, end)`, both in bytes.
  public static boolean fits(MemorySegment memory, long at, long end) {
    return HEADER_BYTES <= end - at
        && HEADER_BYTES <= datagramBytes(memory, at)
        && datagramBytes(memory, at) <= end - at;
  }

  /// Source port, 0..65535.
  public static int sourcePort(MemorySegment memory, long at) {
    return Fields.u16(memory, at + SOURCE);
  }

  /// Destination port, 0..65535.
  public static int destPort(MemorySegment memory, long at) {
    return Fields.u16(memory, at + DEST);
  }

  /// Length of header and payload, 0..65535 bytes; a valid one is at least 8.
  public static int datagramBytes(MemorySegment memory, long at) {
    return Fields.u16(memory, at + LEN);
  }

  /// Checksum as it stands, 0..65535; over IPv4, 0 says that there is none.
  public static int checksum(MemorySegment memory, long at) {
    return Fields.u16(memory, at + CHECK);
  }

  public static void setSourcePort(MemorySegment memory, long at, int port) {
    Fields.setU16(memory, at + SOURCE, port);
  }

  public static void setDestPort(MemorySegment memory, long at, int port) {
    Fields.setU16(memory, at + DEST, port);
  }

  public static void setDatagramBytes(MemorySegment memory, long at, int bytes) {
    Fields.setU16(memory, at + LEN, bytes);
  }

  public static void setChecksum(MemorySegment memory, long at, int checksum) {
    Fields.setU16(memory, at + CHECK, checksum);
  }

  private static long offset(String name) {
    return LAYOUT.byteOffset(groupElement(name));
  }
}
