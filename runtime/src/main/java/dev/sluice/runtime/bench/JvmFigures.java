package dev.sluice.runtime.bench;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What the JVM of a gateway tells about itself.
final class JvmFigures {
  private static final Pattern TOTAL = Pattern.compile("Safepoint \".*Total: *(\\d+) ns");

  /// Of ZGC, with the decoration `timemillis`: a major collection is of the whole heap.
  private static final Pattern COLLECTION =
      Pattern.compile(
          "\\[(\\d+)ms].*GC\\((\\d+)\\) (Major|Minor) Collection"
              + ".* \\d+[KMG]\\(\\d+%\\)->(\\d+)([KMG])\\(");

  /// What was alive of the old generation when it was all marked. What is young then is mostly
  /// rubbish of the time that marking takes.
  private static final Pattern LIVE =
      Pattern.compile("GC\\((\\d+)\\) O: +Live: +- +(\\d+)([KMG]) ");

  /// One garbage collection.
  ///
  /// @param millis when it ended, of [System#currentTimeMillis]
  /// @param full whether it was one of the whole heap
  /// @param bytes alive, where the log tells it of one of the whole heap; else in use afterwards
  record Collection(long millis, boolean full, long bytes) {}

  private JvmFigures() {}

  /// The collections of a log that `-Xlog:gc`, better `-Xlog:gc,gc+heap`, writes with the
  /// decoration `timemillis`.
  static List<Collection> collections(List<String> log) {
    List<Collection> collections = new ArrayList<>();
    Map<String, Long> alive = new HashMap<>();
    for (String line : log) {
      Matcher live = LIVE.matcher(line);
      if (live.find()) {
        alive.put(live.group(1), bytes(live.group(2), live.group(3)));
        continue;
      }
      Matcher found = COLLECTION.matcher(line);
      if (found.find()) {
        boolean full = found.group(3).equals("Major");
        long used = bytes(found.group(4), found.group(5));
        long bytes = full ? alive.getOrDefault(found.group(2), used) : used;
        collections.add(new Collection(Long.parseLong(found.group(1)), full, bytes));
      }
    }
    return collections;
  }

  private static long bytes(String number, String unit) {
    return Long.parseLong(number) << (10 * (1 + "KMG".indexOf(unit)));
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
