package dev.sluice.runtime.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.osgi.framework.Version;

/// What outlives the gateway.
@Timeout(60)
final class DesiredStateTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"x\ty.jar", "x\ny.jar", "x\r\ny.jar", "\t\t\t\t\t.jar", "end\t1"})
  void oddFileNameDoesNotDamageIt(String name) throws Exception {
    RecordedEvents events = new RecordedEvents();
    DesiredState before = new DesiredState(folder, events);
    before.hold(
        new StoredBundle(
            folder.resolve(name),
            FileTime.fromMillis(0),
            folder,
            "ab".repeat(32),
            "n",
            Version.parseVersion("1")),
        "bad");
    before.save();
    DesiredState after = new DesiredState(folder, events);
    assertEquals(1, after.held().size());
    assertEquals("bad", after.held().getFirst().cause());
    assertTrue(after.heldFor("ab".repeat(32)).isPresent());
    assertEquals(List.of(), events.named("desired-state-failed"));
  }

  @Test
  void olderVersionThatIsCopiedBackAfterARestartIsRefused() throws Exception {
    try (DeployRig rig = new DeployRig(folder, DeployRig.PACKETS)) {
      rig.requireSignatures();
      rig.start();
      rig.putGood("f", "1.0");
      rig.putGood("f", "2.0");
      rig.restart();
      rig.awaitChain("f/2.0.0");
      rig.proves("f/2.0.0");
      rig.put("f", "1.0");
      rig.await(() -> rig.outcomes.stream().anyMatch(each -> each instanceof Outcome.Refused));
      assertEquals(List.of("f/2.0.0"), rig.chain());
    }
  }

  /// A gateway may be killed between the two.
  @Test
  void versionIsKnownToTheNextStartBeforeItIsToldActive() throws Exception {
    try (DeployRig rig = new DeployRig(folder, DeployRig.PACKETS)) {
      Set<String> known = ConcurrentHashMap.newKeySet();
      rig.events.watcher =
          event -> {
            if (event.name().equals("bundle-active")) {
              goodAtStart(rig, "f").ifPresent(known::add);
            }
          };
      rig.start();
      rig.putGood("f", "1.0");
      rig.putGood("f", "2.0");
      assertEquals(Set.of("1.0.0", "2.0.0"), known);
    }
  }

  private static Optional<String> goodAtStart(DeployRig rig, String name) {
    DesiredState next = new DesiredState(rig.state, new RecordedEvents());
    return next.entry(name).good().map(DesiredState.Content::version);
  }

  @Test
  void bundleThatIsRecalledGoesWithItsFileThoughNothingWholeWasSeenOfThat() throws Exception {
    try (DeployRig rig = new DeployRig(folder, 0)) {
      rig.start();
      rig.putGood("f", "1.0");
      rig.putGood("g", "1.0");
      rig.stop();
      Path file = Files.writeString(rig.bundles.resolve("f.jar"), "half of another");
      rig.events.watcher =
          event -> {
            if (event.name().equals("bundle-active")) {
              delete(file);
            }
          };
      rig.start();
      rig.await(() -> rig.chain().equals(List.of("g/1.0.0")));
    }
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void downgradeThatIsAllowedStaysSoThroughASweep() throws Exception {
    try (DeployRig rig = new DeployRig(folder, 0)) {
      rig.requireSignatures();
      rig.start();
      rig.putGood("f", "2.0");
      Path older = rig.makeSigned("f", "1.0");
      String content =
          HexFormat.of()
              .formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(older)));
      rig.ask(deployer -> {
        deployer.intake().allowDowngrade(content);
        return true;
      });
      rig.lookOn();
      Files.move(
          older, rig.bundles.resolve("f.jar"), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
      rig.await(() -> rig.chain().contains("f/1.0.0"));
    }
  }
}
