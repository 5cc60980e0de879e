package dev.sluice.plugins.terminalauth;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.regex.Pattern;

/// An IPv4 or IPv6 address as two numbers, so that the hot path compares it without an object. An
/// IPv4 address is held as `::ffff:a.b.c.d` (RFC 4291, section 2.5.5.2).
///
/// @param high the first 64 bits, 0 for IPv4
/// @param low the last 64 bits
record IpAddress(long high, long low) {
  private static final long V4_PREFIX = 0xffffL << 32;
  private static final Pattern V4 =
      Pattern.compile("(0|[1-9][0-9]{0,2})(\\.(0|[1-9][0-9]{0,2})){3}");
  private static final Pattern V6 = Pattern.compile("[0-9a-fA-F:]*:[0-9a-fA-F:.]*");

  /// The low half of an IPv4 address; its high half is 0.
  static long v4Low(int address) {
    return V4_PREFIX | Integer.toUnsignedLong(address);
  }

  static IpAddress v4(int address) {
    return new IpAddress(0, v4Low(address));
  }

  /// Reads a literal address, never a name: four decimal numbers without leading zeros, or IPv6
  /// without a zone. Other spellings, such as `10.1` or `010.0.0.1`, mean different addresses to
  /// different programs.
  ///
  /// @throws IllegalArgumentException if `text` is no address
  static IpAddress parse(String text) {
    if (!V4.matcher(text).matches() && !V6.matcher(text).matches()) {
      throw new IllegalArgumentException("no IP address: " + text);
    }
    try {
      byte[] bytes = InetAddress.ofLiteral(text).getAddress();
      if (bytes.length == 4) {
        return v4(ByteBuffer.wrap(bytes).getInt());
      }
      ByteBuffer halves = ByteBuffer.wrap(bytes);
      return new IpAddress(halves.getLong(), halves.getLong());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("no IP address: " + text, e);
    }
  }

  boolean isV4() {
    return isV4(high, low);
  }

  /// Whether these two numbers are an IPv4 address.
  static boolean isV4(long high, long low) {
    return high == 0 && low >>> 32 == 0xffff;
  }

  /// Whether the address can be one host's: not unspecified, loopback, multicast or broadcast.
  boolean isStation() {
    if (isV4()) {
      int first = (int) (low >>> 24) & 0xff;
      return first != 0 && first != 127 && first < 224;
    }
    return high >>> 56 != 0xff && (high != 0 || Long.compareUnsigned(low, 1) > 0);
  }

  /// 4 or 16 bytes, in network order.
  byte[] bytes() {
    byte[] all = ByteBuffer.allocate(16).putLong(high).putLong(low).array();
    return isV4() ? Arrays.copyOfRange(all, 12, 16) : all;
  }

  @Override
  public String toString() {
    try {
      return InetAddress.getByAddress(bytes()).getHostAddress();
    } catch (UnknownHostException e) {
      throw new AssertionError("4 or 16 bytes make an address", e);
    }
  }
}
