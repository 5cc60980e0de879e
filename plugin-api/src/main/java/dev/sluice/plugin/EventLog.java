package dev.sluice.plugin;

import java.util.Map;
import org.osgi.annotation.versioning.ProviderType;

/// The gateway's log of security and operating events, which the host offers to bundles as a
/// service: JSON lines, one object a line, each with `time`, `severity`, `event` and what the
/// reporter adds.
///
/// Any thread may report, but not from the hot path: an event is written for a change of state,
/// never for a packet. Whoever reports what an attacker can cause bounds its rate. The queue to the
/// writer is bounded; an event that finds it full is lost and counted, and the next line written
/// says how many were.
@ProviderType
public interface EventLog {
  /// How much an event matters to an operator.
  enum Severity {
    INFO,
    WARNING,
    ALARM
  }

  /// Reports an event.
  ///
  /// @param event lower-case words joined by dashes, such as `session-accepted`
  /// @param fields further members of the object, in the map's order; a value is written as a JSON
  ///   number or boolean if it is one, else as a string
  void report(Severity severity, String event, Map<String, ?> fields);
}
