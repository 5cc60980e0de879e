package dev.sluice.runtime.host;

import dev.sluice.plugin.EventLog;
import dev.sluice.plugin.EventLog.Severity;
import dev.sluice.plugin.PacketHandler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.osgi.framework.BundleContext;

/// Handlers and bundles that have left the chain and wait until no WorkThread uses them. For the
/// deploying thread alone.
final class Retirement {
  private final BundleContext context;
  private final Consumer<StoredBundle> discard;
  private final Duration limit;
  private final EventLog events;
  private final List<Leaving> waiting = new ArrayList<>();

  /// What leaves.
  ///
  /// @param wholeBundle false if the bundle stays, with newer instances
  private record Leaving(Deployment deployment, HandlerSet handlers, boolean wholeBundle) {}

  /// Makes one.
  interface Factory {
    /// A retirement, empty at first.
    ///
    /// @param discard ends what the private store keeps of a bundle
    Retirement with(Consumer<StoredBundle> discard);
  }

  /// An empty one.
  ///
  /// @param discard ends what the private store keeps of a bundle
  Retirement(
      BundleContext context, Consumer<StoredBundle> discard, Duration limit, EventLog events) {
    this.context = context;
    this.discard = discard;
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
      guarded(title, "retire", handler::retire);
    }
    guarded(title, "deactivation", leaving.handlers()::release);
    if (leaving.wholeBundle()) {
      guarded(title, "stop", () -> InstallSteps.uninstall(context, leaving.deployment().bundle()));
      discard.accept(leaving.deployment().stored());
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
