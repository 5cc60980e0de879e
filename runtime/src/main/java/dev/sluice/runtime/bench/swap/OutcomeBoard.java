package dev.sluice.runtime.bench.swap;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What a gateway tells in its event log: outcomes of deployments in their order, and how often
/// each event came. Lines are put up by one thread, and awaited by another.
public final class OutcomeBoard {
  /// Outcomes that may wait to be read; what comes then is counted, and not kept.
  private static final int MOST_WAITING = 10_000;

  private static final Map<String, Outcome.Kind> KINDS =
      Map.of(
          "bundle-active", Outcome.Kind.ACTIVE,
          "bundle-refused", Outcome.Kind.REFUSED,
          "bundle-rolled-back", Outcome.Kind.ROLLED_BACK);

  private final String file;
  private final String symbolicName;
  private final LinkedBlockingQueue<Outcome> waiting = new LinkedBlockingQueue<>(MOST_WAITING);
  private final Map<String, LongAdder> events = new ConcurrentHashMap<>();

  /// A board for the deployments of one file of `bundles/`.
  ///
  /// @param file its name
  public OutcomeBoard(String file, String symbolicName) {
    this.file = file;
    this.symbolicName = symbolicName;
  }

  /// Puts up one line of the event log.
  public void put(String json) {
    String event = text(json, "event");
    events.computeIfAbsent(event, _ -> new LongAdder()).increment();
    Outcome.Kind kind = KINDS.get(event);
    if (kind == null || !isAbout(json)) {
      return;
    }
    String sentence = text(json, "cause");
    Outcome outcome =
        new Outcome(
            kind,
            text(json, "bundle"),
            sentence,
            System.nanoTime(),
            number(json, "switchMicros"),
            number(json, "graceMicros"));
    if (!waiting.offer(outcome)) {
      events.computeIfAbsent("outcomes-lost", _ -> new LongAdder()).increment();
    }
  }

  private boolean isAbout(String json) {
    return text(json, "file").equals(file) || text(json, "bundle").startsWith(symbolicName + "/");
  }

  /// How often an event has come.
  public long count(String event) {
    LongAdder count = events.get(event);
    return count == null ? 0 : count.sum();
  }

  /// The next outcome that concerns a version; one of kind `NONE` if none comes in time.
  ///
  /// @param version the last part of the bundle's version; an outcome that names the bundle in
  ///   another version concerns that
  Outcome await(int version, Duration limit) throws InterruptedException {
    long deadline = System.nanoTime() + limit.toNanos();
    while (true) {
      long left = deadline - System.nanoTime();
      @Nullable Outcome next = waiting.poll(Math.max(0, left), TimeUnit.NANOSECONDS);
      if (next == null) {
        return Outcome.none();
      }
      if (next.bundle().isEmpty() || next.bundle().endsWith("." + version)) {
        return next;
      }
    }
  }

  /// Forgets what nobody has read.
  void clear() {
    waiting.clear();
  }

  private static String text(String json, String name) {
    Matcher member = Pattern.compile("\"" + name + "\":\"((?:[^\"\\\\]|\\\\.)*)\"").matcher(json);
    return member.find() ? member.group(1).replaceAll("\\\\(.)", "$1") : "";
  }

  private static double number(String json, String name) {
    Matcher member = Pattern.compile("\"" + name + "\":(\\d{1,15}(?:\\.\\d+)?)").matcher(json);
    return member.find() ? Double.parseDouble(member.group(1)) : -1;
  }
}
