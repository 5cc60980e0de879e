package dev.sluice.runtime.host;

import dev.sluice.plugin.EventLog;
import dev.sluice.plugin.EventLog.Severity;
import dev.sluice.plugin.PacketHandler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;

/// Handlers and bundles that have left the chain and wait until no WorkThread uses them. For the
/// deploying thread alone.
final class Retirement {
  private final BundleContext context;
  private final LoaderWatch loaders;
  private final Predicate<PacketHandler> inUse;
  private final Duration limit;
  private final EventLog events;
  private final List<Leaving> waiting = new ArrayList<>();

  /// What leaves.
  ///
  /// @param wholeBundle false if the bundle stays, with newer instances
  private record Leaving(Deployment deployment, HandlerSet handlers, boolean wholeBundle) {}

  /// An empty one.
  ///
  /// @param loaders watches what becomes of the classes
  /// @param inUse whether some thread is stuck in a handler: nothing more is called on it
  Retirement(
      BundleContext context,
      LoaderWatch loaders,
      Predicate<PacketHandler> inUse,
      Duration limit,
      EventLog events) {
    this.context = context;
    this.loaders = loaders;
    this.inUse = inUse;
    this.limit = limit;
    this.events = events;
  }

  /// Adds a bundle that is not in the newest chain.
  void add(Deployment deployment) {
    waiting.add(new Leaving(deployment, deployment.handlers(), true));
  }

  /// Adds instances that are not in the newest chain, of a bundle that is.
  void add(Deployment deployment, HandlerSet old) {
    waiting.add(new Leaving(deployment, old, false));
  }

  /// Ends all that waits. To be called when every thread uses the newest chain.
  void complete() {
    for (Leaving leaving : List.copyOf(waiting)) {
      waiting.remove(leaving);
      end(leaving);
    }
  }

  private void end(Leaving leaving) {
    String title = leaving.deployment().stored().title();
    for (PacketHandler handler : leaving.handlers().instances()) {
      if (!inUse.test(handler)) {
        guarded(title, "retire", handler::retire);
      }
    }
    guarded(title, "deactivation", leaving.handlers()::release);
    if (leaving.wholeBundle()) {
      Bundle bundle = leaving.deployment().bundle();
      ClassLoader loader = LoaderWatch.loaderOf(bundle);
      guarded(title, "stop", () -> InstallSteps.uninstall(context, bundle));
      loaders.retired(title, loader);
    }
  }

  /// A bundle's own code, on its way out.
  private interface LastCall {
    void run() throws Exception;
  }

  private void guarded(String title, String what, LastCall call) {
    try {
      TimeLimit.call(
          "its " + what,
          limit,
          () -> {
            call.run();
            return title;
          });
    } catch (RefusedException e) {
      events.report(
          Severity.WARNING, "bundle-left-behind", Map.of("bundle", title, "cause", e.sentence()));
    }
  }
}
