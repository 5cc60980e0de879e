package dev.sluice.wire;

import static dev.sluice.wire.Fields.U16_LE;
import static dev.sluice.wire.Fields.U8;
import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static java.lang.foreign.MemoryLayout.sequenceLayout;
import static java.lang.foreign.MemoryLayout.structLayout;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;

/// An APDU of IEC 60870-5-104: 6 to 255 bytes, **little-endian**, in a TCP stream. Source: IEC
/// 60870-5-104, clause 5 (control fields); IEC 60870-5-101, clause 7.2 (ASDU, here with two bytes
/// of cause, two of common address and three of object address).
///
/// Getters need [#fits] to have returned true for the same `at`, and stay valid until somebody
/// writes the start byte, the length or the first control byte. Getters of the ASDU need [#kind]
/// [Kind#I].
public final class Iec104 {
  /// TCP port of a controlled station.
  public static final int PORT = 2404;

  /// TCP port of a controlled station behind TLS (IEC 62351-3).
  public static final int TLS_PORT = 19998;

  public static final int START = 0x68;

  /// Bounds of the length field, which counts what follows it.
  public static final int MIN_LENGTH = 4;

  public static final int MAX_LENGTH = 253;

  /// Functions of a U frame, as [#function] has them.
  public static final int STARTDT_ACT = 0x07;

  public static final int STARTDT_CON = 0x0b;
  public static final int STOPDT_ACT = 0x13;
  public static final int STOPDT_CON = 0x23;
  public static final int TESTFR_ACT = 0x43;
  public static final int TESTFR_CON = 0x83;

  /// Control byte of an S frame.
  public static final int SUPERVISORY = 0x01;

  /// What [#missingBytes] answers where no APDU can begin.
  public static final int BROKEN = -1;

  /// The three formats of an APDU.
  public enum Kind {
    /// Numbered information: carries an ASDU.
    I,
    /// Numbered supervision: acknowledges.
    S,
    /// Unnumbered control: starts, stops and tests the transfer.
    U
  }

  /// Up to the first information object of an I frame.
  public static final StructLayout LAYOUT =
      structLayout(
          U8.withName("start"),
          U8.withName("length"),
          U16_LE.withName("send"),
          U16_LE.withName("receive"),
          U8.withName("type"),
          U8.withName("qualifier"),
          U8.withName("cause"),
          U8.withName("originator"),
          U16_LE.withName("common_address"),
          sequenceLayout(3, U8).withName("object_address"));

  /// Bytes of start, length and control fields: all of an S or U frame.
  public static final int CONTROL_BYTES = (int) offset("type");

  /// Bytes of an I frame up to its first information object, the least that one can have.
  public static final int MIN_INFORMATION_BYTES = (int) offset("object_address");

  private static final long START_AT = offset("start");
  private static final long LENGTH = offset("length");
  private static final long SEND = offset("send");
  private static final long RECEIVE = offset("receive");
  private static final long TYPE = offset("type");
  private static final long QUALIFIER = offset("qualifier");
  private static final long CAUSE = offset("cause");
  private static final long ORIGINATOR = offset("originator");
  private static final long COMMON_ADDRESS = offset("common_address");
  private static final long OBJECT_ADDRESS = offset("object_address");
  private static final int HEAD_BYTES = 2;
  private static final int CAUSE_MASK = 0x3f;
  private static final int NEGATIVE_BIT = 0x40;
  private static final int TEST_BIT = 0x80;
  private static final int SEQUENCE_BIT = 0x80;

  private Iec104() {}

  /// Whether a whole APDU lies in `[at, end)`, both in bytes: 6 bytes if it is an S or U frame, 12
  /// or more if it is an I frame.
  public static boolean fits(MemorySegment memory, long at, long end) {
    return missingBytes(memory, at, end) == 0;
  }

  /// How many bytes of the stream must still arrive behind `end` before [#fits] can be true: 0 if
  /// it is, [#BROKEN] if no APDU can begin at `at`. The answer may be followed by a larger need.
  public static int missingBytes(MemorySegment memory, long at, long end) {
    long present = end - at;
    if (present >= 1 && Fields.u8(memory, at + START_AT) != START) {
      return BROKEN;
    }
    if (present < CONTROL_BYTES) {
      boolean lying = present >= HEAD_BYTES && !isLength(Fields.u8(memory, at + LENGTH));
      return lying ? BROKEN : (int) (CONTROL_BYTES - Math.max(0, present));
    }
    if (!isLength(Fields.u8(memory, at + LENGTH)) || !hasLengthOfKind(memory, at)) {
      return BROKEN;
    }
    return (int) Math.max(0, apduBytes(memory, at) - present);
  }

  /// Whether the control fields have no bit set that must be 0, and a U frame has one of its six
  /// functions alone. A frame that fits may still be without meaning.
  public static boolean isControlLegal(MemorySegment memory, long at) {
    int receive = Fields.u16le(memory, at + RECEIVE);
    return switch (kind(memory, at)) {
      case I -> (receive & 1) == 0;
      case S -> (receive & 1) == 0 && Fields.u16le(memory, at + SEND) == SUPERVISORY;
      case U -> receive == 0 && isFunction(Fields.u16le(memory, at + SEND));
    };
  }

  /// The format, by the two lowest bits of the first control byte.
  public static Kind kind(MemorySegment memory, long at) {
    int control = Fields.u8(memory, at + SEND);
    if ((control & 1) == 0) {
      return Kind.I;
    }
    return (control & 2) == 0 ? Kind.S : Kind.U;
  }

  /// Length of the whole APDU, start byte included, 2..257 bytes; a valid one is 6..255.
  public static int apduBytes(MemorySegment memory, long at) {
    return HEAD_BYTES + Fields.u8(memory, at + LENGTH);
  }

  /// First control byte of a U frame, 0..255; [#isControlLegal] says whether it is a function.
  public static int function(MemorySegment memory, long at) {
    return Fields.u8(memory, at + SEND);
  }

  /// Send sequence number of an I frame, 0..32767.
  public static int sendNumber(MemorySegment memory, long at) {
    return Fields.u16le(memory, at + SEND) >>> 1;
  }

  /// Receive sequence number of an I or S frame, 0..32767.
  public static int receiveNumber(MemorySegment memory, long at) {
    return Fields.u16le(memory, at + RECEIVE) >>> 1;
  }

  /// Type identification of the ASDU, 0..255, as 45 for a single command.
  public static int typeId(MemorySegment memory, long at) {
    return Fields.u8(memory, at + TYPE);
  }

  /// Number of information objects or elements, 0..127, as the ASDU claims.
  public static int objectCount(MemorySegment memory, long at) {
    return Fields.u8(memory, at + QUALIFIER) & ~SEQUENCE_BIT;
  }

  /// Whether the ASDU has one object address and elements in sequence from there.
  public static boolean isSequence(MemorySegment memory, long at) {
    return (Fields.u8(memory, at + QUALIFIER) & SEQUENCE_BIT) != 0;
  }

  /// Cause of transmission, 0..63, as 6 for activation.
  public static int cause(MemorySegment memory, long at) {
    return Fields.u8(memory, at + CAUSE) & CAUSE_MASK;
  }

  /// Whether a confirmation is negative.
  public static boolean isNegative(MemorySegment memory, long at) {
    return (Fields.u8(memory, at + CAUSE) & NEGATIVE_BIT) != 0;
  }

  /// Whether the ASDU was made in a test, not to control anything.
  public static boolean isTest(MemorySegment memory, long at) {
    return (Fields.u8(memory, at + CAUSE) & TEST_BIT) != 0;
  }

  /// Originator address, 0..255.
  public static int originator(MemorySegment memory, long at) {
    return Fields.u8(memory, at + ORIGINATOR);
  }

  /// Common address of the ASDU: the station, 0..65535; 65535 is all of them.
  public static int commonAddress(MemorySegment memory, long at) {
    return Fields.u16le(memory, at + COMMON_ADDRESS);
  }

  /// Whether the ASDU reaches as far as the address of its first object.
  public static boolean hasObject(MemorySegment memory, long at) {
    return apduBytes(memory, at) >= LAYOUT.byteSize();
  }

  /// Address of the first information object, 24 bits; needs [#hasObject].
  public static int objectAddress(MemorySegment memory, long at) {
    return Fields.u24le(memory, at + OBJECT_ADDRESS);
  }

  /// Writes a whole U frame, 6 bytes.
  public static void setFunction(MemorySegment memory, long at, int function) {
    setHead(memory, at, CONTROL_BYTES);
    Fields.setU16le(memory, at + SEND, function);
    Fields.setU16le(memory, at + RECEIVE, 0);
  }

  /// Writes a whole S frame, 6 bytes.
  ///
  /// @param receiveNumber 0..32767
  public static void setSupervisory(MemorySegment memory, long at, int receiveNumber) {
    setHead(memory, at, CONTROL_BYTES);
    Fields.setU16le(memory, at + SEND, SUPERVISORY);
    Fields.setU16le(memory, at + RECEIVE, receiveNumber << 1);
  }

  /// Writes start, length and both numbers of an I frame.
  ///
  /// @param apduBytes of the whole APDU, 12..255
  public static void setInformation(
      MemorySegment memory, long at, int apduBytes, int sendNumber, int receiveNumber) {
    setHead(memory, at, apduBytes);
    Fields.setU16le(memory, at + SEND, sendNumber << 1);
    Fields.setU16le(memory, at + RECEIVE, receiveNumber << 1);
  }

  /// Writes type and count of objects.
  public static void setType(
      MemorySegment memory, long at, int typeId, boolean sequence, int objectCount) {
    Fields.setU8(memory, at + TYPE, typeId);
    Fields.setU8(memory, at + QUALIFIER, (sequence ? SEQUENCE_BIT : 0) | objectCount);
  }

  /// Writes cause, its two flags, and originator 0.
  public static void setCause(
      MemorySegment memory, long at, int cause, boolean negative, boolean test) {
    int flags = (negative ? NEGATIVE_BIT : 0) | (test ? TEST_BIT : 0);
    Fields.setU8(memory, at + CAUSE, flags | (cause & CAUSE_MASK));
    Fields.setU8(memory, at + ORIGINATOR, 0);
  }

  public static void setCommonAddress(MemorySegment memory, long at, int address) {
    Fields.setU16le(memory, at + COMMON_ADDRESS, address);
  }

  public static void setObjectAddress(MemorySegment memory, long at, int address) {
    Fields.setU24le(memory, at + OBJECT_ADDRESS, address);
  }

  private static void setHead(MemorySegment memory, long at, int apduBytes) {
    Fields.setU8(memory, at + START_AT, START);
    Fields.setU8(memory, at + LENGTH, apduBytes - HEAD_BYTES);
  }

  private static boolean isLength(int length) {
    return MIN_LENGTH <= length && length <= MAX_LENGTH;
  }

  private static boolean hasLengthOfKind(MemorySegment memory, long at) {
    int bytes = apduBytes(memory, at);
    return kind(memory, at) == Kind.I ? MIN_INFORMATION_BYTES <= bytes : bytes == CONTROL_BYTES;
  }

  private static boolean isFunction(int control) {
    return switch (control) {
      case STARTDT_ACT, STARTDT_CON, STOPDT_ACT, STOPDT_CON, TESTFR_ACT, TESTFR_CON -> true;
      default -> false;
    };
  }

  private static long offset(String name) {
    return LAYOUT.byteOffset(groupElement(name));
  }
}
