package dev.sluice.runtime.host;

import dev.sluice.runtime.config.GatewaySettings;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Brings what is in `bundles/` into the chain and out of it.
///
/// All that one look at the folder finds becomes one new chain: bundles are installed, started,
/// asked for handlers and rehearsed beside what runs; the chain is switched; what is new is on
/// trial in it ([Trials]); when it has passed, what it took the place of is retired, and when it
/// fails, that goes on. A bundle that is refused on the way changes nothing. One thread at a time.
final class Deployer {
  private static final long FIRST_LOOK_MS = 20;

  /// Enough for a file that is no whole JAR to be told from one that is being written.
  private static final int FIRST_LOOKS = 60;

  private final BundleFolder folder;
  private final Intake intake;
  private final ChainSwitch chain;
  private final Trials trials;
  private final DesiredState desired;
  private final Retirement retirement;
  private final Reconfiguration reconfiguration;
  private final Report report;
  private final Map<String, Deployment> deployed = new TreeMap<>();

  /// What is to be told when the next chain is in force.
  private final Tidings tidings = new Tidings();

  private GatewaySettings.Policy policy;
  private boolean chainChanged = true;

  /// What a deployer works with.
  record Parts(
      BundleFolder folder,
      Intake intake,
      ChainSwitch chain,
      Trials trials,
      DesiredState desired,
      Retirement retirement,
      Reconfiguration reconfiguration,
      Report report) {}

  Deployer(Parts parts, GatewaySettings.Policy policy) {
    this.folder = parts.folder();
    this.intake = parts.intake();
    this.chain = parts.chain();
    this.trials = parts.trials();
    this.desired = parts.desired();
    this.retirement = parts.retirement();
    this.reconfiguration = parts.reconfiguration();
    this.report = parts.report();
    this.policy = policy;
  }

  /// Takes effect with the next [#turn].
  void policy(GatewaySettings.Policy changed) {
    policy = changed;
    chainChanged = true;
  }

  /// Gives bundles another try that were refused for the configuration of before.
  void configurationChanged() {
    intake.configurationChanged();
  }

  /// Puts the first chain in force, of all that lies in the folder. New files need two looks.
  void firstTurn() throws InterruptedException {
    long began = System.nanoTime();
    BundleFolder.Change change = folder.poll();
    if (intake.recall()) {
      // What ran well first, between two looks: what is new is then tried against it.
      turn(BundleFolder.Change.NONE, true, began);
      change = folder.pollAfter(change);
    }
    for (int looks = 1; folder.isUnsettled() && looks < FIRST_LOOKS; looks++) {
      Thread.sleep(FIRST_LOOK_MS);
      change = folder.pollAfter(change);
    }
    turn(change, true, began);
  }

  /// Looks once, and puts in force what changed.
  ///
  /// @throws InterruptedException if the gateway stops meanwhile
  void turn() throws InterruptedException {
    long began = System.nanoTime();
    settleTrials();
    BundleFolder.Change change = folder.poll();
    turn(change, !change.isEmpty(), began);
  }

  private void turn(BundleFolder.Change change, boolean look, long began)
      throws InterruptedException {
    List<Deployment> fresh = look ? intake.bringIn(change, deployed) : List.of();
    if (look) {
      leave();
    }
    fresh.forEach(each -> comeIn(each, began));
    reconfiguration.renew(deployed.values()).forEach(this::renewed);
    boolean changed = chainChanged;
    if (changed) {
      publish();
    }
    if (look || changed) {
      intake.sweep(running());
    }
  }

  /// Whether something is going on that the next look must not be late for.
  boolean isBusy() {
    return folder.isUnsettled() || !trials.all().isEmpty();
  }

  /// Takes out what is asked for no more.
  private void leave() {
    Set<String> staying = new TreeSet<>(intake.symbolicNames());
    for (String name : new TreeSet<>(deployed.keySet())) {
      if (!staying.contains(name)) {
        remove(name);
      }
    }
  }

  private void remove(String name) {
    Deployment leaving = deployed.remove(name);
    if (leaving == null) {
      return;
    }
    trials.allAtOnce();
    trials
        .of(name)
        .ifPresent(trial -> {
          trials.end(trial);
          retire(trial.old());
        });
    retire(leaving);
    desired.forget(name);
    changed(
        leaving.stored().title() + " removed",
        () -> report.removed(leaving.stored(), chain.generation()));
  }

  private void retire(@Nullable Deployment leaving) {
    if (leaving != null && !leaving.isQuarantined()) {
      retirement.add(leaving);
    }
  }

  /// Gives a bundle its place in the chain, on trial.
  void comeIn(Deployment fresh, long began) {
    String name = fresh.stored().symbolicName();
    Optional<Deployment> before = Optional.ofNullable(deployed.put(name, fresh));
    boolean ranWell = desired.isGood(fresh);
    boolean isGoneBackTo = desired.isPrevious(fresh);
    desired.wants(fresh);
    String replaced = before.map(old -> old.stored().title()).orElse("");
    String cause = fresh.stored().title() + (replaced.isEmpty() ? " added" : " for " + replaced);
    if (trials.areHeld()) {
      changed(cause, () -> {});
      if (ranWell || isGoneBackTo || !chain.receives()) {
        // Before the first packet no flow is anywhere, and the flows of the process before may have
        // been with what was put in the place of what runs.
        trials.allAtOnce();
      }
      boolean nothingElse = before.isEmpty() && (!chain.isOpen() || ranWell);
      boolean stays = nothingElse || before.filter(Deployment::isQuarantined).isPresent();
      trials.begin(fresh, before, stays, began).forEach(this::retire);
      return;
    }
    before.ifPresent(this::retire);
    desired.good(fresh);
    changed(
        cause,
        () -> {
          long millis = (System.nanoTime() - began) / 1_000_000;
          report.active(fresh, replaced, chain.lastSwitch(), new Report.Proof(millis, 0));
        });
  }

  private void renewed(Reconfiguration.Renewed renewed) {
    // The version that stands by keeps its old configuration.
    trial(renewed.deployment()).ifPresent(Trial::endHandOver);
    retirement.add(renewed.deployment(), renewed.old());
    changed(
        renewed.deployment().stored().title() + " configured",
        () -> report.reconfigured(renewed.deployment(), chain.generation()));
  }

  private void settleTrials() {
    for (Trial trial : trials.all()) {
      switch (trial.standing()) {
        case PASSED -> pass(trial);
        case FAILED -> rollBack(trial, trial.cause());
        case WAITING, RUNNING -> {
          if (trial.isToBeTold()) {
            report.inForce(trial.fresh(), trial.replaced(), chain.generation());
          }
        }
      }
    }
  }

  private void pass(Trial trial) {
    trials.end(trial);
    retire(trial.old());
    desired.good(trial.fresh());
    // The next chain may be long in coming; what is told active is what a start begins with.
    desired.save();
    changed(trial.fresh().stored().title() + " has passed its trial", () -> {});
    report.active(
        trial.fresh(),
        trial.replaced(),
        chain.lastSwitch(),
        new Report.Proof(trial.millis(), trial.packets()));
  }

  /// Puts back what a bundle on trial took the place of. Until the chain without it is in force,
  /// the pipeline has that one judge already.
  void rollBack(Trial trial, String cause) {
    trials.end(trial);
    Deployment failed = trial.fresh();
    Deployment old = trial.old();
    String name = failed.stored().symbolicName();
    retire(failed);
    desired.hold(failed.stored(), cause);
    Path file = failed.stored().file();
    intake.countsAs(file, Optional.empty());
    if (old == null) {
      deployed.remove(name);
      desired.wantsNone(name);
    } else {
      goesOn(old, file);
    }
    changed(
        failed.stored().title() + " rolled back",
        () -> report.rolledBack(failed.stored(), trial.replaced(), cause, chain.generation()));
  }

  /// @param file that the failed one came from
  private void goesOn(Deployment old, Path file) {
    if (!intake.holds(old.stored())) {
      old.foundIn(old.stored().at(file));
      intake.countsAs(file, Optional.of(old.stored()));
    }
    deployed.put(old.stored().symbolicName(), old);
    desired.wants(old);
    if (!old.isQuarantined() && !old.handlers().isCurrent(old.bundle())) {
      reconfiguration.lookAgain(old); // its configuration changed while the other was on trial
    }
  }

  /// Puts the chain in force that has what is deployed now.
  private void publish() throws InterruptedException {
    chainChanged = false;
    Tidings told = tidings.take();
    boolean left = chain.put(deployed.values(), trials::link, policy, told.causes());
    trials.published();
    deployed.values().forEach(each -> each.isIn(chain.generation()));
    desired.save();
    told.tell();
    if (left) {
      retirement.complete();
    }
  }

  private Set<String> running() {
    Set<String> contents = new HashSet<>();
    deployed.values().forEach(each -> contents.add(each.stored().sha256()));
    for (Trial trial : trials.all()) {
      if (trial.old() != null) {
        contents.add(trial.old().stored().sha256());
      }
    }
    return contents;
  }

  /// Has the next chain be made by the end of this turn.
  ///
  /// @param cause in a few words
  /// @param tell reports it, when the chain is in force
  void changed(String cause, Runnable tell) {
    chainChanged = true;
    tidings.add(cause, tell);
  }

  /// Puts in force now what has changed so far.
  void publishNow() throws InterruptedException {
    if (chainChanged) {
      publish();
    }
  }

  /// Ends the trial that this version is on, if it is on one, however it stands.
  void endTrial(Deployment deployment) {
    trial(deployment)
        .ifPresent(trial -> {
          trials.end(trial);
          retire(trial.old());
        });
  }

  Collection<Trial> onTrial() {
    return trials.all();
  }

  /// The trial that this very version is on.
  Optional<Trial> trial(Deployment deployment) {
    return trials
        .of(deployment.stored().symbolicName())
        .filter(trial -> trial.fresh() == deployment);
  }

  /// The deployment of this name.
  ///
  /// @param name symbolic name, or the name of its file
  /// @throws RefusedException if nothing of that name is in the chain
  Deployment require(String name) throws RefusedException {
    return deployed.values().stream()
        .filter(each ->
            each.stored().symbolicName().equals(name) || each.stored().fileName().equals(name))
        .findFirst()
        .orElseThrow(() ->
            new RefusedException(
                "no bundle "
                    + name
                    + " is in the chain; there are "
                    + String.join(", ", deployed.keySet())));
  }

  /// Puts the version before back, by the operator's wish.
  ///
  /// @return whether it is on trial now, and not in the chain for good
  boolean goBack(String name) throws RefusedException {
    Deployment running = require(name);
    Optional<Trial> trial = trial(running).filter(Trial::canFail);
    if (trial.isPresent() && trial.get().old() != null) {
      rollBack(trial.get(), "the operator went back");
      return false;
    }
    StoredBundle stored = running.stored();
    DesiredState.Content previous = desired.before(stored);
    Deployment back = intake.bringBack(previous.sha256(), stored.file());
    desired.hold(stored, "the operator went back to " + previous.version());
    comeIn(back, System.nanoTime());
    return true;
  }

  /// The file whose content was taken out for harm.
  ///
  /// @throws RefusedException if nothing of that name was
  Path fileToRelease(String name) throws RefusedException {
    return desired
        .heldFile(name)
        .map(folder::file)
        .orElseThrow(() -> new RefusedException("nothing of " + name + " was taken out"));
  }

  /// Has contents of this bundle be tried again that were taken out.
  void release(String name) throws RefusedException {
    Path file = fileToRelease(name);
    desired.release(name);
    intake.tellAgain(file);
  }

  DesiredState desired() {
    return desired;
  }

  Intake intake() {
    return intake;
  }

  long generation() {
    return chain.generation();
  }

  /// Hands handlers over to be ended when no thread uses them.
  Retirement retirement() {
    return retirement;
  }

  Optional<Deployment> deployed(String symbolicName) {
    return Optional.ofNullable(deployed.get(symbolicName));
  }

  Collection<Deployment> deployed() {
    return List.copyOf(deployed.values());
  }
}
