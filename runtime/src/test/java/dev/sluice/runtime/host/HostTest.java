package dev.sluice.runtime.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import dev.sluice.plugin.EventLog;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;
import org.osgi.framework.ServiceReference;

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
