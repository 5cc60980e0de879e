package dev.sluice.runtime.host;

import dev.sluice.plugin.HashFunction;
import java.util.Arrays;
import java.util.Optional;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceReference;

/// The hash function that a bundle offers as a service beside its handler, taken and given back
/// with the handler instances.
final class OfferedHash {
  private final BundleContext context;
  private final ServiceReference<?> reference;
  private final HashFunction function;

  private OfferedHash(BundleContext context, ServiceReference<?> reference, HashFunction function) {
    this.context = context;
    this.reference = reference;
    this.function = function;
  }

  /// What the bundle offers, if it offers one.
  ///
  /// @throws RefusedException if it offers something that cannot be used
  static Optional<OfferedHash> take(BundleContext context, Bundle bundle) throws RefusedException {
    ServiceReference<?>[] all = bundle.getRegisteredServices();
    if (all == null) {
      return Optional.empty();
    }
    for (ServiceReference<?> each : all) {
      if (isHash(each)) {
        return Optional.of(take(context, each));
      }
    }
    return Optional.empty();
  }

  private static boolean isHash(ServiceReference<?> reference) {
    return reference.getProperty(Constants.OBJECTCLASS) instanceof String[] classes
        && Arrays.asList(classes).contains(HashFunction.class.getName());
  }

  private static OfferedHash take(BundleContext context, ServiceReference<?> reference)
      throws RefusedException {
    if (context.getService(reference) instanceof HashFunction function) {
      return new OfferedHash(context, reference, function);
    }
    throw new RefusedException(
        "its HashFunction cannot be made, or is not the gateway's: it takes dev.sluice.plugin"
            + " from elsewhere");
  }

  HashFunction function() {
    return function;
  }

  void release() {
    context.ungetService(reference);
  }
}
