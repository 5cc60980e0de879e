package dev.sluice.runtime.bench;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What the JVM of a gateway tells about itself.
final class JvmFigures {
  private static final Pattern TOTAL = Pattern.compile("Safepoint \".*Total: *(\\d+) ns");

  private JvmFigures() {}

  /// The longest time that all threads stood still, in microseconds, by the log that
  /// `-Xlog:safepoint` writes; 0 if they never did.
  static double longestPauseMicros(List<String> log) {
    long longest = 0;
    for (String line : log) {
      Matcher total = TOTAL.matcher(line);
      if (total.find()) {
        longest = Math.max(longest, Long.parseLong(total.group(1)));
      }
    }
    return longest / 1000.0;
  }

  /// A whole number of a JSON object by its name, -1 if there is none.
  static long member(String json, String name) {
    Matcher member = Pattern.compile("\"" + name + "\":(\\d{1,18})").matcher(json);
    return member.find() ? Long.parseLong(member.group(1)) : -1;
  }
}
