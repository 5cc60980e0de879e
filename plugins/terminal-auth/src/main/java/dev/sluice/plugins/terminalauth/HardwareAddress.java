package dev.sluice.plugins.terminalauth;

import java.util.Locale;
import java.util.regex.Pattern;

/// 48-bit Ethernet addresses in the low end of a `long`, as people write them.
final class HardwareAddress {
  /// What [#parse] takes, for messages.
  static final String FORM = "an Ethernet address of one station, as 02:00:5e:10:00:01";

  private static final Pattern COLONS = Pattern.compile("[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}");
  private static final long GROUP_BIT = 1L << 40;

  private HardwareAddress() {}

  /// Reads six colon-separated octets.
  ///
  /// @throws IllegalArgumentException if the text is no address of a single station
  static long parse(String text) {
    if (!COLONS.matcher(text).matches()) {
      throw new IllegalArgumentException("no Ethernet address: " + text);
    }
    long address = Long.parseLong(text.replace(":", ""), 16);
    if (!isStation(address)) {
      throw new IllegalArgumentException("not the address of one station: " + text);
    }
    return address;
  }

  /// Whether the address can be a sender's: not zero, and not a group's (IEEE 802, I/G bit).
  static boolean isStation(long address) {
    return address != 0 && (address & GROUP_BIT) == 0;
  }

  static String text(long address) {
    String hex = String.format(Locale.ROOT, "%012x", address & 0xffff_ffff_ffffL);
    return hex.replaceAll("(..)(?!$)", "$1:");
  }
}
