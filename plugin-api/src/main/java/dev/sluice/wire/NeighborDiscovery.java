package dev.sluice.wire;

import static dev.sluice.wire.Fields.U16;
import static dev.sluice.wire.Fields.U32;
import static dev.sluice.wire.Fields.U64;
import static dev.sluice.wire.Fields.U8;
import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static java.lang.foreign.MemoryLayout.structLayout;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;

/// A neighbour discovery message: an ICMPv6 header, what its type adds, and options in units of 8
/// bytes; big-endian. Source: RFC 4861, section 4.
///
/// `at` is where the ICMPv6 header is. Getters need [#fits] to have returned true for the same `at`
/// and `end`, and stay valid until somebody writes the type, the code or an option's length. A
/// receiver must also see hop limit 255 and a right checksum (section 7.1): those are not in these
/// bytes, see [Ipv6#hopLimit] and [Checksum#isTransportRight].
public final class NeighborDiscovery {
  public static final int ROUTER_SOLICITATION = 133;
  public static final int ROUTER_ADVERTISEMENT = 134;
  public static final int SOLICITATION = 135;
  public static final int ADVERTISEMENT = 136;
  public static final int REDIRECT = 137;

  /// Hop limit of an honest message: nobody has forwarded it.
  public static final int HOP_LIMIT = 255;

  /// Option types.
  public static final int OPTION_SOURCE_ADDRESS = 1;

  public static final int OPTION_TARGET_ADDRESS = 2;

  /// Flags of an advertisement, as [#flags] has them.
  public static final int FLAG_ROUTER = 0x80;

  public static final int FLAG_SOLICITED = 0x40;
  public static final int FLAG_OVERRIDE = 0x20;

  /// What is answered where an option is not there.
  public static final int ABSENT = -1;

  /// Of a solicitation or an advertisement, without options.
  public static final StructLayout LAYOUT =
      structLayout(
          U8.withName("type"),
          U8.withName("code"),
          U16.withName("check"),
          U32.withName("flags"),
          U64.withName("target_high"),
          U64.withName("target_low"));

  /// Bytes of a solicitation or an advertisement, without options.
  public static final long MESSAGE_BYTES = LAYOUT.byteSize();

  /// Bytes of an option that carries an Ethernet address.
  public static final long ADDRESS_OPTION_BYTES = 8;

  private static final long FLAGS = offset("flags");
  private static final long TARGET_HIGH = offset("target_high");
  private static final long TARGET_LOW = offset("target_low");
  private static final long OPTION_UNIT_BYTES = 8;
  private static final long NO_MESSAGE = Long.MAX_VALUE;

  private NeighborDiscovery() {}

  /// Whether a whole message of one of the five types, with code 0 and options that fill it to the
  /// end, lies in `[at, end)`, both in bytes.
  public static boolean fits(MemorySegment memory, long at, long end) {
    return Icmpv6.fits(memory, at, end)
        && messageBytes(Icmpv6.type(memory, at)) <= end - at
        && Icmpv6.code(memory, at) == 0
        && optionsFit(memory, at + messageBytes(Icmpv6.type(memory, at)), end);
  }

  /// Whether ICMPv6 messages of this type are neighbour discovery.
  public static boolean isType(int icmpType) {
    return messageBytes(icmpType) != NO_MESSAGE;
  }

  /// Whether the message has a target: solicitation, advertisement and redirect do.
  public static boolean hasTarget(MemorySegment memory, long at) {
    int type = Icmpv6.type(memory, at);
    return type == SOLICITATION || type == ADVERTISEMENT || type == REDIRECT;
  }

  /// The flags of an advertisement.
  public static int flags(MemorySegment memory, long at) {
    return Fields.u8(memory, at + FLAGS);
  }

  /// First 64 bits of the target's address, in a message that has one.
  public static long targetHigh(MemorySegment memory, long at) {
    return Fields.u64(memory, at + TARGET_HIGH);
  }

  /// Last 64 bits of the target's address, in a message that has one.
  public static long targetLow(MemorySegment memory, long at) {
    return Fields.u64(memory, at + TARGET_LOW);
  }

  /// The Ethernet address in the first option of a type, 48 bits, or [#ABSENT] also where that
  /// option has another length than [#ADDRESS_OPTION_BYTES].
  ///
  /// @param optionType [#OPTION_SOURCE_ADDRESS] or [#OPTION_TARGET_ADDRESS]
  public static long linkAddress(MemorySegment memory, long at, long end, int optionType) {
    int option = optionAt(memory, at, end, optionType);
    return option == ABSENT || optionBytes(memory, option) != ADDRESS_OPTION_BYTES
        ? ABSENT
        : Fields.u48(memory, option + 2L);
  }

  /// Where the first option of a type is, or [#ABSENT].
  public static int optionAt(MemorySegment memory, long at, long end, int optionType) {
    long option = at + messageBytes(Icmpv6.type(memory, at));
    while (option < end) {
      if (Fields.u8(memory, option) == optionType) {
        return (int) option;
      }
      option += optionBytes(memory, option);
    }
    return ABSENT;
  }

  /// Writes the flags of an advertisement, and zeros into the reserved bits behind them.
  public static void setFlags(MemorySegment memory, long at, int flags) {
    Fields.setU32(memory, at + FLAGS, (long) flags << 24);
  }

  public static void setTarget(MemorySegment memory, long at, long high, long low) {
    Fields.setU64(memory, at + TARGET_HIGH, high);
    Fields.setU64(memory, at + TARGET_LOW, low);
  }

  /// Writes an option of [#ADDRESS_OPTION_BYTES] that carries an Ethernet address.
  ///
  /// @param optionAt where the option starts, not where the message does
  public static void setAddressOption(
      MemorySegment memory, long optionAt, int optionType, long address) {
    Fields.setU8(memory, optionAt, optionType);
    Fields.setU8(memory, optionAt + 1, (int) (ADDRESS_OPTION_BYTES / OPTION_UNIT_BYTES));
    Fields.setU48(memory, optionAt + 2, address);
  }

  private static long messageBytes(int icmpType) {
    return switch (icmpType) {
      case ROUTER_SOLICITATION -> 8;
      case ROUTER_ADVERTISEMENT -> 16;
      case SOLICITATION, ADVERTISEMENT -> MESSAGE_BYTES;
      case REDIRECT -> 40;
      default -> NO_MESSAGE;
    };
  }

  private static boolean optionsFit(MemorySegment memory, long from, long end) {
    long at = from;
    while (at < end) {
      if (end - at < OPTION_UNIT_BYTES) {
        return false;
      }
      long bytes = optionBytes(memory, at);
      // A length of 0 would keep the walk where it is; section 4.6 has the packet discarded.
      if (bytes < OPTION_UNIT_BYTES || end - at < bytes) {
        return false;
      }
      at += bytes;
    }
    return true;
  }

  private static long optionBytes(MemorySegment memory, long optionAt) {
    return Fields.u8(memory, optionAt + 1) * OPTION_UNIT_BYTES;
  }

  private static long offset(String name) {
    return LAYOUT.byteOffset(groupElement(name));
  }
}
