package dev.sluice.runtime.host;

import dev.sluice.plugin.EventLog;
import dev.sluice.plugin.PacketSender;
import dev.sluice.runtime.pipeline.BundleSender;
import dev.sluice.runtime.state.StateStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.launch.FrameworkFactory;

/// The OSGi framework with the bundles that every gateway needs: Declarative Services, and the
/// configuration of components from the files of one folder.
///
/// It is started from nothing each time: what is to run is in folders, not in a framework's cache.
public final class Host implements AutoCloseable {
  private static final long STOP_MS = 5000;
  private static final String CONFIG_ADMIN = "org.apache.felix.configadmin";

  private final Framework framework;
  private final FrameworkLog log;
  private final Distribution distribution;
  private final StateStore state;
  private @Nullable BundleGate gate;

  private Host(Framework framework, FrameworkLog log, Distribution distribution, StateStore state) {
    this.framework = framework;
    this.log = log;
    this.distribution = distribution;
    this.state = state;
  }

  /// Starts the framework.
  ///
  /// @param config folder whose `.cfg` files configure components, one for each PID
  /// @param state folder that the framework may keep files in
  /// @throws HostException if it does not start, or a bundle of the distribution does not
  public static Host boot(Distribution distribution, Path config, Path state, EventLog events)
      throws HostException {
    FrameworkLog log = new FrameworkLog(events);
    Framework framework = newFramework(properties(config, state));
    Host host = new Host(framework, log, distribution, new StateStore(events));
    try {
      framework.init(log);
      framework.getBundleContext().addFrameworkListener(log);
      host.gate = BundleGate.of(host.context());
      host.context().registerService(EventLog.class, events, null);
      host.state.offer(host.context());
      framework.start();
      host.startSystemBundles(distribution.systemBundles());
      return host;
    } catch (BundleException e) {
      host.close();
      throw new HostException("the bundle framework does not start: " + Sentence.of(e), e);
    } catch (HostException e) {
      host.close();
      throw e;
    }
  }

  private static Framework newFramework(Map<String, String> properties) throws HostException {
    return ServiceLoader.load(FrameworkFactory.class)
        .findFirst()
        .orElseThrow(() -> new HostException("no OSGi framework on the class path"))
        .newFramework(properties);
  }

  private static Map<String, String> properties(Path config, Path state) throws HostException {
    Path storage = state.resolve("framework");
    Path temporary = state.resolve("fileinstall");
    try {
      Files.createDirectories(temporary);
    } catch (IOException e) {
      throw new HostException(temporary + ": cannot be made: " + e.getMessage(), e);
    }
    Map<String, String> properties = new HashMap<>();
    properties.put(Constants.FRAMEWORK_STORAGE, storage.toString());
    properties.put(
        Constants.FRAMEWORK_STORAGE_CLEAN, Constants.FRAMEWORK_STORAGE_CLEAN_ONFIRSTINIT);
    properties.put(
        Constants.FRAMEWORK_SYSTEMPACKAGES_EXTRA,
        OfferedPackages.of(OfferedPackages.REPRESENTATIVES));
    properties.put(Constants.FRAMEWORK_BOOTDELEGATION, "");
    // Or a class that is loaded on behalf of no bundle, as LoadStep does, could name the host's
    // own.
    properties.put("felix.bootdelegation.implicit", "false");
    properties.put(Constants.FRAMEWORK_BSNVERSION, Constants.FRAMEWORK_BSNVERSION_MULTIPLE);
    // The framework's URL handlers need Unsafe, which the JVM's flags deny; nothing here uses them.
    properties.put("felix.service.urlhandlers", "false");
    // The framework's own log is a terminal's; what matters of it comes as framework events.
    properties.put("felix.log.level", "0");
    // A component that fails is told by ComponentFailures, in its own words, not in a stack trace.
    properties.put("ds.log.enabled", "false");
    properties.putAll(fileInstall(config, temporary));
    return properties;
  }

  private static Map<String, String> fileInstall(Path config, Path temporary) {
    String prefix = "felix.fileinstall.";
    return Map.of(
        prefix + "dir", config.toString(),
        prefix + "tmpdir", temporary.toString(),
        prefix + "filter", ".*\\.cfg",
        prefix + "poll", "250",
        prefix + "noInitialDelay", "true",
        prefix + "enableConfigSave", "false",
        prefix + "bundles.startTransient", "true",
        prefix + "configEncoding", "UTF-8",
        prefix + "log.default", "jul",
        prefix + "log.level", "2");
  }

  private void startSystemBundles(List<Path> files) throws HostException {
    List<Bundle> bundles = new ArrayList<>();
    for (Path file : files) {
      try {
        Bundle bundle = context().installBundle("reference:" + file.toUri());
        gate().letIn(bundle);
        bundles.add(bundle);
      } catch (BundleException e) {
        throw new HostException(file + ": " + Sentence.of(e), e);
      }
    }
    for (Bundle bundle : bundles) {
      try {
        bundle.start(Bundle.START_TRANSIENT);
      } catch (BundleException e) {
        throw new HostException(bundle.getSymbolicName() + ": " + Sentence.of(e), e);
      }
      if (CONFIG_ADMIN.equals(bundle.getSymbolicName())) {
        ConfigurationCheck.register(context(), bundle);
      }
    }
  }

  /// Offers the sending half of the gateway to bundles.
  public void offer(PacketSender sender) {
    context().registerService(PacketSender.class, new BundleSender(sender), null);
  }

  /// What bundles keep beyond their versions.
  StateStore state() {
    return state;
  }

  /// What lets bundles into the framework.
  BundleGate gate() {
    if (gate == null) {
      throw new IllegalStateException("the framework is not started");
    }
    return gate;
  }

  /// Where the framework's own bundles come from.
  Distribution distribution() {
    return distribution;
  }

  /// The framework's own context.
  BundleContext context() {
    return framework.getBundleContext();
  }

  /// Stops every bundle and the framework, waiting a bounded time.
  @Override
  public void close() {
    try {
      framework.stop();
      framework.waitForStop(STOP_MS);
    } catch (BundleException e) {
      // The process is ending, and the framework keeps nothing that a next start would need.
      log.frameworkEvent(
          new org.osgi.framework.FrameworkEvent(
              org.osgi.framework.FrameworkEvent.ERROR, framework, e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    log.close();
  }
}
