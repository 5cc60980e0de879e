package dev.sluice.runtime.events;

import dev.sluice.plugin.EventLog.Severity;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/// One event in its two forms. It holds text alone: what the reporter handed in may belong to a
/// bundle that is gone when the line is written.
///
/// @param event its name, cut as the forms have it
/// @param json one JSON object, without line end
/// @param human the same for a terminal
record EventLine(Severity severity, String event, String json, String human) {
  /// Most characters of one value; the rest is cut, so that the queue is bounded in bytes too.
  static final int MAX_VALUE_CHARS = 2048;

  /// Most fields of one event.
  static final int MAX_FIELDS = 64;

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);
  private static final DateTimeFormatter CLOCK =
      DateTimeFormatter.ofPattern("HH:mm:ss.SSS").withZone(ZoneOffset.UTC);
  private static final Set<String> OWN_KEYS = Set.of("time", "severity", "event");
  private static final Pattern PLAIN = Pattern.compile("[\\w.:/,+@*=-]+");

  static EventLine of(Instant time, Severity severity, String event, Map<String, ?> fields) {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("time", TIME.format(time));
    members.put("severity", severity);
    members.put("event", cut(event));
    StringBuilder human = new StringBuilder(120);
    human.append(CLOCK.format(time)).append(' ').append(severity).append(' ');
    human.append(plainOrQuoted(cut(event)));
    for (Map.Entry<String, ?> field : fields.entrySet()) {
      if (members.size() == OWN_KEYS.size() + MAX_FIELDS) {
        break;
      }
      // A reporter cannot set the members that say what this line is.
      String key = OWN_KEYS.contains(field.getKey()) ? field.getKey() + "_" : field.getKey();
      Object value = settled(field.getValue());
      members.put(cut(key), value);
      human.append(' ').append(plainOrQuoted(cut(key))).append('=');
      human.append(plainOrQuoted(value.toString()));
    }
    StringBuilder json = new StringBuilder(200);
    Json.value(json, members);
    return new EventLine(severity, cut(event), json.toString(), human.toString());
  }

  /// A JDK value that says the same. Somebody else's `toString` must not cost us the event.
  private static Object settled(Object value) {
    if (value instanceof Boolean
        || (value instanceof Number && value.getClass().getClassLoader() == null)) {
      return value;
    }
    try {
      return cut(String.valueOf(value));
    } catch (RuntimeException e) {
      return "(" + e.getClass().getName() + " while printing)";
    }
  }

  private static String cut(String text) {
    return text.length() <= MAX_VALUE_CHARS ? text : text.substring(0, MAX_VALUE_CHARS) + "...";
  }

  private static String plainOrQuoted(String text) {
    if (PLAIN.matcher(text).matches()) {
      return text;
    }
    StringBuilder quoted = new StringBuilder(text.length() + 2);
    Json.string(quoted, text);
    return quoted.toString();
  }
}
