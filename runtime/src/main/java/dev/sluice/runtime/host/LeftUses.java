package dev.sluice.runtime.host;

import java.lang.reflect.Field;
import java.util.Map;
import org.osgi.framework.Bundle;

/// What a framework keeps of a bundle that is uninstalled, and should not.
///
/// Felix (7.0.5, `ServiceRegistry.ungetServices`) passes over uses of services that a bundle has
/// given back itself, so that an entry for the bundle stays for ever: some 9 KB with all that hangs
/// on it, for each bundle with a component, since the service component runtime asks for the
/// configurations on its behalf. There is no call of the framework's API that ends them.
///
/// Another framework, or a Felix without these fields, is left alone.
final class LeftUses {
  private LeftUses() {}

  /// Removes the entry.
  ///
  /// @param framework the system bundle
  /// @param uninstalled a bundle that uses no service any more
  static void forget(Bundle framework, Bundle uninstalled) {
    try {
      Object registry = field(framework, "m_registry");
      if (field(registry, "m_inUseMap") instanceof Map<?, ?> uses) {
        uses.remove(uninstalled);
      }
    } catch (ReflectiveOperationException | RuntimeException e) {
      // Then it keeps what it keeps.
    }
  }

  private static Object field(Object of, String name) throws ReflectiveOperationException {
    Field field = of.getClass().getDeclaredField(name);
    field.setAccessible(true);
    return field.get(of);
  }
}
