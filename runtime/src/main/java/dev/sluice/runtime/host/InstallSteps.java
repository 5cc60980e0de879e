package dev.sluice.runtime.host;

import dev.sluice.runtime.state.StateStore;
import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.wiring.BundleWire;
import org.osgi.framework.wiring.BundleWiring;
import org.osgi.framework.wiring.FrameworkWiring;

/// The steps that every bundle takes: install beside the old version, start, make handlers.
final class InstallSteps {
  private static final long LOOK_AGAIN_MS = 5;

  private final BundleContext context;
  private final BundleTrust trust;
  private final BundleGate gate;
  private final ComponentFailures failures;
  private final int workThreads;
  private final StateStore state;
  private final Duration handlerPatience;

  /// The steps for one framework.
  ///
  /// @param handlerPatience how long a started bundle may take to offer its handler
  InstallSteps(
      BundleContext context,
      BundleTrust trust,
      BundleGate gate,
      ComponentFailures failures,
      int workThreads,
      StateStore state,
      Duration handlerPatience) {
    this.context = context;
    this.trust = trust;
    this.gate = gate;
    this.failures = failures;
    this.workThreads = workThreads;
    this.state = state;
    this.handlerPatience = handlerPatience;
  }

  List<DeployStep> inOrder() {
    return List.of(new Check(), new Install(), new Start(), new MakeHandlers());
  }

  /// Stops and uninstalls a bundle and lets go of its classes; no other bundle is touched.
  static void uninstall(BundleContext context, Bundle bundle) throws BundleException {
    bundle.uninstall();
    context.getBundle().adapt(FrameworkWiring.class).refreshBundles(Set.of(bundle));
    LeftUses.forget(context.getBundle(), bundle);
  }

  private final class Check implements DeployStep {
    @Override
    public String name() {
      return "the check of its signature and permissions";
    }

    @Override
    public Duration limit(Duration ofBundles) {
      return OF_THE_HOST;
    }

    @Override
    public void perform(Candidate candidate) throws RefusedException {
      candidate.trusted(trust.check(candidate.stored(), candidate.downgradeAllowed()));
    }
  }

  private final class Install implements DeployStep {
    @Override
    public String name() {
      return "its installation";
    }

    @Override
    public void perform(Candidate candidate) throws Exception {
      StoredBundle stored = candidate.stored();
      String location = stored.location();
      for (int again = 2; context.getBundle(location) != null; again++) {
        location = stored.location() + "/" + again;
      }
      byte[] content = Files.readAllBytes(stored.copy());
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      if (!HexFormat.of().formatHex(digest.digest(content)).equals(stored.sha256())) {
        throw new RefusedException("its private copy was changed after it was checked");
      }
      candidate.installed(context.installBundle(location, new ByteArrayInputStream(content)));
      candidate.approved();
      gate.letIn(candidate.bundle());
    }

    @Override
    public void undo(Candidate candidate) throws BundleException {
      if (candidate.isInstalled()) {
        uninstall(context, candidate.bundle());
      }
    }
  }

  private static final class Start implements DeployStep {
    @Override
    public String name() {
      return "its start";
    }

    @Override
    public void perform(Candidate candidate) throws Exception {
      candidate.bundle().start(Bundle.START_TRANSIENT);
      refuseWiresToOthers(candidate.bundle());
    }

    /// A bundle wired to another one of `bundles/` would be bounced when that one is replaced.
    private void refuseWiresToOthers(Bundle bundle) throws RefusedException {
      BundleWiring wiring = bundle.adapt(BundleWiring.class);
      for (BundleWire wire : wiring.getRequiredWires(null)) {
        Bundle provider = wire.getProvider().getBundle();
        if (provider.getLocation().startsWith(StoredBundle.LOCATION) && !provider.equals(bundle)) {
          throw new RefusedException(
              "it depends on the bundle "
                  + provider.getSymbolicName()
                  + "; allowed: what the gateway itself provides, so that each bundle can be"
                  + " replaced alone");
        }
      }
    }
  }

  private final class MakeHandlers implements DeployStep {
    @Override
    public String name() {
      return "the making of its handlers";
    }

    @Override
    public void perform(Candidate candidate) throws Exception {
      Bundle bundle = candidate.bundle();
      long deadline = System.nanoTime() + handlerPatience.toNanos();
      while (HandlerSet.registered(bundle).isEmpty()) {
        if (!failures.hasComponents(bundle) && HandlerSet.registered(bundle).isEmpty()) {
          throw new RefusedException(
              "it has no component that offers a dev.sluice.plugin.PacketHandler service");
        }
        if (System.nanoTime() > deadline) {
          throw new RefusedException(
              "it offered no handler within "
                  + handlerPatience.toMillis()
                  + " ms: "
                  + failures.whyNoHandler(bundle),
              true);
        }
        Thread.sleep(LOOK_AGAIN_MS);
      }
      candidate.offers(HandlerSet.take(context, bundle, workThreads, state, failures));
    }

    @Override
    public void undo(Candidate candidate) {
      candidate.releaseHandlers();
    }
  }
}
