package dev.sluice.runtime.host;

import dev.sluice.plugin.SettingsException;
import dev.sluice.runtime.supervisor.Supervision;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleEvent;
import org.osgi.framework.SynchronousBundleListener;
import org.osgi.framework.wiring.BundleWiring;

/// A whole gateway within this process, as `sluice run` would start it: for whoever measures one,
/// or tests what it does with bundles. Its ports are those of `sluice.cfg`, best `memory:` ones.
public final class HostedGateway implements AutoCloseable {
  private static final String DEPLOYED = "sluice:";

  private final RunningGateway gateway;
  private final BundleContext context;

  private HostedGateway(RunningGateway gateway) {
    this.gateway = gateway;
    this.context = gateway.context();
  }

  /// Starts a gateway; when this returns its ports receive.
  ///
  /// @param config folder of `sluice.cfg`
  /// @param bundles folder that bundles are deployed from
  /// @param state folder of the event log, the counters and whatever else the gateway keeps
  /// @param terminal where the short form of events goes
  /// @throws SettingsException before anything is opened
  /// @throws HostException with nothing left open
  public static HostedGateway start(Path config, Path bundles, Path state, PrintStream terminal)
      throws SettingsException, HostException, InterruptedException {
    return new HostedGateway(
        RunningGateway.start(
            new RunningGateway.Place(config, bundles, state), Supervision.NONE, terminal));
  }

  /// Why nothing passes now, or an empty text if packets may pass.
  public String closedBecause() {
    return gateway.closedBecause();
  }

  /// Has somebody told of the class loader of each deployed bundle from now on, when it has one:
  /// also of bundles that are refused afterwards.
  ///
  /// @param loaders called on the deploying thread; it must not keep what it is given alive
  public void onClassLoader(Consumer<ClassLoader> loaders) {
    context.addBundleListener(
        (SynchronousBundleListener)
            event -> {
              if (event.getType() == BundleEvent.RESOLVED) {
                loader(event.getBundle()).forEach(loaders);
              }
            });
  }

  /// The class loaders of the bundles that are deployed now.
  public List<ClassLoader> classLoaders() {
    List<ClassLoader> loaders = new ArrayList<>();
    for (Bundle bundle : context.getBundles()) {
      loaders.addAll(loader(bundle));
    }
    return loaders;
  }

  /// One or none.
  private static List<ClassLoader> loader(Bundle bundle) {
    BundleWiring wiring = bundle.adapt(BundleWiring.class);
    ClassLoader loader = wiring == null ? null : wiring.getClassLoader();
    return loader == null || !bundle.getLocation().startsWith(DEPLOYED)
        ? List.of()
        : List.of(loader);
  }

  /// Idempotent.
  @Override
  public void close() {
    gateway.close();
  }
}
