package dev.sluice.runtime.host;

import dev.sluice.runtime.config.DeploySettings;
import dev.sluice.runtime.pipeline.Chain;
import dev.sluice.runtime.pipeline.Guard;
import dev.sluice.runtime.pipeline.HandOver;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/// The bundles in the chain that are on trial, by symbolic name. For the deploying thread alone.
final class Trials {
  private final DeploySettings settings;
  private final int workThreads;
  private final ToLongFunction<String> judged;
  private final Map<String, Trial> running = new TreeMap<>();

  /// Of the trials that begin with the next chain, which begin together.
  private @Nullable HandOver next;

  /// @param judged packets that a bundle in the chain has judged, by symbolic name and version
  Trials(DeploySettings settings, int workThreads, ToLongFunction<String> judged) {
    this.settings = settings;
    this.workThreads = workThreads;
    this.judged = judged;
  }

  /// Whether there are trials at all; if not, a bundle is good when it is in the chain.
  boolean areHeld() {
    return settings.guards();
  }

  /// Puts a bundle on trial. One of the same name that is guarded itself has proved nothing, and is
  /// not fallen back to.
  ///
  /// @param before what the bundle takes the place of
  /// @param stays as [Trial] has it
  /// @return what has to leave for it now
  List<Deployment> begin(
      Deployment fresh, Optional<Deployment> before, boolean stays, long beganNanos) {
    String name = fresh.stored().symbolicName();
    Trial superseded = running.remove(name);
    List<Deployment> leaving = new ArrayList<>();
    Optional<Deployment> old = before;
    if (superseded != null && superseded.canFail()) {
      leaving.add(superseded.fresh());
      old = Optional.ofNullable(superseded.old());
      // Flows that went over to what is superseded would go back to the one before it.
      next().end();
      superseded.endHandOver(); // what came with that one would lag behind
    }
    if (old.isEmpty() || stays) {
      next().end(); // nobody would judge in its place, or it is not guarded
    }
    LongSupplier judges = () -> judged.applyAsLong(fresh.stored().title());
    running.put(
        name, new Trial(fresh, old.orElse(null), stays, settings, next(), judges, beganNanos));
    return leaving;
  }

  private HandOver next() {
    if (next == null) {
      next = new HandOver(workThreads, settings.handOver());
    }
    return next;
  }

  /// Says that a chain was put in force: trials that begin later have a hand-over of their own.
  void published() {
    next = null;
  }

  /// Has the flows of all trials go over at once, those included that begin with the next chain:
  /// what leaves the chain may have done what another bundle is about to do.
  void allAtOnce() {
    next().end();
    running.values().forEach(Trial::endHandOver);
  }

  /// The trial of this bundle, if it is on trial.
  Optional<Trial> of(String symbolicName) {
    return Optional.ofNullable(running.get(symbolicName));
  }

  /// Ends a trial, however it stands.
  void end(Trial trial) {
    running.remove(trial.fresh().stored().symbolicName(), trial);
  }

  Collection<Trial> all() {
    return List.copyOf(running.values());
  }

  /// The bundle's place in the chain: guarded, if it is on trial.
  Chain.Link link(Deployment deployment) {
    Trial trial = running.get(deployment.stored().symbolicName());
    Guard guard = trial == null || trial.fresh() != deployment ? null : trial.guard();
    return guard == null ? deployment.link() : deployment.link(guard);
  }
}
