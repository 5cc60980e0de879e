package dev.sluice.runtime.bench.swap;

import dev.sluice.runtime.host.HostedGateway;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/// Finds class loaders of bundles that are gone from a gateway in this process, and are kept all
/// the same.
public final class LoaderWatch {
  private static final int COLLECTIONS = 6;
  private static final long PAUSE_MILLIS = 50;

  private final HostedGateway gateway;
  private final List<WeakReference<ClassLoader>> seen = new ArrayList<>(); // guarded by itself

  /// Looks from now on.
  public LoaderWatch(HostedGateway gateway) {
    this.gateway = gateway;
    gateway.onClassLoader(this::see);
  }

  private void see(ClassLoader loader) {
    synchronized (seen) {
      seen.removeIf(reference -> reference.refersTo(null));
      seen.add(new WeakReference<>(loader));
    }
  }

  /// How many are left over, after some garbage collections. No bundle may come or go meanwhile.
  public int leaked() throws InterruptedException {
    int leaked = Integer.MAX_VALUE;
    for (int i = 0; i < COLLECTIONS && leaked > 0; i++) {
      System.gc();
      Thread.sleep(PAUSE_MILLIS);
      leaked = count();
    }
    return leaked;
  }

  private int count() {
    Set<ClassLoader> deployed = Collections.newSetFromMap(new IdentityHashMap<>());
    deployed.addAll(gateway.classLoaders());
    int count = 0;
    synchronized (seen) {
      for (WeakReference<ClassLoader> reference : seen) {
        ClassLoader loader = reference.get();
        count += loader == null || deployed.contains(loader) ? 0 : 1;
      }
    }
    return count;
  }
}
