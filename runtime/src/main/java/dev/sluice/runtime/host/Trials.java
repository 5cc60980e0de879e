package dev.sluice.runtime.host;

import dev.sluice.runtime.config.DeploySettings;
import dev.sluice.runtime.pipeline.Chain;
import dev.sluice.runtime.pipeline.Guard;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import java.util.function.ToLongFunction;

/// The bundles in the chain that are on trial, by symbolic name. For the deploying thread alone.
final class Trials {
  private final DeploySettings settings;
  private final ToLongFunction<String> judged;
  private final Map<String, Trial> running = new TreeMap<>();

  /// @param judged packets that a bundle in the chain has judged, by symbolic name and version
  Trials(DeploySettings settings, ToLongFunction<String> judged) {
    this.settings = settings;
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
    DeploySettings how = settings;
    if (superseded != null && superseded.canFail()) {
      leaving.add(superseded.fresh());
      old = Optional.ofNullable(superseded.old());
      // Flows that went over to what is superseded would go back to the one before it.
      how = settings.handingOverAtOnce();
    }
    LongSupplier judges = () -> judged.applyAsLong(fresh.stored().title());
    running.put(name, new Trial(fresh, old.orElse(null), stays, how, judges, beganNanos));
    return leaving;
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
