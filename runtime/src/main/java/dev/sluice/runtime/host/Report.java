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

/// Tells outcomes: to the event log, and typed to whoever listens; and remembers refusals. For the
/// deploying thread alone.
final class Report {
  /// Most refusals that are remembered: one more takes the place of the oldest.
  private static final int MOST_REFUSALS = 256;

  private final EventLog events;
  private final Consumer<Outcome> listener;

  /// Why the last content of a file was refused, the oldest first.
  private final Map<Path, String> refusals = new LinkedHashMap<>();

  /// Which newer file of the same bundle a file is set aside for.
  private final Map<Path, String> setAside = new LinkedHashMap<>();

  /// Rivals that were told, so that each is told once.
  private final Set<String> toldRivals = new HashSet<>();

  Report(EventLog events, Consumer<Outcome> listener) {
    this.events = events;
    this.listener = listener;
  }

  /// What a bundle has shown before it is called active.
  ///
  /// @param millis since its file was noticed
  /// @param packets that it has judged
  record Proof(long millis, long packets) {}

  /// Why the content of a file is not asked for, by file.
  Map<Path, String> refusals() {
    Map<Path, String> all = new LinkedHashMap<>(refusals);
    all.putAll(setAside);
    return all;
  }

  /// A file is gone, or has another content.
  void forget(Path file) {
    refusals.remove(file);
  }

  void active(Deployment deployment, String replaced, ChainSwitch.Switch made, Proof proof) {
    StoredBundle stored = deployment.stored();
    Map<String, Object> fields = of(stored, replaced);
    fields.put("sha256", stored.sha256());
    fields.put("generation", made.generation());
    fields.put("millis", proof.millis());
    fields.put("packets", proof.packets());
    fields.put("switchMicros", made.switchMicros());
    fields.put("graceMicros", made.graceMicros());
    events.report(Severity.INFO, "bundle-active", fields);
    OutcomeFile.write(stored.file(), "ACTIVE", fields);
    listener.accept(
        new Outcome.Active(
            stored.file(),
            stored.title(),
            replaced,
            made.generation(),
            proof.millis(),
            proof.packets()));
  }

  private static Map<String, Object> of(StoredBundle stored, String replaced) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("file", stored.fileName());
    fields.put("bundle", stored.title());
    if (!replaced.isEmpty()) {
      fields.put("replaced", replaced);
    }
    return fields;
  }

  void inForce(Deployment deployment, String replaced, long generation) {
    StoredBundle stored = deployment.stored();
    Map<String, Object> fields = of(stored, replaced);
    fields.put("sha256", stored.sha256());
    fields.put("generation", generation);
    fields.put("note", "in the chain; it has judged no packet yet");
    events.report(Severity.INFO, "bundle-in-force", fields);
    OutcomeFile.write(stored.file(), "IN_FORCE", fields);
    listener.accept(new Outcome.InForce(stored.file(), stored.title(), replaced, generation));
  }

  void rolledBack(StoredBundle stored, String back, String cause, long generation) {
    Map<String, Object> fields = of(stored, "");
    fields.put("back", back.isEmpty() ? "(none)" : back);
    fields.put("cause", cause);
    fields.put("generation", generation);
    fields.put("effect", "this content is not tried again until it is released");
    events.report(Severity.ALARM, "bundle-rolled-back", fields);
    OutcomeFile.write(stored.file(), "ROLLED_BACK", fields);
    listener.accept(new Outcome.RolledBack(stored.file(), stored.title(), back, cause, generation));
  }

  void quarantined(StoredBundle stored, String cause, long generation) {
    Map<String, Object> fields = of(stored, "");
    fields.put("cause", cause);
    fields.put("generation", generation);
    fields.put("effect", "its place in the chain lets nothing pass");
    events.report(Severity.ALARM, "bundle-quarantined", fields);
    OutcomeFile.write(stored.file(), "QUARANTINED", fields);
    listener.accept(new Outcome.Quarantined(stored.file(), stored.title(), cause, generation));
  }

  /// The content of a file is refused.
  void refused(Path file, RefusedException cause) {
    refusals.remove(file);
    if (refusals.size() == MOST_REFUSALS) {
      refusals.remove(refusals.keySet().iterator().next());
    }
    refusals.put(file, cause.sentence());
    notTaken(file, cause);
  }

  /// As [#refused], of another content than the file has.
  void notTaken(Path file, RefusedException cause) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("file", String.valueOf(file.getFileName()));
    fields.put("cause", cause.sentence());
    fields.put("effect", "the chain is as it was");
    events.report(Severity.WARNING, "bundle-refused", fields);
    OutcomeFile.write(file, "REFUSED", fields);
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
    setAside.clear();
    rivals.forEach((name, ranked) -> {
      StoredBundle used = ranked.getFirst();
      for (StoredBundle aside : ranked.subList(1, ranked.size())) {
        String pair = aside.file() + " " + aside.sha256() + " " + used.file() + " " + used.sha256();
        now.add(pair);
        RefusedException cause =
            new RefusedException(
                "bundle "
                    + name
                    + " is also in "
                    + used.fileName()
                    + ", which is newer and is used");
        setAside.put(aside.file(), cause.sentence());
        if (!toldRivals.contains(pair)) {
          notTaken(aside.file(), cause);
        }
      }
    });
    toldRivals.clear();
    toldRivals.addAll(now);
  }
}
