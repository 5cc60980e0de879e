package dev.sluice.runtime.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.plugin.SettingsException;
import dev.sluice.runtime.supervisor.Supervision;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunTest {
  @TempDir Path folder;

  private final ByteArrayOutputStream shown = new ByteArrayOutputStream();
  private final PrintStream terminal = new PrintStream(shown, true, StandardCharsets.UTF_8);
  private Path config;
  private Path bundles;

  @BeforeEach
  void folders() throws Exception {
    config = Files.createDirectories(folder.resolve("config"));
    bundles = Files.createDirectories(folder.resolve("bundles"));
    settings("required-bundles = none\n");
  }

  private void settings(String text) throws Exception {
    Files.writeString(
        config.resolve("sluice.cfg"),
        "ports = memory:run-a memory:run-b\nring-frames = 64\nwork-threads = 0\n"
            + "bundle-trust = development\n"
            + text);
  }

  private RunningGateway.Place place() {
    return new RunningGateway.Place(config, bundles, folder.resolve("state"));
  }

  @Test
  void gatewayStartsWithItsBundlesAndStopsInOrder() throws Exception {
    Files.copy(
        Path.of("..", "plugins", "allow-all", "target", "allow-all-1.0.0.jar"),
        bundles.resolve("allow-all.jar"));
    RunningGateway gateway = RunningGateway.start(place(), Supervision.NONE, terminal);
    assertEquals("", gateway.closedBecause());
    assertEquals(
        "ports memory:run-a <-> memory:run-b; chain dev.sluice.plugins.allow-all/1.0.0; generation 1",
        gateway.description());
    assertFalse(gateway.lookAfter());
    gateway.close();
    gateway.close();
    assertTrue(Files.readString(folder.resolve("state/events.jsonl")).contains("chain-open"));
    assertTrue(
        Files.readString(folder.resolve("state/counters.json"))
            .contains("\"chain\":[\"dev.sluice.plugins.allow-all/1.0.0\"]"));
    // Everything was let go of: another one can start in its place.
    RunningGateway.start(place(), Supervision.NONE, terminal).close();
  }

  @Test
  void gatewayWithoutBundlesStartsAndSaysThatNothingPasses() throws Exception {
    try (RunningGateway gateway = RunningGateway.start(place(), Supervision.NONE, terminal)) {
      assertEquals("no bundle has a handler in the chain", gateway.closedBecause());
    }
    assertTrue(shown.toString(StandardCharsets.UTF_8).contains("chain-closed"));
  }

  @Test
  void secondGatewayOfAStateFolderIsRefusedByName() throws Exception {
    try (RunningGateway first = RunningGateway.start(place(), Supervision.NONE, terminal)) {
      HostException refused =
          assertThrows(
              HostException.class, () -> RunningGateway.start(place(), Supervision.NONE, terminal));
      assertTrue(
          String.valueOf(refused.getMessage())
              .startsWith("another gateway (pid " + ProcessHandle.current().pid() + ") uses"),
          refused.getMessage());
      assertFalse(first.lookAfter());
    }
  }

  @Test
  void wrongSettingOpensNothing() throws Exception {
    settings("batch = 0\n");
    SettingsException refused =
        assertThrows(
            SettingsException.class,
            () -> RunningGateway.start(place(), Supervision.NONE, terminal));
    assertTrue(String.valueOf(refused.getMessage()).contains("batch = 0: allowed: 1..1024"));
    assertFalse(Files.exists(folder.resolve("state")));
  }

  @Test
  void portThatCannotBeOpenedEndsTheStartWithNothingLeftOpen() throws Exception {
    Files.writeString(config.resolve("sluice.cfg"), "ports = pcap:/no/such.pcap, memory:run-c\n");
    HostException refused =
        assertThrows(
            HostException.class, () -> RunningGateway.start(place(), Supervision.NONE, terminal));
    assertTrue(
        String.valueOf(refused.getMessage())
            .startsWith(config.resolve("sluice.cfg") + ": port pcap:/no/such.pcap: "),
        refused.getMessage());
    settings("required-bundles = none\n");
    RunningGateway.start(place(), Supervision.NONE, terminal).close();
  }

  @Test
  void logThatCannotBeWrittenOpensNothing() throws Exception {
    Files.writeString(folder.resolve("file"), "");
    for (String key : List.of("event-log", "counters-file")) {
      for (String path : List.of(folder.toString(), folder.resolve("file/below").toString())) {
        settings("required-bundles = none\n" + key + " = " + path + "\n");
        SettingsException refused =
            assertThrows(
                SettingsException.class,
                () -> RunningGateway.start(place(), Supervision.NONE, terminal));
        assertTrue(
            String.valueOf(refused.getMessage()).contains(key + " = " + path + ": allowed: a file"),
            refused.getMessage());
      }
    }
    assertFalse(Files.exists(folder.resolve("state/lock")));
  }

  @Test
  void wrongWordsAreRefusedInOneSentence() {
    assertEquals(2, Run.run(List.of("--frob")));
    assertEquals(2, Run.run(List.of("now")));
    assertEquals(1, Run.run(List.of("--config", folder.resolve("nowhere").toString())));
    assertEquals(0, Run.run(List.of("--help")));
  }
}
