package dev.sluice.runtime.host;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Reads the files of `bundles/` and brings what they hold to the point where a chain can use it.
/// For the deploying thread alone.
///
/// A file that is refused counts as still holding what it held before, or, at a start, what ran
/// well from it last: a bad file never takes a good bundle out of the chain.
final class Intake {
  private final BundleFolder folder;
  private final BundleStore store;
  private final DeployPath path;
  private final DesiredState desired;
  private final Report report;
  private final Catalogue catalogue = new Catalogue();

  /// Files refused for a reason that another configuration may cure.
  private final Set<Path> curable = new LinkedHashSet<>();

  /// Contents that may be of an older version than what ran before, the next time that they are
  /// brought in: because the operator asked for them, or because they are gone back to.
  private final Set<String> asked = new HashSet<>();

  Intake(
      BundleFolder folder,
      BundleStore store,
      DeployPath path,
      DesiredState desired,
      Report report) {
    this.folder = folder;
    this.store = store;
    this.path = path;
    this.desired = desired;
    this.report = report;
  }

  /// Takes each file that is there for what ran well from it last, until it has been read itself.
  ///
  /// @return whether anything did
  boolean recall() {
    for (String name : desired.names()) {
      DesiredState.Entry entry = desired.entry(name);
      Optional<StoredBundle> stored =
          entry.good().flatMap(this::recalled).or(() -> entry.previous().flatMap(this::recalled));
      if (stored.isPresent()) {
        asked.add(stored.get().sha256());
        catalogue.put(stored.get());
        folder.counts(stored.get().file());
      } else {
        desired.forget(name);
      }
    }
    return !catalogue.contents().isEmpty();
  }

  private Optional<StoredBundle> recalled(DesiredState.Content content) {
    Path file = folder.file(content.file());
    if (!Files.exists(file) || desired.heldFor(content.sha256()).isPresent()) {
      return Optional.empty();
    }
    try {
      return Optional.of(store.again(content.sha256(), file));
    } catch (RefusedException e) {
      return Optional.empty(); // the file itself is there still
    }
  }

  /// Gives bundles another try that were refused for the configuration of before.
  void configurationChanged() {
    curable.forEach(folder::tellAgain);
    curable.clear();
  }

  /// Brings in what has changed, and what was forgotten of it.
  ///
  /// @param deployed what is in the chain, by symbolic name
  /// @return what is new and ready
  List<Deployment> bringIn(BundleFolder.Change change, Map<String, Deployment> deployed) {
    Map<Path, Optional<StoredBundle>> before = new LinkedHashMap<>();
    change.gone().forEach(this::forget);
    change.arrived().forEach(file -> takeIn(file, before));
    List<Deployment> fresh = new ArrayList<>();
    for (String name : catalogue.symbolicNames()) {
      bringIn(name, before, Optional.ofNullable(deployed.get(name))).ifPresent(fresh::add);
    }
    report.rivals(catalogue.rivals());
    return fresh;
  }

  private void forget(Path file) {
    catalogue.remove(file);
    curable.remove(file);
    report.forget(file);
    OutcomeFile.removeFor(file);
  }

  private void takeIn(Path file, Map<Path, Optional<StoredBundle>> before) {
    curable.remove(file);
    report.forget(file);
    try {
      StoredBundle stored = store.take(file);
      refuseHeld(stored);
      before.put(file, catalogue.put(stored));
    } catch (RefusedException e) {
      report.refused(file, e);
    }
  }

  private void refuseHeld(StoredBundle stored) throws RefusedException {
    Optional<String> held = desired.heldFor(stored.sha256());
    if (held.isPresent()) {
      throw new RefusedException(
          "this very content was taken out of the chain before ("
              + held.get()
              + "); allowed: another one, or this one after sluice ctl release "
              + stored.symbolicName());
    }
  }

  private Optional<Deployment> bringIn(
      String name, Map<Path, Optional<StoredBundle>> before, Optional<Deployment> running) {
    // A refusal puts back what the file held before, so the order is asked for anew each time.
    for (List<StoredBundle> ranked = catalogue.ranked(name);
        !ranked.isEmpty();
        ranked = catalogue.ranked(name)) {
      StoredBundle stored = ranked.getFirst();
      if (running.isPresent() && running.get().runs(stored.sha256())) {
        running.get().foundIn(stored);
        return Optional.empty();
      }
      if (running.isPresent() && running.get().isQuarantined() && isHeld(stored)) {
        return Optional.empty(); // its place stays closed
      }
      try {
        refuseHeld(stored);
        return Optional.of(bring(stored));
      } catch (RefusedException e) {
        refuse(stored, e, before);
      }
    }
    return Optional.empty();
  }

  private boolean isHeld(StoredBundle stored) {
    return desired.heldFor(stored.sha256()).isPresent();
  }

  /// Takes one content through every step.
  ///
  /// @throws RefusedException if one refuses; nothing of it is left then
  private Deployment bring(StoredBundle stored) throws RefusedException {
    if (desired.endsGateways(stored.sha256())) {
      desired.hold(stored, "gateways ended while they started it");
      desired.tried(stored);
      refuseHeld(stored);
    }
    desired.tries(stored);
    try {
      return path.bring(new Candidate(stored, asked.remove(stored.sha256())));
    } finally {
      desired.tried(stored);
    }
  }

  private void refuse(
      StoredBundle stored, RefusedException cause, Map<Path, Optional<StoredBundle>> before) {
    Path file = stored.file();
    catalogue.remove(file);
    Optional<StoredBundle> held = before.remove(file);
    if (held != null) {
      held.ifPresent(catalogue::put);
    }
    if (cause.configurationMayCure()) {
      curable.add(file);
    }
    report.refused(file, cause);
  }

  /// Has a file count as holding this content, whatever lies there, until it changes.
  ///
  /// @param content or empty for a file that holds nothing
  void countsAs(Path file, Optional<StoredBundle> content) {
    catalogue.remove(file);
    content.ifPresent(catalogue::put);
  }

  /// Brings in a content that was taken before, in the place of what its file holds now.
  ///
  /// @throws RefusedException if it cannot run again
  Deployment bringBack(String sha256, Path file) throws RefusedException {
    asked.add(sha256);
    StoredBundle stored = store.again(sha256, file);
    Deployment back = bring(stored);
    countsAs(file, Optional.of(stored));
    return back;
  }

  /// Whether this content's file counts as holding it.
  boolean holds(StoredBundle stored) {
    return catalogue.ranked(stored.symbolicName()).stream()
        .anyMatch(
            each -> each.file().equals(stored.file()) && each.sha256().equals(stored.sha256()));
  }

  /// Reads a file once more, although it did not change.
  void tellAgain(Path file) {
    folder.tellAgain(file);
  }

  /// The files that hold a bundle, whichever of them counts.
  List<Path> filesOf(String symbolicName) {
    return catalogue.ranked(symbolicName).stream().map(StoredBundle::file).toList();
  }

  /// Lets a content be older than what ran before.
  void allowDowngrade(String sha256) {
    asked.add(sha256);
  }

  /// What the folder asks to be run, as symbolic names.
  Set<String> symbolicNames() {
    return catalogue.symbolicNames();
  }

  /// Removes the copies that nobody needs any more.
  void sweep(Set<String> needed) {
    Set<String> all = new HashSet<>(needed);
    all.addAll(catalogue.contents());
    all.addAll(desired.contents());
    store.keepOnly(all);
  }
}
