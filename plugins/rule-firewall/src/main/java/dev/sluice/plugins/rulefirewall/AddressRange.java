package dev.sluice.plugins.rulefirewall;

import dev.sluice.wire.Ethernet;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Addresses with a common prefix. IPv4 ones lie in the low 32 bits.
///
/// @param etherType of the packets that have such addresses; [Rule#ANY] for all addresses
/// @param high of the prefix, zero behind it
/// @param low of the prefix, zero behind it
/// @param highMask ones where an address must be that of the prefix
/// @param lowMask ones where an address must be that of the prefix
record AddressRange(int etherType, long high, long low, long highMask, long lowMask) {
  /// What [#parse] takes, for messages.
  static final String FORM =
      "any, an address as 10.0.0.1 or fd00::1, or a prefix as 10.0.0.0/8 or fd00::/64";

  static final AddressRange ALL = new AddressRange(Rule.ANY, 0, 0, 0, 0);

  private static final int V4_BITS = 32;
  private static final int V6_BITS = 128;
  private static final Pattern V4 =
      Pattern.compile("([0-9]{1,3})\\.([0-9]{1,3})\\.([0-9]{1,3})\\.([0-9]{1,3})");
  private static final Pattern V6 = Pattern.compile("[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");
  private static final Pattern LENGTH = Pattern.compile("0|[1-9][0-9]{0,2}");

  /// Whether two ranges can be source and destination of one packet.
  boolean goesWith(AddressRange other) {
    return etherType == Rule.ANY || other.etherType == Rule.ANY || etherType == other.etherType;
  }

  /// Reads a range.
  ///
  /// @throws IllegalArgumentException if the text is not of the [#FORM]; the message says why
  static AddressRange parse(String text) {
    if (text.equals("any")) {
      return ALL;
    }
    int slash = text.indexOf('/');
    String address = slash < 0 ? text : text.substring(0, slash);
    Matcher v4 = V4.matcher(address);
    if (v4.matches()) {
      int bits = slash < 0 ? V4_BITS : length(text.substring(slash + 1), V4_BITS);
      long mask = bits == 0 ? 0 : -1L << (V4_BITS - bits) & 0xffff_ffffL;
      return whole(new AddressRange(Ethernet.TYPE_IPV4, 0, octets(v4), -1, mask));
    }
    int bits = slash < 0 ? V6_BITS : length(text.substring(slash + 1), V6_BITS);
    byte[] octets = v6(address);
    return whole(
        new AddressRange(
            Ethernet.TYPE_IPV6,
            number(octets, 0),
            number(octets, Long.BYTES),
            mask(bits),
            mask(bits - Long.SIZE)));
  }

  private static AddressRange whole(AddressRange range) {
    if ((range.high & ~range.highMask) != 0 || (range.low & ~range.lowMask) != 0) {
      throw new IllegalArgumentException("has ones behind its prefix");
    }
    return range;
  }

  /// Ones in the first bits of 64.
  private static long mask(int bits) {
    if (bits <= 0) {
      return 0;
    }
    return bits >= Long.SIZE ? -1 : -1L << (Long.SIZE - bits);
  }

  private static int length(String text, int most) {
    if (!LENGTH.matcher(text).matches() || Integer.parseInt(text) > most) {
      throw new IllegalArgumentException("has no prefix length of 0.." + most);
    }
    return Integer.parseInt(text);
  }

  private static long octets(Matcher v4) {
    long address = 0;
    for (int i = 1; i <= 4; i++) {
      String digits = v4.group(i);
      // A leading zero is octal to some, and means another address to them.
      if (Integer.parseInt(digits) > 255 || (digits.startsWith("0") && digits.length() > 1)) {
        throw new IllegalArgumentException("is no address");
      }
      address = address << Byte.SIZE | Integer.parseInt(digits);
    }
    return address;
  }

  private static byte[] v6(String text) {
    if (V6.matcher(text).matches() && parsed(text) instanceof Inet6Address address) {
      return address.getAddress();
    }
    throw new IllegalArgumentException("is no address");
  }

  /// An address that maps an IPv4 one comes out as that: no packet of IPv6 has it.
  private static InetAddress parsed(String text) {
    try {
      return InetAddress.ofLiteral(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("is no address", e);
    }
  }

  private static long number(byte[] octets, int at) {
    long number = 0;
    for (int i = at; i < at + Long.BYTES; i++) {
      number = number << Byte.SIZE | (octets[i] & 0xff);
    }
    return number;
  }
}
