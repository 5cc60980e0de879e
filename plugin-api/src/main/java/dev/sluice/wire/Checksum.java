package dev.sluice.wire;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// The Internet checksum: ones' complement of the ones' complement sum of 16-bit words. Source: RFC
/// 1071; incremental update: RFC 1624; pseudo headers: RFC 9293, section 3.1, and RFC 8200, section
/// 8.1.
public final class Checksum {
  /// From so many bytes on, a loop over words of 64 bits saves more than it costs to begin.
  private static final int LONG_BYTES = 64;

  private Checksum() {}

  /// Checksum of a range, 0..65535; 0 if the range holds its own right checksum at an even offset.
  ///
  /// @param bytes 0 or more; an odd one counts a zero byte behind the last
  public static int of(MemorySegment memory, long at, long bytes) {
    return complement(sum(memory, at, bytes));
  }

  /// Sum of a range, for [#complement]; sums of ranges that start at even offsets from each other
  /// may be added.
  ///
  /// @param bytes 0 to 2 GiB; an odd one counts a zero byte behind the last
  public static long sum(MemorySegment memory, long at, long bytes) {
    long end = at + bytes;
    long sum = 0;
    long next = at;
    if (bytes >= LONG_BYTES) {
      int doubles = (int) (bytes >>> 3);
      sum = inNetworkOrder(sumOfDoubles(memory, at, doubles));
      next += 8L * doubles;
    }
    // Words of 32 bits: their halves have the right weight modulo 2^16 - 1.
    for (; next + Integer.BYTES <= end; next += Integer.BYTES) {
      sum += Fields.u32(memory, next);
    }
    if (next + Short.BYTES <= end) {
      sum += Fields.u16(memory, next);
      next += Short.BYTES;
    }
    return next < end ? sum + ((long) Fields.u8(memory, next) << 8) : sum;
  }

  /// Sum of so many words of 64 bits, in the host's byte order (RFC 1071, section 2, B): their
  /// halves have the right weight modulo 2^16 - 1, and the carries of 2^28 of them stay within 64
  /// bits. The loop is this short because a long frame's memory is often in another processor's
  /// cache: the fewer instructions a load takes, the more loads wait at the same time.
  private static long sumOfDoubles(MemorySegment memory, long at, int words) {
    long sum = 0;
    for (int i = 0; i < words; i++) {
      long word = memory.get(ValueLayout.JAVA_LONG_UNALIGNED, at + 8L * i);
      sum += (word & 0xffff_ffffL) + (word >>> 32);
    }
    return sum;
  }

  /// A sum that was made in the host's byte order.
  private static long inNetworkOrder(long sum) {
    int folded = ~complement(sum) & 0xffff;
    return ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN
        ? folded
        : Short.toUnsignedInt(Short.reverseBytes((short) folded));
  }

  /// The checksum that makes a sum right, 0..65535.
  public static int complement(long sum) {
    long folded = (sum >>> 32) + (sum & 0xffff_ffffL);
    folded = (folded >>> 16) + (folded & 0xffff);
    folded = (folded >>> 16) + (folded & 0xffff);
    folded = (folded >>> 16) + (folded & 0xffff);
    return (int) ~folded & 0xffff;
  }

  /// Sum of the pseudo header of the IPv4 or IPv6 packet at `networkAt`, whose version must be one
  /// of these. Over IPv6 it has the header's destination, which is the final one unless a routing
  /// header has segments left.
  ///
  /// @param bytes of transport header and payload
  public static long pseudoSum(MemorySegment memory, long networkAt, int protocol, long bytes) {
    if (Ipv4.version(memory, networkAt) != 4) {
      return sum(memory, networkAt + Ipv6.SOURCE_HIGH, 32) + protocol + bytes;
    }
    long addresses = Ipv4.addresses(memory, networkAt);
    return (addresses >>> 32) + (addresses & 0xffff_ffffL) + protocol + bytes;
  }

  /// Checksum that a TCP segment, UDP datagram, ICMP or ICMPv6 message ought to have, 0..65535,
  /// whatever stands in its checksum field. For UDP it is never 0, which says "none" (RFC 768).
  ///
  /// @param networkAt where the IPv4 or IPv6 header is
  /// @param protocol [Tcp#PROTOCOL], [Udp#PROTOCOL], [Icmp#PROTOCOL] or [Icmpv6#PROTOCOL]
  /// @param at where the transport header is
  /// @param end where its payload ends; for UDP, by its own length field
  /// @throws IllegalArgumentException for any other protocol
  public static int transport(
      MemorySegment memory, long networkAt, int protocol, long at, long end) {
    long field = at + fieldOffset(protocol);
    long sum = sum(memory, at, field - at) + sum(memory, field + 2, end - field - 2);
    if (protocol != Icmp.PROTOCOL) {
      sum += pseudoSum(memory, networkAt, protocol, end - at);
    }
    int checksum = complement(sum);
    return protocol == Udp.PROTOCOL ? neverZero(checksum) : checksum;
  }

  /// Whether the transport checksum that stands in the packet is right. A UDP datagram without
  /// checksum (0) is right over IPv4 and wrong over IPv6. Parameters as of [#transport].
  public static boolean isTransportRight(
      MemorySegment memory, long networkAt, int protocol, long at, long end) {
    int found = Fields.u16(memory, at + fieldOffset(protocol));
    if (protocol == Udp.PROTOCOL && found == 0) {
      return Ipv4.version(memory, networkAt) == 4;
    }
    long sum = sum(memory, at, end - at);
    if (protocol != Icmp.PROTOCOL) {
      sum += pseudoSum(memory, networkAt, protocol, end - at);
    }
    return complement(sum) == 0;
  }

  /// Computes the transport checksum and writes it. Parameters as of [#transport].
  public static void updateTransport(
      MemorySegment memory, long networkAt, int protocol, long at, long end) {
    int checksum = transport(memory, networkAt, protocol, at, end);
    Fields.setU16(memory, at + fieldOffset(protocol), checksum);
  }

  /// The checksum after a 16-bit field, at an even offset, has changed (RFC 1624, equation 3).
  ///
  /// For UDP see [#neverZero], and leave a checksum of 0, "none", alone.
  public static int update16(int checksum, int oldField, int newField) {
    return complement((~checksum & 0xffffL) + (~oldField & 0xffffL) + (newField & 0xffffL));
  }

  /// The checksum after a 32-bit field, at an even offset, has changed (RFC 1624, equation 3).
  ///
  /// For UDP see [#neverZero], and leave a checksum of 0, "none", alone.
  public static int update32(int checksum, long oldField, long newField) {
    return complement(
        (~checksum & 0xffffL) + (~oldField & 0xffff_ffffL) + (newField & 0xffff_ffffL));
  }

  /// What UDP writes for a computed checksum: 0 means "none" there, and 65535 is the same number in
  /// ones' complement.
  public static int neverZero(int checksum) {
    return checksum == 0 ? 0xffff : checksum;
  }

  private static long fieldOffset(int protocol) {
    return switch (protocol) {
      case Tcp.PROTOCOL -> Tcp.CHECK;
      case Udp.PROTOCOL -> Udp.CHECK;
      case Icmp.PROTOCOL -> Icmp.CHECK;
      case Icmpv6.PROTOCOL -> Icmpv6.CHECK;
      default -> throw new IllegalArgumentException("protocol " + protocol + " has no checksum");
    };
  }
}
