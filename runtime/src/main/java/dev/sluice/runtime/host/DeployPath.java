package dev.sluice.runtime.host;

import dev.sluice.plugin.EventLog;
import dev.sluice.plugin.EventLog.Severity;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;

/// Takes candidates through the steps, each for a bounded time, and undoes what a refused one did.
final class DeployPath {
  private final List<DeployStep> steps;
  private final Duration stepLimit;
  private final EventLog events;

  DeployPath(List<DeployStep> steps, Duration stepLimit, EventLog events) {
    this.steps = List.copyOf(steps);
    this.stepLimit = stepLimit;
    this.events = events;
  }

  /// Runs every step.
  ///
  /// @throws RefusedException if one refuses; nothing of the candidate is left then
  Deployment bring(Candidate candidate) throws RefusedException {
    Deque<DeployStep> done = new ArrayDeque<>();
    try {
      for (DeployStep step : steps) {
        done.push(step);
        TimeLimit.call(
            step.name(),
            step.limit(stepLimit),
            () -> {
              step.perform(candidate);
              return step;
            });
      }
      return candidate.deployment();
    } catch (RefusedException e) {
      undo(candidate, done);
      throw e;
    }
  }

  private void undo(Candidate candidate, Deque<DeployStep> done) {
    for (DeployStep step : done) {
      try {
        TimeLimit.call(
            "the undoing of " + step.name(),
            stepLimit,
            () -> {
              step.undo(candidate);
              return step;
            });
      } catch (RefusedException e) {
        // It is not in the chain and never will be; what it leaves behind is memory.
        events.report(
            Severity.WARNING,
            "bundle-left-behind",
            Map.of("bundle", candidate.stored().title(), "cause", e.sentence()));
      }
    }
  }
}
