package dev.sluice.runtime.host;

import dev.sluice.plugin.EventLog;
import dev.sluice.plugin.EventLog.Severity;
import dev.sluice.plugin.PacketHandler;
import dev.sluice.runtime.pipeline.Incidents;
import dev.sluice.runtime.pipeline.Stuck;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;

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
  private final Strikes strikes = new Strikes();
  private final ArrayBlockingQueue<Stuck> waiting = new ArrayBlockingQueue<>(MOST_WAITING);

  /// @param ring ends the deploying thread's wait
  Containment(EventLog events, DesiredState desired, Intake intake, Report report, Runnable ring) {
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
    for (Stuck what = waiting.poll(); what != null; what = waiting.poll()) {
      String cause = sentence(what);
      int worker = what.worker();
      tell(what, cause);
      what.instance()
          .flatMap(instance -> culprit(deployer, instance))
          .ifPresent(found -> deal(deployer, found, worker, cause));
    }
  }

  private static Optional<Deployment> culprit(Deployer deployer, PacketHandler instance) {
    return deployer.deployed().stream()
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
    } else if (strikes.add(name, System.nanoTime())) {
      quarantine(deployer, culprit, cause);
    } else {
      try {
        culprit.renew(culprit.handlers().withNew(worker));
        deployer.changed(culprit.stored().title() + " has a new instance", () -> {});
      } catch (RefusedException e) {
        quarantine(deployer, culprit, cause + "; " + e.sentence());
      }
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

  /// Whether there is a version that the bundle could go back to.
  boolean hasBetter(Deployment deployment) {
    return better(deployment).isPresent();
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
    Optional<DesiredState.Content> better = better(culprit);
    desired.hold(stored, cause);
    strikes.forget(stored.symbolicName());
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
      report.refused(file, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
