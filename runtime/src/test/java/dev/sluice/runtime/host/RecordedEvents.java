package dev.sluice.runtime.host;

import dev.sluice.plugin.EventLog;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/// Keeps every event for a test to look at.
final class RecordedEvents implements EventLog {
  /// One event.
  record Event(Severity severity, String name, Map<String, ?> fields) {}

  final List<Event> all = new CopyOnWriteArrayList<>();

  /// Is handed each event, on the thread that reports it.
  volatile Consumer<Event> watcher = _ -> {};

  @Override
  public void report(Severity severity, String event, Map<String, ?> fields) {
    Event reported = new Event(severity, event, Map.copyOf(fields));
    watcher.accept(reported);
    all.add(reported);
  }

  /// The events of one name.
  List<Event> named(String name) {
    return all.stream().filter(event -> event.name().equals(name)).toList();
  }
}
