package dev.sluice.runtime.demo;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// One line that a simulated station prints: `event=NAME at=MICROSECONDS key=value ... cause=TEXT`.
///
/// No value has a space in it, but that of `cause`, which comes last and goes to the line's end.
///
/// @param fields in order, `event` and `at` first; `at` is microseconds since 1970-01-01 UTC
record Line(Map<String, String> fields) {
  private static final String CAUSE = "cause=";

  /// A line about something that happens now.
  ///
  /// @param pairs keys and values in turn
  static Line now(String event, Object... pairs) {
    Map<String, String> fields = new LinkedHashMap<>();
    fields.put("event", event);
    fields.put("at", Long.toString(ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now())));
    for (int i = 0; i < pairs.length; i += 2) {
      fields.put(String.valueOf(pairs[i]), String.valueOf(pairs[i + 1]));
    }
    return new Line(fields);
  }

  /// Reads a line, if it is one of these.
  static Optional<Line> parse(String text) {
    if (!text.startsWith("event=")) {
      return Optional.empty();
    }
    Map<String, String> fields = new LinkedHashMap<>();
    int causeAt = text.indexOf(" " + CAUSE);
    String pairs = causeAt < 0 ? text : text.substring(0, causeAt);
    for (String pair : pairs.split(" ", -1)) {
      int equals = pair.indexOf('=');
      if (equals < 1) {
        return Optional.empty();
      }
      fields.put(pair.substring(0, equals), pair.substring(equals + 1));
    }
    if (0 <= causeAt) {
      fields.put("cause", text.substring(causeAt + 1 + CAUSE.length()));
    }
    return Optional.of(new Line(fields));
  }

  boolean is(String event) {
    return text("event").equals(event);
  }

  /// Whether it is about this event and this value.
  boolean is(String event, String key, String value) {
    return is(event) && text(key).equals(value);
  }

  /// The value of `key`, or an empty string.
  String text(String key) {
    return fields.getOrDefault(key, "");
  }

  /// The number under `key`, or -1.
  long number(String key) {
    String text = text(key);
    return text.matches("\\d{1,18}") ? Long.parseLong(text) : -1;
  }

  /// When it happened, microseconds since 1970-01-01 UTC.
  long atMicros() {
    return number("at");
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    fields.forEach((key, value) -> {
      String clean = value.replaceAll("\\R", " ");
      text.append(text.isEmpty() ? "" : " ").append(key).append('=');
      text.append(key.equals("cause") ? clean : clean.replace(' ', '_'));
    });
    return text.toString();
  }
}
