package dev.sluice.runtime.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Field;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;

final class LeftUsesTest {
  @TempDir private Path folder;

  private static Map<?, ?> uses(Host host) throws ReflectiveOperationException {
    Object framework = host.context().getBundle();
    return (Map<?, ?>) field(field(framework, "m_registry"), "m_inUseMap");
  }

  private static Object field(Object of, String name) throws ReflectiveOperationException {
    Field field = of.getClass().getDeclaredField(name);
    field.setAccessible(true);
    return field.get(of);
  }

  @Test
  void theFrameworkKeepsNothingOfABundleThatIsUninstalled() throws Exception {
    Path jar = Path.of("..", "plugins", "allow-all", "target", "allow-all-1.0.0.jar");
    Path config = Files.createDirectories(folder.resolve("config"));
    RecordedEvents events = new RecordedEvents();
    try (Host host = Host.boot(Distribution.find(), config, folder.resolve("state"), events)) {
      for (int round = 0; round < 3; round++) {
        Bundle bundle;
        try (var content = Files.newInputStream(jar)) {
          bundle = host.context().installBundle("left-uses-" + round, content);
        }
        host.gate().letIn(bundle);
        bundle.start(Bundle.START_TRANSIENT);
        assertTrue(uses(host).containsKey(bundle), "its component asks for its configuration");
        InstallSteps.uninstall(host.context(), bundle);
        assertEquals(Bundle.UNINSTALLED, bundle.getState());
        assertFalse(uses(host).containsKey(bundle));
      }
    }
  }

  @Test
  void anotherFrameworkIsLeftAlone() {
    Bundle other =
        (Bundle)
            Proxy.newProxyInstance(
                Bundle.class.getClassLoader(),
                new Class<?>[] {Bundle.class},
                (_, method, _) -> {
                  throw new AssertionError(method + " is of no use");
                });
    LeftUses.forget(other, other);
  }
}
