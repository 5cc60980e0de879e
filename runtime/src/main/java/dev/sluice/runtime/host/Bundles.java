package dev.sluice.runtime.host;

import dev.sluice.plugin.EventLog;
import dev.sluice.plugin.EventLog.Severity;
import dev.sluice.runtime.config.GatewaySettings;
import dev.sluice.runtime.config.SettingsWatch;
import dev.sluice.runtime.control.BundleRow;
import dev.sluice.runtime.control.ControlException;
import dev.sluice.runtime.supervisor.FatalErrors;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.osgi.framework.BundleContext;

/// Keeps the chain as `bundles/` and the settings say, from the start of the gateway to its end.
///
/// One thread looks ten times a second, and at once when something has changed; everything that
/// changes the chain happens on it.
public final class Bundles implements AutoCloseable {
  private static final long LOOK_MS = 100;

  /// Between looks while a file settles or a bundle is on trial.
  private static final long BUSY_LOOK_MS = 20;

  /// Between any two looks: a file must stay as it is for so long before it counts as whole.
  private static final long LEAST_MS = 10;

  /// How long FileInstall and Declarative Services get to take up a changed file.
  private static final long CONFIGURATION_NANOS = 1_000_000_000L;

  private static final Duration STOP_PATIENCE = Duration.ofSeconds(3);

  private final Report report;
  private final Deployer deployer;
  private final Containment containment;
  private final FailureWatch failureWatch;
  private final LoaderWatch loaders;
  private final Orders orders;
  private final BundleOrders bundleOrders;
  private final SettingsWatch settings;
  private final BundleTrust trust;
  private final ConfigurationFolder configuration;
  private final HandlerWatch handlers;
  private final ChainSwitch chain;
  private final EventLog events;
  private final FolderBell folderBell;
  private final Semaphore bell = new Semaphore(0);
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
    /// Five seconds for a handler to be offered, fifteen for a step: a whole bundle's code is cold,
    /// and traffic comes first.
    public static Limits standard() {
      return new Limits(Duration.ofSeconds(5), Duration.ofSeconds(15));
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
    this.orders = new Orders(bell::release);
    this.settings = new SettingsWatch(folders.config(), started, events);
    this.trust = BundleTrust.of(host.distribution(), settings::trust, folders.state(), events);
    this.report = new Report(events, trust.hearing(listener.andThen(orders::heard)));
    this.handlers = new HandlerWatch(context);
    this.chain = chain;
    this.events = events;
    this.configuration = new ConfigurationFolder(folders.config(), events);
    this.loaders = new LoaderWatch(events, LoaderWatch.Collections.ofThisJvm());
    this.failureWatch = new FailureWatch(chain::handlerRows);
    DesiredState desired = new DesiredState(folders.state(), events);
    desired.holdCulprit(folders.state());
    BundleFolder folder = new BundleFolder(folders.bundles());
    InstallSteps steps =
        new InstallSteps(
            context,
            trust,
            host.gate(),
            failures,
            chain.workThreads(),
            host.state(),
            limits.handler());
    List<DeployStep> inOrder = new ArrayList<>(steps.inOrder());
    inOrder.add(new LoadStep());
    inOrder.add(new RehearsalStep(chain, started.deploy().rehearsal()));
    DeployPath path = new DeployPath(inOrder, limits.step(), events);
    BundleStore store = new BundleStore(folders.state());
    this.bundleOrders =
        new BundleOrders(folders.bundles(), store, orders, started.deploy().handOver());
    Intake intake = new Intake(folder, store, path, desired, report);
    this.containment =
        new Containment(events, desired, intake, report, limits.step(), bell::release);
    Retirement retirement = new Retirement(context, loaders, chain::isStuck, limits.step(), events);
    Reconfiguration reconfiguration =
        new Reconfiguration(
            context, handlers, failures, chain.workThreads(), host.state(), limits.step(), report);
    this.deployer =
        new Deployer(
            new Deployer.Parts(
                folder,
                intake,
                chain,
                new Trials(started.deploy(), chain.workThreads(), chain::judged),
                desired,
                retirement,
                reconfiguration,
                report),
            started.policy());
    this.folderBell = new FolderBell(folders.bundles(), bell::release);
  }

  /// Puts the first chain in force, of the bundles that are there now, and goes on looking.
  public void start() throws InterruptedException {
    chain.report(containment);
    deployer.firstTurn();
    thread.start();
  }

  private void run() {
    try {
      while (!closing.await(LEAST_MS, TimeUnit.MILLISECONDS)) {
        if (bell.tryAcquire(deployer.isBusy() ? BUSY_LOOK_MS : LOOK_MS, TimeUnit.MILLISECONDS)) {
          bell.drainPermits();
        }
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
      boolean trustChanged = trust.changed();
      if (configuration.changedAndSettled(CONFIGURATION_NANOS) || trustChanged) {
        deployer.configurationChanged();
      }
      containment.look(deployer);
      failureWatch.look(deployer, containment);
      orders.carryOut(deployer);
      deployer.turn();
      loaders.look();
    } catch (InterruptedException | VirtualMachineError e) {
      throw e;
    } catch (Throwable e) {
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

  /// Stage and number of each bundle in the chain, by symbolic name and version.
  Map<String, String> stages() {
    return chain.stages();
  }

  /// The last generations, the newest first.
  List<ChainSwitch.Switch> switches() {
    return chain.switches();
  }

  /// The bundles as an operator sees them: asked of the deploying thread.
  List<BundleRow> rows(Duration patience) throws ControlException, InterruptedException {
    return ask(deployer -> BundleRows.of(deployer, loaders.leaked(), report.refusals()), patience);
  }

  /// Whether bundles run that nobody has signed.
  public boolean acceptsUnsigned() {
    return trust.acceptsUnsigned();
  }

  /// What an operator may have done to the folder.
  BundleOrders orders() {
    return bundleOrders;
  }

  /// Has the deploying thread answer a question between its turns.
  <T> T ask(Orders.Order<T> question, Duration patience)
      throws ControlException, InterruptedException {
    return orders.give(question, patience);
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
    folderBell.close();
    handlers.close();
  }
}
