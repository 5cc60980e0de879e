package dev.sluice.runtime.host;

import dev.sluice.runtime.config.GatewaySettings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// Brings what is in `bundles/` into the chain and out of it.
///
/// All that one look at the folder finds becomes one new chain: bundles are installed, started and
/// asked for handlers beside what runs; the chain is switched; then what left it is retired. A
/// bundle that is refused on the way changes nothing, and what its file held before goes on
/// running. One thread at a time.
final class Deployer {
  private static final long FIRST_LOOK_MS = 20;

  /// Enough for a file that is no whole JAR to be told from one that is being written.
  private static final int FIRST_LOOKS = 2 * BundleFolder.PATIENT_LOOKS;

  private final BundleFolder folder;
  private final BundleStore store;
  private final DeployPath path;
  private final ChainSwitch chain;
  private final Retirement retirement;
  private final Reconfiguration reconfiguration;
  private final Report report;
  private final Catalogue catalogue = new Catalogue();
  private final Map<String, Deployment> deployed = new TreeMap<>();

  /// Files refused for a reason that another configuration may cure.
  private final Set<Path> curable = new LinkedHashSet<>();

  private GatewaySettings.Policy policy;
  private boolean policyChanged = true;

  /// What a deployer works with.
  record Parts(
      BundleFolder folder,
      BundleStore store,
      DeployPath path,
      ChainSwitch chain,
      Retirement.Factory retirement,
      Reconfiguration reconfiguration,
      Report report) {}

  Deployer(Parts parts, GatewaySettings.Policy policy) {
    this.folder = parts.folder();
    this.store = parts.store();
    this.path = parts.path();
    this.chain = parts.chain();
    this.retirement = parts.retirement().with(this::discard);
    this.reconfiguration = parts.reconfiguration();
    this.report = parts.report();
    this.policy = policy;
  }

  /// Takes effect with the next [#turn].
  void policy(GatewaySettings.Policy changed) {
    policy = changed;
    policyChanged = true;
  }

  /// Gives bundles another try that were refused for the configuration of before.
  void configurationChanged() {
    curable.forEach(folder::tellAgain);
    curable.clear();
  }

  /// Puts the first chain in force, of all that lies in the folder. New files need two looks.
  void firstTurn() throws InterruptedException {
    long began = System.nanoTime();
    List<Path> arrived = new ArrayList<>(folder.poll().arrived());
    for (int looks = 1; folder.isUnsettled() && looks < FIRST_LOOKS; looks++) {
      Thread.sleep(FIRST_LOOK_MS);
      arrived.addAll(folder.poll().arrived());
    }
    turn(new BundleFolder.Change(arrived, List.of()), began);
  }

  /// Looks once, and puts in force what changed.
  ///
  /// @throws InterruptedException if the gateway stops meanwhile
  void turn() throws InterruptedException {
    long began = System.nanoTime();
    turn(folder.poll(), began);
  }

  private void turn(BundleFolder.Change change, long began) throws InterruptedException {
    Map<Path, Optional<StoredBundle>> before = new LinkedHashMap<>();
    change.gone().forEach(this::forget);
    change.arrived().forEach(file -> takeIn(file, before));
    List<Deployment> fresh = change.isEmpty() ? List.of() : bringIn(before);
    List<Deployment> leaving = change.isEmpty() ? List.of() : leaving(fresh);
    List<Reconfiguration.Renewed> renewed = reconfiguration.renew(deployed.values(), leaving);
    if (fresh.isEmpty() && leaving.isEmpty() && renewed.isEmpty() && !policyChanged) {
      return;
    }
    switchChain(new Switch(fresh, leaving, renewed, began));
  }

  private record Switch(
      List<Deployment> fresh,
      List<Deployment> leaving,
      List<Reconfiguration.Renewed> renewed,
      long beganNanos) {}

  private void forget(Path file) {
    catalogue.remove(file);
    curable.remove(file);
  }

  private void takeIn(Path file, Map<Path, Optional<StoredBundle>> before) {
    curable.remove(file);
    try {
      StoredBundle stored = store.take(file);
      before.put(file, catalogue.put(stored));
    } catch (RefusedException e) {
      report.refused(file, e);
    }
  }

  /// Brings the file that counts of each symbolic name to the point where a chain can use it.
  private List<Deployment> bringIn(Map<Path, Optional<StoredBundle>> before) {
    List<Deployment> fresh = new ArrayList<>();
    for (String name : catalogue.symbolicNames()) {
      bringIn(name, before).ifPresent(fresh::add);
    }
    report.rivals(catalogue.rivals());
    return fresh;
  }

  private Optional<Deployment> bringIn(String name, Map<Path, Optional<StoredBundle>> before) {
    // A refusal puts back what the file held before, so the order is asked for anew each time.
    for (List<StoredBundle> ranked = catalogue.ranked(name);
        !ranked.isEmpty();
        ranked = catalogue.ranked(name)) {
      StoredBundle stored = ranked.getFirst();
      Deployment running = deployed.get(name);
      if (running != null && running.stored().sha256().equals(stored.sha256())) {
        running.foundIn(stored);
        return Optional.empty();
      }
      try {
        return Optional.of(path.bring(new Candidate(stored)));
      } catch (RefusedException e) {
        refuse(stored, e, before);
      }
    }
    return Optional.empty();
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
    discard(stored);
  }

  /// What runs and is replaced, or asked for no more.
  private List<Deployment> leaving(List<Deployment> fresh) {
    Set<String> staying = new TreeSet<>(catalogue.symbolicNames());
    fresh.forEach(deployment -> staying.remove(deployment.stored().symbolicName()));
    List<Deployment> leaving = new ArrayList<>();
    deployed.forEach((name, deployment) -> {
      if (!staying.contains(name)) {
        leaving.add(deployment);
      }
    });
    return leaving;
  }

  private void switchChain(Switch change) throws InterruptedException {
    Map<String, String> replaced = new TreeMap<>();
    for (Deployment deployment : change.leaving()) {
      String name = deployment.stored().symbolicName();
      deployed.remove(name);
      replaced.put(name, deployment.stored().title());
      retirement.add(deployment);
    }
    change.fresh().forEach(each -> deployed.put(each.stored().symbolicName(), each));
    change.renewed().forEach(each -> retirement.add(each.deployment(), each.old()));
    boolean left = chain.put(deployed.values(), policy);
    policyChanged = false;
    long millis = (System.nanoTime() - change.beganNanos()) / 1_000_000;
    for (Deployment each : change.fresh()) {
      String old = replaced.remove(each.stored().symbolicName());
      report.active(each.stored(), old == null ? "" : old, chain.generation(), millis);
    }
    for (Deployment each : change.leaving()) {
      if (replaced.containsKey(each.stored().symbolicName())) {
        report.removed(each.stored(), chain.generation());
      }
    }
    change.renewed().forEach(each -> report.reconfigured(each.deployment(), chain.generation()));
    if (left) {
      retirement.complete();
    }
  }

  private void discard(StoredBundle stored) {
    if (!catalogue.uses(stored.sha256())) {
      store.discard(stored);
    }
  }
}
