package dev.sluice.runtime.host;

import java.util.Collection;
import java.util.Collections;
import java.util.Set;
import java.util.WeakHashMap;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.hooks.bundle.FindHook;
import org.osgi.framework.hooks.resolver.ResolverHook;
import org.osgi.framework.hooks.resolver.ResolverHookFactory;
import org.osgi.framework.wiring.BundleCapability;
import org.osgi.framework.wiring.BundleRequirement;
import org.osgi.framework.wiring.BundleRevision;

/// The one way into the framework: a bundle resolves, and so has its classes loaded, only if the
/// gateway itself let it in, after the trust check. Whoever else installs or updates a bundle gets
/// one that never leaves the state INSTALLED.
///
/// What is let in is a revision, the very object that stands for the content that was installed: an
/// update of the same bundle is another one. Bundles also find no bundle but themselves, so that
/// none can stop another. Any thread.
final class BundleGate implements ResolverHookFactory, FindHook {
  private static final long SYSTEM_BUNDLE = 0;

  /// Weak, so that what was uninstalled goes.
  private final Set<BundleRevision> letIn =
      Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

  /// Puts the gate in place, which must come before any bundle.
  static BundleGate of(BundleContext system) {
    BundleGate gate = new BundleGate();
    system.registerService(ResolverHookFactory.class, gate, null);
    system.registerService(FindHook.class, gate, null);
    return gate;
  }

  /// Lets the bundle's present content in.
  void letIn(Bundle bundle) {
    letIn.add(bundle.adapt(BundleRevision.class));
  }

  private boolean isLetIn(BundleRevision revision) {
    return revision.getBundle().getBundleId() == SYSTEM_BUNDLE || letIn.contains(revision);
  }

  @Override
  public ResolverHook begin(Collection<BundleRevision> triggers) {
    return new Filter();
  }

  @Override
  public void find(BundleContext context, Collection<Bundle> found) {
    Bundle asking = context.getBundle();
    if (asking.getLocation().startsWith(StoredBundle.LOCATION)) {
      found.removeIf(bundle -> !bundle.equals(asking));
    }
  }

  private final class Filter implements ResolverHook {
    @Override
    public void filterResolvable(Collection<BundleRevision> candidates) {
      candidates.removeIf(revision -> !isLetIn(revision));
    }

    @Override
    public void filterSingletonCollisions(
        BundleCapability singleton, Collection<BundleCapability> candidates) {
      // Two versions of one bundle run beside each other during a replacement.
    }

    @Override
    public void filterMatches(
        BundleRequirement requirement, Collection<BundleCapability> candidates) {
      // What a bundle may import is what is offered; Bundles refuses wires to others.
    }

    @Override
    public void end() {
      // Nothing was kept.
    }
  }
}
