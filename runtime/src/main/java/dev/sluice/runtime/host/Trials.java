package dev.sluice.runtime.host;

import dev.sluice.runtime.config.DeploySettings;
import dev.sluice.runtime.pipeline.Chain;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// The bundles in the chain that are on trial, by symbolic name. For the deploying thread alone.
final class Trials {
  private final DeploySettings settings;
  private final Map<String, Trial> running = new TreeMap<>();

  Trials(DeploySettings settings) {
    this.settings = settings;
  }

  /// Whether there are trials at all; if not, a bundle is good when it is in the chain.
  boolean areHeld() {
    return settings.guards();
  }

  /// Puts a bundle on trial. One of the same name that is on trial itself has proved nothing, and
  /// is not fallen back to.
  ///
  /// @param before what the bundle takes the place of
  /// @param wasOpen whether packets passed before
  /// @return what has to leave for it now
  List<Deployment> begin(
      Deployment fresh, Optional<Deployment> before, boolean wasOpen, long beganNanos) {
    String name = fresh.stored().symbolicName();
    Trial superseded = running.remove(name);
    List<Deployment> leaving = new ArrayList<>();
    Optional<Deployment> old = before;
    if (superseded != null) {
      leaving.add(superseded.fresh());
      old = Optional.ofNullable(superseded.old());
    }
    running.put(name, new Trial(fresh, old.orElse(null), wasOpen, settings, beganNanos));
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
    return trial == null || trial.fresh() != deployment
        ? deployment.link()
        : deployment.link(trial.guard());
  }
}
