package dev.sluice.runtime.host;

import dev.sluice.plugin.EventLog;
import dev.sluice.plugin.EventLog.Severity;
import dev.sluice.plugin.PacketHandler;
import dev.sluice.runtime.pipeline.Incidents;
import dev.sluice.runtime.pipeline.Stuck;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.stream.Stream;

/// What is done about a bundle that does harm in the chain.
///
/// On trial it is rolled back at once. Later it gets a new instance for the one that is stuck, so
/// that other flows go on; when that happens too often, or it uses up memory, it is quarantined:
/// the version that ran well before takes its place, and where there is none, its place in the
/// chain lets nothing pass. Incidents are heard on any thread, and dealt with on the deploying one.
final class Containment implements Incidents {
  /// Incidents that wait; one beyond that is a thread that stays as the pipeline left it.
  private static final int MOST_WAITING = 64;

  private final EventLog events;
  private final DesiredState desired;
  private final Intake intake;
  private final Report report;
  private final Runnable ring;
  private final Duration limit;
  private final Strikes strikes = new Strikes();

  /// What is to be done when the thread of an incident has ended.
  private final IdentityHashMap<Stuck, Runnable> leftOver = new IdentityHashMap<>();

  /// Incidents whose threads have not ended, of late; the pipeline bounds them.
  private final List<Stuck> stuck = new ArrayList<>();

  private final ArrayBlockingQueue<Stuck> waiting = new ArrayBlockingQueue<>(MOST_WAITING);

  /// @param limit how long a bundle may take to make a handler
  /// @param ring ends the deploying thread's wait
  Containment(
      EventLog events,
      DesiredState desired,
      Intake intake,
      Report report,
      Duration limit,
      Runnable ring) {
    this.limit = limit;
    this.events = events;
    this.desired = desired;
    this.intake = intake;
    this.report = report;
    this.ring = ring;
  }

  @Override
  public void stuck(Stuck what) {
    waiting.offer(what);
    ring.run();
  }

  /// Deals with what has happened.
  void look(Deployer deployer) {
    tidyUp();
    for (Stuck what = waiting.poll(); what != null; what = waiting.poll()) {
      String cause = sentence(what);
      int worker = what.worker();
      stuck.add(what);
      tell(what, cause);
      what.instance()
          .flatMap(instance -> culprit(deployer, instance))
          .ifPresent(found -> deal(deployer, found, worker, cause));
    }
  }

  /// Among what is in the chain, and what would go on if a trial failed.
  private static Optional<Deployment> culprit(Deployer deployer, PacketHandler instance) {
    return Stream.concat(
            deployer.deployed().stream(),
            deployer.onTrial().stream().flatMap(trial -> Stream.ofNullable(trial.old())))
        .filter(each -> each.handlers().instances().stream().anyMatch(one -> one == instance))
        .findFirst();
  }

  private static String sentence(Stuck what) {
    return "it did not come back from "
        + (what.call() == Stuck.Call.TICK ? "a tick" : "a packet")
        + " within "
        + what.after().toMillis()
        + " ms: it was at "
        + what.where()
        + (what.deadlocked() ? ", in a deadlock" : "");
  }

  private void tell(Stuck what, String cause) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("bundle", what.bundle());
    fields.put("cause", cause);
    fields.put("thread", what.thread());
    fields.put("packet", what.packet());
    fields.put("effect", "a fresh thread has taken over; what it held is dropped");
    events.report(Severity.ALARM, "handler-stuck", fields);
  }

  private void deal(Deployer deployer, Deployment culprit, int worker, String cause) {
    String name = culprit.stored().symbolicName();
    Optional<Trial> trial = deployer.trial(culprit).filter(Trial::canFail);
    if (trial.isPresent()) {
      deployer.rollBack(trial.get(), cause);
      // The thread that is stuck may yet write to the tables that the old one's instance shares.
      Deployment old = trial.get().old();
      if (old != null && !old.isQuarantined()) {
        renew(deployer, old, worker, cause);
      }
    } else if (strikes.add(name, System.nanoTime()) || stillStuck(culprit) >= Strikes.MOST) {
      quarantine(deployer, culprit, cause);
    } else {
      renew(deployer, culprit, worker, cause);
    }
  }

  private static boolean isIn(Stuck what, PacketHandler instance) {
    return what.instance().filter(each -> each == instance).isPresent();
  }

  /// Gives back what threads have left.
  private void tidyUp() {
    leftOver
        .entrySet()
        .removeIf(each -> {
          if (!each.getKey().lives()) {
            each.getValue().run();
          }
          return !each.getKey().lives();
        });
  }

  /// Threads that are in the bundle's code still: each may take a processor for good.
  private long stillStuck(Deployment culprit) {
    stuck.removeIf(what -> !what.lives());
    String title = culprit.stored().title();
    return stuck.stream().filter(what -> what.bundle().equals(title)).count();
  }

  private void renew(Deployer deployer, Deployment culprit, int worker, String cause) {
    try {
      HandlerSet fresh =
          TimeLimit.call(
              "the making of another handler", limit, () -> culprit.handlers().withNew(worker));
      HandlerSet before = culprit.renew(fresh);
      stuck.stream()
          .filter(what -> isIn(what, before.instances().get(worker)))
          .forEach(what -> leftOver.put(what, before.giveBack(worker)));
      deployer.onTrial().stream()
          .filter(trial -> trial.old() == culprit)
          .forEach(Trial::oldRenewed);
      deployer.changed(culprit.stored().title() + " has a new instance", () -> {});
    } catch (RefusedException e) {
      quarantine(deployer, culprit, cause + "; " + e.sentence());
    }
  }

  /// Takes a bundle out that has used up memory, or fails on every packet.
  void outOfOrder(Deployer deployer, Deployment culprit, String cause) {
    Optional<Trial> trial = deployer.trial(culprit).filter(Trial::canFail);
    if (trial.isPresent()) {
      deployer.rollBack(trial.get(), cause);
    } else {
      quarantine(deployer, culprit, cause);
    }
  }

  private Optional<DesiredState.Content> better(Deployment deployment) {
    String sha256 = deployment.stored().sha256();
    DesiredState.Entry entry = desired.entry(deployment.stored().symbolicName());
    return entry
        .good()
        .filter(content -> !content.sha256().equals(sha256))
        .or(entry::previous)
        .filter(content -> !content.sha256().equals(sha256))
        .filter(content -> desired.heldFor(content.sha256()).isEmpty());
  }

  private void quarantine(Deployer deployer, Deployment culprit, String cause) {
    StoredBundle stored = culprit.stored();
    desired.hold(stored, cause);
    Optional<Trial> onTrialAgainst =
        deployer.onTrial().stream().filter(trial -> trial.old() == culprit).findFirst();
    if (onTrialAgainst.isPresent()) {
      // What would go on is bad itself: the one on trial stays, whatever it does.
      deployer.retirement().add(culprit.quarantine());
      onTrialAgainst.get().oldRenewed();
      deployer.changed(stored.title() + " quarantined", () -> {});
      return;
    }
    Optional<DesiredState.Content> better = better(culprit);
    strikes.forget(stored.symbolicName());
    deployer.endTrial(culprit);
    deployer.retirement().add(culprit.quarantine());
    deployer.changed(
        stored.title() + " quarantined",
        () -> report.quarantined(stored, cause, deployer.generation()));
    if (better.isPresent()) {
      bringBack(deployer, better.get(), stored.file());
    }
  }

  /// Behind the closed place, which is in force meanwhile.
  private void bringBack(Deployer deployer, DesiredState.Content content, Path file) {
    try {
      deployer.publishNow();
      deployer.comeIn(intake.bringBack(content.sha256(), file), System.nanoTime());
    } catch (RefusedException e) {
      report.notTaken(file, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
