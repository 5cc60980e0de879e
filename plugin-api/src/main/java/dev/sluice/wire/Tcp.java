package dev.sluice.wire;

import static dev.sluice.wire.Fields.U16;
import static dev.sluice.wire.Fields.U32;
import static dev.sluice.wire.Fields.U8;
import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static java.lang.foreign.MemoryLayout.structLayout;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;

/// The TCP header: 20 to 60 bytes, big-endian. Source: RFC 9293, section 3.1; window scale and
/// timestamps: RFC 7323; selective acknowledgement: RFC 2018.
///
/// Getters need [#fits] to have returned true for the same `at`, and stay valid until somebody
/// writes the data offset. `fits` does not walk the options: [#optionAt] does.
public final class Tcp {
  public static final int PROTOCOL = 6;

  /// Flags as [#flags] has them.
  public static final int FIN = 0x01;

  public static final int SYN = 0x02;
  public static final int RST = 0x04;
  public static final int PSH = 0x08;
  public static final int ACK = 0x10;
  public static final int URG = 0x20;
  public static final int ECE = 0x40;
  public static final int CWR = 0x80;

  /// Option kinds.
  public static final int OPTION_MAX_SEGMENT = 2;

  public static final int OPTION_WINDOW_SCALE = 3;
  public static final int OPTION_SACK_PERMITTED = 4;
  public static final int OPTION_TIMESTAMPS = 8;

  /// What is answered where an option is not there.
  public static final int ABSENT = Options.ABSENT;

  /// What is answered where the list of options cannot be walked, or the option has another length
  /// than its RFC gives it.
  public static final int BROKEN = Options.BROKEN;

  /// Largest shift that counts; a larger one is to be read as this (RFC 7323, section 2.3).
  public static final int MAX_WINDOW_SHIFT = 14;

  public static final StructLayout LAYOUT =
      structLayout(
          U16.withName("source"),
          U16.withName("dest"),
          U32.withName("sequence"),
          U32.withName("acknowledgement"),
          U8.withName("data_offset"),
          U8.withName("flags"),
          U16.withName("window"),
          U16.withName("check"),
          U16.withName("urgent"));

  /// Bytes of a header without options.
  public static final long HEADER_BYTES = LAYOUT.byteSize();

  static final long CHECK = offset("check");

  private static final long SOURCE = offset("source");
  private static final long DEST = offset("dest");
  private static final long SEQUENCE = offset("sequence");
  private static final long ACKNOWLEDGEMENT = offset("acknowledgement");
  private static final long DATA_OFFSET = offset("data_offset");
  private static final long FLAGS = offset("flags");
  private static final long WINDOW = offset("window");
  private static final long URGENT = offset("urgent");

  private Tcp() {}

  /// Whether a whole header with its options lies in `[at, end)`, both in bytes.
  public static boolean fits(MemorySegment memory, long at, long end) {
    return HEADER_BYTES <= end - at
        && HEADER_BYTES <= headerBytes(memory, at)
        && headerBytes(memory, at) <= end - at;
  }

  /// Source port, 0..65535.
  public static int sourcePort(MemorySegment memory, long at) {
    return Fields.u16(memory, at + SOURCE);
  }

  /// Destination port, 0..65535.
  public static int destPort(MemorySegment memory, long at) {
    return Fields.u16(memory, at + DEST);
  }

  /// Both ports in one access: the source port above the lower 16 bits, the destination port in
  /// them.
  public static int ports(MemorySegment memory, long at) {
    return (int) Fields.u32(memory, at + SOURCE);
  }

  /// [#sequence] in the upper half and [#acknowledgement] in the lower, in one access.
  public static long numbers(MemorySegment memory, long at) {
    return Fields.u64(memory, at + SEQUENCE);
  }

  /// [#flags] above the lower 16 bits and [#window] in them, in one access.
  public static int flagsAndWindow(MemorySegment memory, long at) {
    return (int) Fields.u32(memory, at + DATA_OFFSET) & 0xff_ffff;
  }

  /// Sequence number of the first payload byte, or of SYN, 32 bits.
  public static long sequence(MemorySegment memory, long at) {
    return Fields.u32(memory, at + SEQUENCE);
  }

  /// The next sequence number awaited from the other side, 32 bits; without meaning unless [#ACK].
  public static long acknowledgement(MemorySegment memory, long at) {
    return Fields.u32(memory, at + ACKNOWLEDGEMENT);
  }

  /// Length of the header with its options, 0..60 bytes; a valid one is at least 20.
  public static int headerBytes(MemorySegment memory, long at) {
    return (Fields.u8(memory, at + DATA_OFFSET) >>> 4) * Integer.BYTES;
  }

  /// The eight flags of byte 13, as the constants have them.
  public static int flags(MemorySegment memory, long at) {
    return Fields.u8(memory, at + FLAGS);
  }

  /// Bytes that the sender would take, 0..65535, before scaling.
  public static int window(MemorySegment memory, long at) {
    return Fields.u16(memory, at + WINDOW);
  }

  /// Checksum as it stands, 0..65535.
  public static int checksum(MemorySegment memory, long at) {
    return Fields.u16(memory, at + CHECK);
  }

  /// Urgent pointer, 0..65535; without meaning unless [#URG].
  public static int urgent(MemorySegment memory, long at) {
    return Fields.u16(memory, at + URGENT);
  }

  /// Where the first option of a kind is, [#ABSENT], or [#BROKEN] if a length in the list lies
  /// before it is found.
  ///
  /// @param kind 2..255
  public static int optionAt(MemorySegment memory, long at, int kind) {
    return Options.at(memory, at + HEADER_BYTES, at + headerBytes(memory, at), kind);
  }

  /// Largest segment that the sender takes, 0..65535 bytes, [#ABSENT] or [#BROKEN].
  public static int maxSegmentBytes(MemorySegment memory, long at) {
    int option = optionAt(memory, at, OPTION_MAX_SEGMENT, 4);
    return option < 0 ? option : Fields.u16(memory, option + 2);
  }

  /// Bits to shift the sender's windows by, 0..255 as it stands, [#ABSENT] or [#BROKEN].
  public static int windowShift(MemorySegment memory, long at) {
    int option = optionAt(memory, at, OPTION_WINDOW_SCALE, 3);
    return option < 0 ? option : Fields.u8(memory, option + 2);
  }

  /// Whether the sender takes selective acknowledgements.
  public static boolean isSackPermitted(MemorySegment memory, long at) {
    return optionAt(memory, at, OPTION_SACK_PERMITTED, 2) >= 0;
  }

  /// The sender's timestamp, 32 bits, [#ABSENT] or [#BROKEN].
  public static long timestamp(MemorySegment memory, long at) {
    int option = optionAt(memory, at, OPTION_TIMESTAMPS, 10);
    return option < 0 ? option : Fields.u32(memory, option + 2);
  }

  /// The timestamp that the sender echoes, 32 bits, [#ABSENT] or [#BROKEN].
  public static long timestampEcho(MemorySegment memory, long at) {
    int option = optionAt(memory, at, OPTION_TIMESTAMPS, 10);
    return option < 0 ? option : Fields.u32(memory, option + 6);
  }

  public static void setSourcePort(MemorySegment memory, long at, int port) {
    Fields.setU16(memory, at + SOURCE, port);
  }

  public static void setDestPort(MemorySegment memory, long at, int port) {
    Fields.setU16(memory, at + DEST, port);
  }

  public static void setSequence(MemorySegment memory, long at, long sequence) {
    Fields.setU32(memory, at + SEQUENCE, sequence);
  }

  public static void setAcknowledgement(MemorySegment memory, long at, long acknowledgement) {
    Fields.setU32(memory, at + ACKNOWLEDGEMENT, acknowledgement);
  }

  /// Writes the data offset, and zeros into the reserved bits beside it.
  ///
  /// @param bytes 20..60, a multiple of 4
  public static void setHeaderBytes(MemorySegment memory, long at, int bytes) {
    Fields.setU8(memory, at + DATA_OFFSET, (bytes / Integer.BYTES) << 4);
  }

  public static void setFlags(MemorySegment memory, long at, int flags) {
    Fields.setU8(memory, at + FLAGS, flags);
  }

  public static void setWindow(MemorySegment memory, long at, int window) {
    Fields.setU16(memory, at + WINDOW, window);
  }

  public static void setChecksum(MemorySegment memory, long at, int checksum) {
    Fields.setU16(memory, at + CHECK, checksum);
  }

  public static void setUrgent(MemorySegment memory, long at, int urgent) {
    Fields.setU16(memory, at + URGENT, urgent);
  }

  private static int optionAt(MemorySegment memory, long at, int kind, int bytes) {
    return Options.at(memory, at + HEADER_BYTES, at + headerBytes(memory, at), kind, bytes);
  }

  private static long offset(String name) {
    return LAYOUT.byteOffset(groupElement(name));
  }
}
