package dev.sluice.runtime.host;

import dev.sluice.plugin.PacketHandler;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceEvent;
import org.osgi.framework.ServiceListener;

/// Notices that a bundle's handler service came or went, which is what a changed configuration does
/// to it. Heard on any thread; asked by the deploying thread.
final class HandlerWatch implements ServiceListener, AutoCloseable {
  private static final String FILTER =
      "(" + Constants.OBJECTCLASS + "=" + PacketHandler.class.getName() + ")";

  private final BundleContext context;

  /// When each bundle's handler service last came or went, in [System#nanoTime], by bundle id.
  private final Map<Long, Long> changedAt = new ConcurrentHashMap<>();

  HandlerWatch(BundleContext context) {
    this.context = context;
    try {
      context.addServiceListener(this, FILTER);
    } catch (InvalidSyntaxException e) {
      throw new IllegalStateException("the filter is a constant", e);
    }
  }

  @Override
  public void serviceChanged(ServiceEvent event) {
    if (event.getServiceReference().getProperty(Constants.SERVICE_BUNDLEID) instanceof Long id) {
      changedAt.put(id, System.nanoTime());
    }
  }

  /// Notes a change that nobody tells of.
  void touch(long bundle) {
    changedAt.put(bundle, System.nanoTime());
  }

  /// Bundles whose last change is at least so old.
  List<Long> settledFor(long nanos) {
    long now = System.nanoTime();
    return changedAt.entrySet().stream()
        .filter(change -> now - change.getValue() >= nanos)
        .map(Map.Entry::getKey)
        .toList();
  }

  /// How long ago the bundle's service came or went; 0 if that is not known.
  long ageNanos(long bundle) {
    Long at = changedAt.get(bundle);
    return at == null ? 0 : System.nanoTime() - at;
  }

  /// Forgets a bundle's changes up to now.
  void seen(long bundle) {
    changedAt.remove(bundle);
  }

  @Override
  public void close() {
    context.removeServiceListener(this);
  }
}
