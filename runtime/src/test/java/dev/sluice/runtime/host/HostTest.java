package dev.sluice.runtime.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sluice.plugin.EventLog;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.wiring.BundleWiring;

class HostTest {
  @TempDir Path folder;

  @Test
  void everySystemBundleIsActive() throws Exception {
    RecordedEvents events = new RecordedEvents();
    Path config = Files.createDirectories(folder.resolve("config"));
    try (Host host = Host.boot(Distribution.find(), config, folder.resolve("state"), events)) {
      List<String> idle =
          Arrays.stream(host.context().getBundles())
              .filter(bundle -> bundle.getState() != Bundle.ACTIVE)
              .map(Bundle::toString)
              .toList();
      assertEquals(List.of(), idle);
      ServiceReference<EventLog> log = host.context().getServiceReference(EventLog.class);
      assertNotNull(log);
    }
    assertEquals(List.of(), events.all);
  }

  /// Not even where a class is loaded on behalf of no bundle, as LoadStep does.
  @Test
  void bundlesDoNotReachTheGatewaysOwnClasses() throws Exception {
    Path config = Files.createDirectories(folder.resolve("config"));
    Path jar =
        Jars.bundle(folder, "org.example.nosy", "1.0.0")
            .source(
                "nosy.Nosy",
                "package nosy; public class Nosy {"
                    + " public void use(dev.sluice.runtime.config.GatewaySettings s) {} }")
            .into(folder, "nosy.jar");
    try (Host host =
            Host.boot(Distribution.find(), config, folder.resolve("state"), new RecordedEvents());
        InputStream content = Files.newInputStream(jar)) {
      Bundle nosy = host.context().installBundle("test:nosy", content);
      host.gate().letIn(nosy);
      nosy.start();
      ClassLoader loader = nosy.adapt(BundleWiring.class).getClassLoader();
      LoadStep.load(loader, List.of("nosy/Nosy.class"));
      Class<?> loaded = loader.loadClass("nosy.Nosy");
      assertThrows(NoClassDefFoundError.class, loaded::getDeclaredMethods);
      assertThrows(
          ClassNotFoundException.class,
          () -> Class.forName("dev.sluice.runtime.config.GatewaySettings", false, loader));
    }
  }

  @Test
  void packagesAreOfferedWithTheVersionsOfTheirOwnManifests() throws Exception {
    assertEquals(
        "dev.sluice.plugin;version=1.1.0,dev.sluice.wire;version=1.0.0",
        OfferedPackages.of(List.of("dev/sluice/plugin/PacketHandler.class")));
  }

  @Test
  void exportClausesMayHoldQuotedCommas() {
    assertEquals(
        List.of("a.b;version=1.2", "c", "d.e;version=3.0.0"),
        OfferedPackages.clauses("a.b;uses:=\"x,y\";version=\"1.2\",c,d.e;version=3.0.0;uses:=z"));
  }
}
