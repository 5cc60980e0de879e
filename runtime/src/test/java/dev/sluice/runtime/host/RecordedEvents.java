package dev.sluice.runtime.host;

import dev.sluice.plugin.EventLog;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/// Keeps every event for a test to look at.
final class RecordedEvents implements EventLog {
  /// One event.
  record Event(Severity severity, String name, Map<String, ?> fields) {}

  final List<Event> all = new CopyOnWriteArrayList<>();

  @Override
  public void report(Severity severity, String event, Map<String, ?> fields) {
    all.add(new Event(severity, event, Map.copyOf(fields)));
  }

  /// The events of one name.
  List<Event> named(String name) {
    return all.stream().filter(event -> event.name().equals(name)).toList();
  }
}
