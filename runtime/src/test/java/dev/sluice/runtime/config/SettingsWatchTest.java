package dev.sluice.runtime.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SettingsWatchTest {
  @TempDir Path folder;

  private final List<String> told = new ArrayList<>();
  private SettingsWatch watch;

  @BeforeEach
  void begin() throws Exception {
    write("required-bundles = a\nwork-threads = 2\n");
    watch =
        new SettingsWatch(
            folder,
            GatewaySettings.read(folder),
            (severity, event, fields) -> told.add(event + " " + fields));
  }

  private void write(String text) throws IOException {
    Files.writeString(folder.resolve("new"), "ports = a, b\n" + text);
    Files.move(
        folder.resolve("new"),
        folder.resolve("sluice.cfg"),
        java.nio.file.StandardCopyOption.REPLACE_EXISTING);
  }

  private Optional<GatewaySettings.Policy> lookTwice() {
    Optional<GatewaySettings.Policy> first = watch.poll();
    assertTrue(first.isEmpty(), "one look is not enough");
    return watch.poll();
  }

  @Test
  void policyTakesEffectNow() throws Exception {
    write("required-bundles = b\nwork-threads = 2\nhash = two-tuple-xor\n");
    GatewaySettings.Policy policy = lookTwice().orElseThrow();
    assertEquals(Set.of("b"), policy.requiredBundles());
    assertEquals(HashStrategy.TWO_TUPLE_XOR, policy.hash());
    assertTrue(watch.poll().isEmpty());
  }

  @Test
  void badFileLeavesTheOldSettingsInForce() throws Exception {
    write("required-bundles = b\nhash = wrong\n");
    assertTrue(lookTwice().isEmpty());
    assertTrue(watch.poll().isEmpty());
    assertEquals(1, told.size());
    assertTrue(told.getFirst().startsWith("settings-refused"), told.getFirst());
    assertTrue(told.getFirst().contains("hash = wrong: allowed: one of"), told.getFirst());
    write("required-bundles = b\nwork-threads = 2\n");
    assertEquals(Set.of("b"), lookTwice().orElseThrow().requiredBundles());
  }

  @Test
  void missingFileIsNoChangeAndToldOnceIfItStaysAway() throws Exception {
    Files.delete(folder.resolve("sluice.cfg"));
    assertTrue(lookTwice().isEmpty());
    assertEquals(List.of(), told);
    for (int look = 0; look < 3 * SettingsWatch.PATIENT_LOOKS; look++) {
      assertTrue(watch.poll().isEmpty());
    }
    assertEquals(1, told.size());
    assertTrue(told.getFirst().contains("sluice.cfg: is gone or cannot be read"), told.toString());
  }

  @Test
  void changedFilesAreToldAndWait() throws Exception {
    write("required-bundles = a\nwork-threads = 2\nevent-log = elsewhere.jsonl\n");
    assertTrue(lookTwice().isEmpty());
    assertEquals(1, told.size());
    assertTrue(told.getFirst().contains("event-log"), told.getFirst());
    assertTrue(told.getFirst().contains("takes effect at the next start"), told.getFirst());
  }

  @Test
  void otherChangesAreToldAndWait() throws Exception {
    write("required-bundles = a\nwork-threads = 4\nfragments = pass\n");
    assertTrue(lookTwice().isEmpty());
    assertEquals(1, told.size());
    assertTrue(told.getFirst().contains("takes effect at the next start"), told.getFirst());
  }

  @Test
  void hashThatSplitsConnectionsIsMeasuredByTheThreadsThatRun() throws Exception {
    write(
        "required-bundles = "
            + GatewaySettings.TERMINAL_AUTH
            + "\nwork-threads = 1\nhash = round-robin\n");
    assertTrue(lookTwice().isEmpty());
    assertTrue(told.getLast().startsWith("settings-refused"), told.toString());
  }
}
