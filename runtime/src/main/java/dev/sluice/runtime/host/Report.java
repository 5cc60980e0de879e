package dev.sluice.runtime.host;

import dev.sluice.plugin.EventLog;
import dev.sluice.plugin.EventLog.Severity;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/// Tells outcomes: to the event log, and typed to whoever listens.
final class Report {
  private final EventLog events;
  private final Consumer<Outcome> listener;

  /// Rivals that were told, so that each is told once.
  private final Set<String> toldRivals = new HashSet<>();

  Report(EventLog events, Consumer<Outcome> listener) {
    this.events = events;
    this.listener = listener;
  }

  void active(StoredBundle stored, String replaced, long generation, long millis) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("file", stored.fileName());
    fields.put("bundle", stored.title());
    if (!replaced.isEmpty()) {
      fields.put("replaced", replaced);
    }
    fields.put("sha256", stored.sha256());
    fields.put("generation", generation);
    fields.put("millis", millis);
    events.report(Severity.INFO, "bundle-active", fields);
    listener.accept(
        new Outcome.Active(stored.file(), stored.title(), replaced, generation, millis));
  }

  void refused(Path file, RefusedException cause) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("file", file.getFileName());
    fields.put("cause", cause.sentence());
    fields.put("effect", "the chain is as it was");
    events.report(Severity.WARNING, "bundle-refused", fields);
    listener.accept(new Outcome.Refused(file, cause.sentence()));
  }

  void removed(StoredBundle stored, long generation) {
    events.report(
        Severity.INFO,
        "bundle-removed",
        Map.of("file", stored.fileName(), "bundle", stored.title(), "generation", generation));
    listener.accept(new Outcome.Removed(stored.file(), stored.title(), generation));
  }

  void reconfigured(Deployment deployment, long generation) {
    String bundle = deployment.stored().title();
    events.report(
        Severity.INFO, "configuration-active", Map.of("bundle", bundle, "generation", generation));
    listener.accept(new Outcome.Reconfigured(bundle, generation));
  }

  void configurationRefused(Deployment deployment, String cause) {
    String bundle = deployment.stored().title();
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("bundle", bundle);
    fields.put("cause", cause);
    fields.put("effect", "the handlers of before stay in the chain");
    events.report(Severity.WARNING, "configuration-refused", fields);
    listener.accept(new Outcome.ConfigurationRefused(bundle, cause));
  }

  /// Tells of files that are set aside for a newer one of the same bundle.
  void rivals(Map<String, List<StoredBundle>> rivals) {
    Set<String> now = new HashSet<>();
    rivals.forEach((name, ranked) -> {
      StoredBundle used = ranked.getFirst();
      for (StoredBundle aside : ranked.subList(1, ranked.size())) {
        String pair = aside.file() + " " + aside.sha256() + " " + used.file() + " " + used.sha256();
        now.add(pair);
        if (!toldRivals.contains(pair)) {
          refused(
              aside.file(),
              new RefusedException(
                  "bundle "
                      + name
                      + " is also in "
                      + used.fileName()
                      + ", which is newer and is used"));
        }
      }
    });
    toldRivals.clear();
    toldRivals.addAll(now);
  }
}
