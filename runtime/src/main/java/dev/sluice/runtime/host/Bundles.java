package dev.sluice.runtime.host;

import dev.sluice.plugin.EventLog;
import dev.sluice.plugin.EventLog.Severity;
import dev.sluice.runtime.config.GatewaySettings;
import dev.sluice.runtime.config.SettingsWatch;
import dev.sluice.runtime.supervisor.FatalErrors;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.osgi.framework.BundleContext;

/// Keeps the chain as `bundles/` and the settings say, from the start of the gateway to its end.
///
/// One thread looks ten times a second; everything that changes the chain happens on it.
public final class Bundles implements AutoCloseable {
  private static final long LOOK_MS = 100;

  /// How long FileInstall and Declarative Services get to take up a changed file.
  private static final long CONFIGURATION_NANOS = 1_000_000_000L;

  private static final Duration STOP_PATIENCE = Duration.ofSeconds(3);

  private final Deployer deployer;
  private final SettingsWatch settings;
  private final ConfigurationFolder configuration;
  private final HandlerWatch handlers;
  private final ChainSwitch chain;
  private final EventLog events;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread thread =
      Thread.ofPlatform()
          .name("deploy")
          .uncaughtExceptionHandler(FatalErrors.handler())
          .daemon()
          .unstarted(this::run);

  /// Where things are.
  ///
  /// @param bundles the hot-deploy folder
  /// @param config the folder of `.cfg` files
  /// @param state folder for private copies
  public record Folders(Path bundles, Path config, Path state) {}

  /// How long a bundle's own code may take.
  ///
  /// @param handler from the start of a bundle to its handler service
  /// @param step each step of a deployment
  public record Limits(Duration handler, Duration step) {
    /// Two seconds for a handler to be offered, five for a step.
    public static Limits standard() {
      return new Limits(Duration.ofSeconds(2), Duration.ofSeconds(5));
    }
  }

  /// Prepares; [#start] begins.
  ///
  /// @param listener hears each outcome, on the deploying thread
  public Bundles(
      Host host,
      Folders folders,
      Limits limits,
      GatewaySettings started,
      ChainSwitch chain,
      EventLog events,
      Consumer<Outcome> listener)
      throws HostException {
    BundleContext context = host.context();
    ComponentFailures failures = new ComponentFailures(context);
    Report report = new Report(events, listener);
    InstallSteps steps = new InstallSteps(context, failures, chain.workThreads(), limits.handler());
    this.handlers = new HandlerWatch(context);
    this.chain = chain;
    this.events = events;
    this.settings = new SettingsWatch(folders.config(), started, events);
    this.configuration = new ConfigurationFolder(folders.config(), events);
    this.deployer =
        new Deployer(
            new Deployer.Parts(
                new BundleFolder(folders.bundles()),
                new BundleStore(folders.state()),
                new DeployPath(steps.inOrder(), limits.step(), events),
                chain,
                discard -> new Retirement(context, discard, limits.step(), events),
                new Reconfiguration(
                    context, handlers, failures, chain.workThreads(), limits.step(), report),
                report),
            started.policy());
  }

  /// Puts the first chain in force, of the bundles that are there now, and goes on looking.
  public void start() throws InterruptedException {
    deployer.firstTurn();
    thread.start();
  }

  private void run() {
    try {
      while (!closing.await(LOOK_MS, TimeUnit.MILLISECONDS)) {
        look();
      }
    } catch (InterruptedException e) {
      // Only close() interrupts: the gateway ends, and so does this thread.
      Thread.currentThread().interrupt();
    }
  }

  private void look() throws InterruptedException {
    try {
      settings.poll().ifPresent(deployer::policy);
      if (configuration.changedAndSettled(CONFIGURATION_NANOS)) {
        deployer.configurationChanged();
      }
      deployer.turn();
    } catch (RuntimeException e) {
      // The chain in force goes on; the operator must know that changes may not be taken up.
      events.report(
          Severity.ALARM,
          "deployer-failed",
          Map.of("cause", e.toString(), "at", String.valueOf(e.getStackTrace()[0])));
    }
  }

  /// Why nothing passes now, or an empty text if packets may pass.
  public String closedBecause() {
    return chain.closedBecause();
  }

  /// The bundles in the chain in force, in its order, each as symbolic name and version.
  public List<String> chain() {
    return chain.inForce();
  }

  /// Ends the looking; the chain in force stays.
  @Override
  public void close() {
    closing.countDown();
    try {
      if (!thread.join(STOP_PATIENCE)) {
        thread.interrupt();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    handlers.close();
  }
}
