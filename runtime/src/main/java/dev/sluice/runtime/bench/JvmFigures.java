package dev.sluice.runtime.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What the JVM of a gateway tells about itself.
final class JvmFigures {
  private static final Pattern TOTAL = Pattern.compile("Safepoint \".*Total: *(\\d+) ns");

  /// Of ZGC, with the decoration `timemillis`: a major collection is of the whole heap.
  private static final Pattern COLLECTION =
      Pattern.compile(
          "\\[(\\d+)ms].*(Major|Minor) Collection.* \\d+[KMG]\\(\\d+%\\)->(\\d+)([KMG])\\(");

  /// One garbage collection.
  ///
  /// @param millis when it ended, of [System#currentTimeMillis]
  /// @param full whether it was one of the whole heap
  /// @param bytes in use afterwards
  record Collection(long millis, boolean full, long bytes) {}

  private JvmFigures() {}

  /// The collections of a log that `-Xlog:gc` writes with the decoration `timemillis`.
  static List<Collection> collections(List<String> log) {
    List<Collection> collections = new ArrayList<>();
    for (String line : log) {
      Matcher found = COLLECTION.matcher(line);
      if (found.find()) {
        int shift = 10 * (1 + "KMG".indexOf(found.group(4)));
        long bytes = Long.parseLong(found.group(3)) << shift;
        long millis = Long.parseLong(found.group(1));
        collections.add(new Collection(millis, found.group(2).equals("Major"), bytes));
      }
    }
    return collections;
  }

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
