package dev.sluice.plugins.terminalauth;

import static org.junit.jupiter.api.Assertions.fail;

import dev.sluice.plugin.EventLog;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/// Keeps what is reported.
final class EventRecord implements EventLog {
  record Event(Severity severity, String name, Map<String, Object> fields) {
    boolean is(String event, Map<String, ?> some) {
      return name.equals(event)
          && some.entrySet().stream().allMatch(e -> e.getValue().equals(fields.get(e.getKey())));
    }
  }

  private final List<Event> events = new CopyOnWriteArrayList<>();

  @Override
  public void report(Severity severity, String event, Map<String, ?> fields) {
    events.add(new Event(severity, event, new LinkedHashMap<>(fields)));
  }

  /// Waits for an event with these fields.
  Event await(String event, Map<String, ?> some) {
    long until = System.nanoTime() + 10_000_000_000L;
    while (System.nanoTime() < until) {
      for (Event one : events) {
        if (one.is(event, some)) {
          return one;
        }
      }
      Pause.millis(2);
    }
    return fail("no event " + event + " " + some + " among " + events);
  }

  long count(String event, Map<String, ?> some) {
    return events.stream().filter(one -> one.is(event, some)).count();
  }

  List<Event> all() {
    return events;
  }
}
