package dev.sluice.runtime.host;

import dev.sluice.runtime.state.StateStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.osgi.framework.BundleContext;

/// Makes new handler instances when a bundle's configuration has changed.
///
/// Declarative Services takes the old service away at once and offers the new one if the component
/// accepts its configuration. The instances in the chain stay there until the new ones exist: a
/// handler leaves the chain only with its bundle. For the deploying thread alone.
final class Reconfiguration {
  /// A component is taken down and put up within microseconds; this bridges what is slower.
  static final long DEBOUNCE_NANOS = 100_000_000L;

  /// How long a service may be gone before the operator is told.
  static final long ABSENT_NANOS = 600_000_000L;

  private final BundleContext context;
  private final HandlerWatch watch;
  private final ComponentFailures failures;
  private final int workThreads;
  private final StateStore state;
  private final Duration limit;
  private final Report report;

  /// A bundle with new instances.
  ///
  /// @param old the instances that the chain in force still uses
  record Renewed(Deployment deployment, HandlerSet old) {}

  Reconfiguration(
      BundleContext context,
      HandlerWatch watch,
      ComponentFailures failures,
      int workThreads,
      StateStore state,
      Duration limit,
      Report report) {
    this.context = context;
    this.watch = watch;
    this.failures = failures;
    this.workThreads = workThreads;
    this.state = state;
    this.limit = limit;
    this.report = report;
  }

  /// Has a bundle be looked at again, as if its configuration had changed.
  void lookAgain(Deployment deployment) {
    watch.touch(deployment.bundle().getBundleId());
  }

  /// Renews what has changed and come to rest.
  List<Renewed> renew(Collection<Deployment> deployed) {
    List<Renewed> renewed = new ArrayList<>();
    for (long id : watch.settledFor(DEBOUNCE_NANOS)) {
      Optional<Deployment> changed =
          deployed.stream()
              .filter(each -> !each.isQuarantined() && each.bundle().getBundleId() == id)
              .findFirst();
      if (changed.isEmpty() || changed.get().handlers().isCurrent(changed.get().bundle())) {
        watch.seen(id);
      } else {
        look(changed.get(), id).ifPresent(renewed::add);
      }
    }
    return renewed;
  }

  private Optional<Renewed> look(Deployment deployment, long id) {
    if (HandlerSet.registered(deployment.bundle()).isEmpty()) {
      if (watch.ageNanos(id) >= ABSENT_NANOS) {
        watch.seen(id);
        report.configurationRefused(deployment, failures.whyNoHandler(deployment.bundle()));
      }
      return Optional.empty();
    }
    watch.seen(id);
    try {
      HandlerSet fresh =
          TimeLimit.call(
              "the making of its handlers",
              limit,
              () -> HandlerSet.take(context, deployment.bundle(), workThreads, state, failures));
      return Optional.of(new Renewed(deployment, deployment.renew(fresh)));
    } catch (RefusedException e) {
      report.configurationRefused(deployment, e.sentence());
      return Optional.empty();
    }
  }
}
