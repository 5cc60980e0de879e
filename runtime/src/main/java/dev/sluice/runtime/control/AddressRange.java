package dev.sluice.runtime.control;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// An address, or all addresses that begin with the same bits.
///
/// @param high the first 64 bits of an IPv6 address; 0 for IPv4
/// @param low the last 64 bits, or the 32 of IPv4
/// @param highMask which bits of `high` matter
/// @param lowMask which bits of `low` matter
record AddressRange(boolean ipv6, long high, long low, long highMask, long lowMask) {
  private static final Pattern IPV4 = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}");
  private static final Pattern IPV6 = Pattern.compile("[0-9a-fA-F:.]{2,45}");
  private static final Pattern LENGTH = Pattern.compile("\\d{1,3}");

  /// Reads `10.0.0.0/8`, `fd00::/8`, or one address without a slash.
  ///
  /// @param net whether there must be a slash
  /// @return null if it is none
  static @Nullable AddressRange parse(String text, boolean net) {
    int slash = text.indexOf('/');
    if (net != slash >= 0) {
      return null;
    }
    byte[] bytes = address(slash < 0 ? text : text.substring(0, slash));
    if (bytes.length == 0) {
      return null;
    }
    int bits = bytes.length * 8;
    int length = slash < 0 ? bits : length(text.substring(slash + 1), bits);
    return length < 0 ? null : of(ByteBuffer.wrap(bytes), length);
  }

  private static byte[] address(String text) {
    if (IPV4.matcher(text).matches()) {
      return literal(text);
    }
    if (text.indexOf(':') >= 0 && IPV6.matcher(text).matches()) {
      byte[] bytes = literal(text);
      return bytes.length == 16 ? bytes : new byte[0]; // ::ffff:1.2.3.4 would be IPv4
    }
    return new byte[0];
  }

  private static byte[] literal(String text) {
    try {
      return InetAddress.ofLiteral(text).getAddress();
    } catch (IllegalArgumentException e) {
      return new byte[0];
    }
  }

  private static int length(String text, int most) {
    boolean right = LENGTH.matcher(text).matches() && Integer.parseInt(text) <= most;
    return right ? Integer.parseInt(text) : -1;
  }

  private static AddressRange of(ByteBuffer bytes, int length) {
    if (bytes.remaining() == 4) {
      long mask = ones(length, 32);
      return new AddressRange(false, 0, (bytes.getInt() & 0xffffffffL) & mask, 0, mask);
    }
    long highMask = ones(Math.min(64, length), 64);
    long lowMask = ones(Math.max(0, length - 64), 64);
    return new AddressRange(
        true, bytes.getLong() & highMask, bytes.getLong() & lowMask, highMask, lowMask);
  }

  /// The first `count` of the last `bits` bits set.
  private static long ones(int count, int bits) {
    long all = bits == 64 ? -1L : (1L << bits) - 1;
    return count == 0 ? 0 : all & (all << (bits - count));
  }

  /// Whether an IPv4 address is within.
  boolean contains(long address) {
    return !ipv6 && (address & lowMask) == low;
  }

  /// Whether an IPv6 address is within.
  boolean contains(long addressHigh, long addressLow) {
    return ipv6 && (addressHigh & highMask) == high && (addressLow & lowMask) == low;
  }
}
