package dev.sluice.runtime.host;

import dev.sluice.plugin.EventLog;
import dev.sluice.plugin.EventLog.Severity;
import java.util.Map;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.osgi.framework.FrameworkEvent;
import org.osgi.framework.FrameworkListener;

/// Turns what the framework and FileInstall complain about into events, a sentence each.
final class FrameworkLog implements FrameworkListener, AutoCloseable {
  /// The name that FileInstall logs under.
  private static final String FILE_INSTALL = "fileinstall";

  private final EventLog events;
  private final Logger logger = Logger.getLogger(FILE_INSTALL);
  private final Handler handler = new ToEvents();

  FrameworkLog(EventLog events) {
    this.events = events;
    logger.setUseParentHandlers(false);
    logger.addHandler(handler);
  }

  @Override
  public void frameworkEvent(FrameworkEvent event) {
    if (event.getType() == FrameworkEvent.ERROR || event.getType() == FrameworkEvent.WARNING) {
      Throwable cause = event.getThrowable();
      report(
          String.valueOf(event.getBundle()), cause == null ? "no cause told" : Sentence.of(cause));
    }
  }

  private void report(String from, String cause) {
    events.report(Severity.WARNING, "framework-warning", Map.of("from", from, "cause", cause));
  }

  @Override
  public void close() {
    logger.removeHandler(handler);
    logger.setUseParentHandlers(true);
  }

  private final class ToEvents extends Handler {
    @Override
    public void publish(LogRecord entry) {
      if (entry.getLevel().intValue() >= Level.WARNING.intValue()) {
        Throwable thrown = entry.getThrown();
        String cause = thrown == null ? "" : ": " + Sentence.of(thrown);
        report("configuration files", entry.getMessage() + cause);
      }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }
}
