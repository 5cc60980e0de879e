package dev.sluice.wire;

import java.lang.foreign.MemorySegment;

/// The walk over IPv6 extension headers to the transport header. Source: RFC 8200, section 4; the
/// authentication header: RFC 4302, section 2.
///
/// Hop-by-hop options, routing, destination options and authentication headers are stepped over.
/// Encrypted payload (50), "no next header" (59) and every other number end the walk: they are what
/// the packet carries.
public final class Ipv6Extensions {
  public static final int HOP_BY_HOP = 0;
  public static final int ROUTING = 43;
  public static final int FRAGMENT = 44;
  public static final int ENCRYPTED = 50;
  public static final int AUTHENTICATION = 51;
  public static final int NO_NEXT_HEADER = 59;
  public static final int DEST_OPTIONS = 60;

  /// Most headers that are stepped over; RFC 8200 foresees six.
  public static final int MAX_HEADERS = 8;

  /// The walk met a lying length, a header out of its place, or more than [#MAX_HEADERS].
  public static final long BROKEN = -1;

  /// The walk met a fragment header, be it that of a packet in one piece ("atomic", RFC 6946).
  public static final long FRAGMENTED = -2;

  private static final long MIN_BYTES = 8;
  private static final long MIN_AUTHENTICATION_BYTES = 12;

  private Ipv6Extensions() {}

  /// Walks from an IPv6 header that fits to what the packet carries.
  ///
  /// @param at where the IPv6 header is
  /// @return [#BROKEN], [#FRAGMENTED], or a number for [#protocol] and [#transportAt]
  public static long walk(MemorySegment memory, long at) {
    long end = at + Ipv6.HEADER_BYTES + Ipv6.payloadBytes(memory, at);
    long header = at + Ipv6.HEADER_BYTES;
    int type = Ipv6.nextHeader(memory, at);
    for (int headers = 0; isStepped(type); headers++) {
      boolean misplaced = type == HOP_BY_HOP && headers > 0;
      if (misplaced || headers == MAX_HEADERS || end - header < MIN_BYTES) {
        return BROKEN;
      }
      if (type == FRAGMENT) {
        return FRAGMENTED;
      }
      long bytes = headerBytes(memory, header, type);
      if (bytes < minBytes(type) || end - header < bytes) {
        return BROKEN;
      }
      type = Fields.u8(memory, header);
      header += bytes;
    }
    return ((long) type << 32) | header;
  }

  /// IP protocol number in the answer of a walk that reached one, 0..255.
  public static int protocol(long walked) {
    return (int) (walked >>> 32);
  }

  /// Where the transport header starts, in the answer of a walk that reached one.
  public static int transportAt(long walked) {
    return (int) walked;
  }

  private static boolean isStepped(int type) {
    return switch (type) {
      case HOP_BY_HOP, ROUTING, FRAGMENT, AUTHENTICATION, DEST_OPTIONS -> true;
      default -> false;
    };
  }

  private static long headerBytes(MemorySegment memory, long at, int type) {
    int length = Fields.u8(memory, at + 1);
    // The authentication header alone counts words of 32 bits, less two (RFC 4302, section 2.2).
    return type == AUTHENTICATION ? (length + 2L) * Integer.BYTES : (length + 1L) * Long.BYTES;
  }

  private static long minBytes(int type) {
    return type == AUTHENTICATION ? MIN_AUTHENTICATION_BYTES : MIN_BYTES;
  }
}
