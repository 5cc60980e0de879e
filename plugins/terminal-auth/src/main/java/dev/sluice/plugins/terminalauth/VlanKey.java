package dev.sluice.plugins.terminalauth;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The number that `Packet.vlanKey()` gives for a frame's tags, as people write it: `none`, `10`,
/// or `100.10`, the outer tag first.
final class VlanKey {
  /// What [#parse] takes, for messages.
  static final String FORM = "none, one VLAN as 10, or two as 100.10 (outer first), 1..4094 each";

  static final int UNTAGGED = 0xffffff;
  private static final int ABSENT = 0xfff;
  private static final Pattern TAGS = Pattern.compile("([0-9]{1,4})(?:\\.([0-9]{1,4}))?");

  private VlanKey() {}

  /// @throws IllegalArgumentException if the text is not of the [#FORM]
  static int parse(String text) {
    if (text.equals("none")) {
      return UNTAGGED;
    }
    Matcher tags = TAGS.matcher(text);
    if (!tags.matches()) {
      throw new IllegalArgumentException("no VLAN: " + text);
    }
    int outer = identifier(tags.group(1));
    int inner = tags.group(2) == null ? ABSENT : identifier(tags.group(2));
    return outer << 12 | inner;
  }

  private static int identifier(String digits) {
    int id = Integer.parseInt(digits);
    if (id < 1 || 4094 < id) {
      throw new IllegalArgumentException("VLAN " + id + " is outside 1..4094");
    }
    return id;
  }

  static String text(int vlanKey) {
    int outer = vlanKey >>> 12 & ABSENT;
    int inner = vlanKey & ABSENT;
    if (outer == ABSENT) {
      return "none";
    }
    return inner == ABSENT ? Integer.toString(outer) : outer + "." + inner;
  }
}
