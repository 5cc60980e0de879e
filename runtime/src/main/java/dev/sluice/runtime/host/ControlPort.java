package dev.sluice.runtime.host;

import dev.sluice.plugin.EventLog.Severity;
import dev.sluice.runtime.control.ControlException;
import dev.sluice.runtime.control.ControlServer;
import dev.sluice.runtime.control.Operations;
import dev.sluice.runtime.events.EventWriter;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Opens the control socket of a gateway that may have one.
final class ControlPort {
  private ControlPort() {}

  /// A gateway whose socket cannot be made runs without, and says so: packets matter more.
  ///
  /// @param socket null for none
  /// @return what is to be closed
  static AutoCloseable open(@Nullable Path socket, Operations operations, EventWriter events) {
    if (socket == null) {
      return () -> {};
    }
    try {
      return ControlServer.start(
          socket, operations, events.tail(), events, ControlServer.Limits.standard());
    } catch (ControlException e) {
      events.report(
          Severity.WARNING,
          "control-unavailable",
          Map.of("cause", String.valueOf(e.getMessage()), "effect", "sluice ctl cannot be used"));
      return () -> {};
    }
  }
}
