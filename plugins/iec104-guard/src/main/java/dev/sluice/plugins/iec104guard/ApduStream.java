package dev.sluice.plugins.iec104guard;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.sluice.wire.Iec104;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;

/// Follows APDUs through a stream of bytes that TCP may cut anywhere. Source: IEC 60870-5-104,
/// clause 5.
///
/// A place in the stream is one number: how many bytes of its APDU lie before it, and what the rest
/// depends on. Equal places have equal numbers; [#BOUNDARY] is the place between two APDUs.
final class ApduStream {
  /// Before the first byte of an APDU.
  static final int BOUNDARY = 0;

  /// No APDU can have these bytes.
  static final int BROKEN = -1;

  /// The APDU has a blocked type.
  static final int BLOCKED = -2;

  private static final int START_AT = 0;
  private static final int LENGTH_AT = 1;
  private static final int KIND_AT = 2;
  private static final int TYPE_AT = 6;
  private static final int CAUSE_AT = 8;
  private static final int HEAD_BYTES = 2;

  /// Bits of a place: bytes that lie before it, the length byte, whether the APDU is an I frame
  /// that is not judged yet, whether its type is blocked and its cause decides.
  private static final int SEEN_MASK = 0xff;

  private static final int LENGTH_SHIFT = 8;
  private static final int UNJUDGED = 1 << 16;
  private static final int SUSPECT = 1 << 17;

  private static final int CAUSE_MASK = 0x3f;

  /// Causes of answers: confirmations, termination, and "unknown" this or that.
  private static final long ANSWERS =
      1L << 7 | 1L << 9 | 1L << 10 | 1L << 44 | 1L << 45 | 1L << 46 | 1L << 47;

  private final BitSet blockedTypes;

  /// @param blockedTypes type identifications, 0..255
  ApduStream(BitSet blockedTypes) {
    this.blockedTypes = (BitSet) blockedTypes.clone();
  }

  /// Goes over the bytes in `[from, to)`.
  ///
  /// @param place where `from` is
  /// @param answersPass whether an APDU of a blocked type passes if its cause says that it answers
  ///   one
  /// @return where `to` is, [#BROKEN] or [#BLOCKED]
  int follow(MemorySegment memory, long from, long to, int place, boolean answersPass) {
    int here = place;
    long at = from;
    while (at < to && here >= 0) {
      int seen = here & SEEN_MASK;
      if (seen > KIND_AT && (here & UNJUDGED) == 0) {
        int left = HEAD_BYTES + (here >>> LENGTH_SHIFT & 0xff) - seen;
        int skipped = (int) Math.min(left, to - at);
        here = skipped == left ? BOUNDARY : here + skipped;
        at += skipped;
      } else {
        here = next(here, seen, Byte.toUnsignedInt(memory.get(JAVA_BYTE, at)), answersPass);
        at++;
      }
    }
    return here;
  }

  /// The place behind one byte of an APDU's head.
  private int next(int here, int seen, int value, boolean answersPass) {
    return switch (seen) {
      case START_AT -> value == Iec104.START ? here + 1 : BROKEN;
      case LENGTH_AT -> {
        boolean legal = Iec104.MIN_LENGTH <= value && value <= Iec104.MAX_LENGTH;
        yield legal ? here + 1 | value << LENGTH_SHIFT : BROKEN;
      }
      case KIND_AT -> kind(here, value);
      case TYPE_AT -> {
        if (!blockedTypes.get(value)) {
          yield here + 1 & ~UNJUDGED;
        }
        yield answersPass ? here + 1 | SUSPECT : BLOCKED;
      }
      case CAUSE_AT -> {
        boolean answers = (ANSWERS >>> (value & CAUSE_MASK) & 1) != 0;
        yield answers ? here + 1 & ~(UNJUDGED | SUSPECT) : BLOCKED;
      }
      default -> here + 1;
    };
  }

  /// An I frame has an even first control byte, and an ASDU; the others have neither.
  private static int kind(int here, int control) {
    int bytes = HEAD_BYTES + (here >>> LENGTH_SHIFT & 0xff);
    if ((control & 1) == 0) {
      return bytes >= Iec104.MIN_INFORMATION_BYTES ? here + 1 | UNJUDGED : BROKEN;
    }
    return bytes == Iec104.CONTROL_BYTES ? here + 1 : BROKEN;
  }
}
