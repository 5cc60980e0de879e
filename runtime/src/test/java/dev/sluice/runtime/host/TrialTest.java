package dev.sluice.runtime.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.plugin.PacketHandler;
import dev.sluice.plugin.Verdict;
import dev.sluice.runtime.control.ControlException;
import dev.sluice.runtime.pipeline.Chain;
import dev.sluice.runtime.pipeline.Guard;
import dev.sluice.runtime.pipeline.Judgement;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What a bundle on trial falls back to, whoever interferes.
@Timeout(60)
@SuppressWarnings({
  "NullAway",
  "OverrideThrowableToString"
}) // handlers here look at no packet; bundles may
final class TrialTest {
  private static final String CONFIGURED =
      "public final String word;"
          + " public Guard(Map<String, Object> p) { word = String.valueOf(p.get(\"word\")); }";

  @TempDir Path folder;
  private DeployRig rig;

  @BeforeEach
  void begin() throws Exception {
    rig = new DeployRig(folder, DeployRig.PACKETS);
  }

  @AfterEach
  void end() throws Exception {
    rig.close();
  }

  private static void someLooks() throws InterruptedException {
    TimeUnit.MILLISECONDS.sleep(DeployRig.SOME_LOOKS_MS);
  }

  private Guard guard(String title) {
    return rig.guard(title).orElseThrow(() -> new AssertionError(title + " is not guarded"));
  }

  /// Version 1 is good, and version 2 on trial in its place.
  private void beginTrial() throws Exception {
    beginTrial("public Guard(Map<String, Object> p) {}");
  }

  private void beginTrial(String members) throws Exception {
    rig.start();
    rig.putGood("f", "1.0", members);
    rig.put("f", "2.0", members);
    rig.awaitChain("f/2.0.0");
  }

  private void failTrial() throws InterruptedException {
    Judgement.throwing(guard("f/2.0.0"), new IllegalStateException("bad"));
    rig.await(() -> rig.chain().contains("f/1.0.0"));
  }

  @Test
  void versionThatComesInTheFirstTrialDoesNotFallBackToPassingAll() throws Exception {
    rig.start();
    rig.put("f", "1.0");
    rig.awaitChain("f/1.0.0");
    PacketHandler first = rig.handler("f/1.0.0");
    rig.put("f", "2.0");
    rig.awaitChain("f/2.0.0");
    for (Guard guard : rig.guard("f/2.0.0").stream().toList()) {
      PacketHandler fallback = guard.fallback().getFirst();
      assertTrue(fallback == first || fallback.receive(null) != Verdict.PASS, guard::bundle);
    }
  }

  @Test
  void goingBackInTheFirstTrialIsRefused() throws Exception {
    rig.start();
    rig.put("f", "1.0");
    rig.awaitChain("f/1.0.0");
    assertThrows(ControlException.class, () -> rig.ask(deployer -> deployer.goBack("f")));
    someLooks();
    assertEquals(List.of("f/1.0.0"), rig.chain());
  }

  @Test
  void goingBackInTheTrialOfAStartBringsTheVersionBefore() throws Exception {
    rig.start();
    rig.putGood("f", "1.0");
    rig.putGood("f", "2.0");
    rig.restart();
    rig.awaitChain("f/2.0.0");
    int before = rig.told.all.size();
    rig.ask(deployer -> deployer.goBack("f"));
    rig.awaitChain("f/1.0.0");
    for (Chain chain : rig.told.all.subList(before, rig.told.all.size())) {
      assertFalse(chain.links().isEmpty(), "a chain without the filter was in force");
    }
  }

  @Test
  void throwableWhoseTextNeverComesRollsBack() throws Exception {
    beginTrial();
    Judgement.throwing(
        guard("f/2.0.0"),
        new IllegalStateException() {
          @Override
          public String toString() {
            try {
              TimeUnit.HOURS.sleep(1);
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
            return "";
          }
        });
    rig.awaitChain("f/1.0.0");
  }

  @Test
  void throwableWhoseTextThrowsRollsBack() throws Exception {
    beginTrial();
    Judgement.throwing(
        guard("f/2.0.0"),
        new IllegalStateException() {
          @Override
          public String toString() {
            throw new StackOverflowError();
          }
        });
    rig.awaitChain("f/1.0.0");
    assertEquals(List.of(), rig.events.named("deployer-failed"));
  }

  @Test
  void configurationOfTheTrialIsThatOfTheVersionThatGoesOn() throws Exception {
    Path file = rig.config.resolve("guard.cfg");
    Files.writeString(file, "word = old\n");
    beginTrial(CONFIGURED);
    rig.await(() -> "old".equals(word("f/2.0.0")));
    Files.writeString(file, "word = newer\n");
    rig.await(() -> "newer".equals(word("f/2.0.0")));
    failTrial();
    rig.await(() -> "newer".equals(word("f/1.0.0")));
  }

  private Object word(String title) {
    try {
      PacketHandler handler = rig.handler(title);
      return handler.getClass().getField("word").get(handler);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(title, e);
    }
  }

  @Test
  void fallbackThatGetsStuckIsNotWhatIsRolledBackTo() throws Exception {
    beginTrial();
    PacketHandler stuck = guard("f/2.0.0").fallback().getFirst();
    rig.stick("f/1.0.0", stuck);
    someLooks();
    Judgement.throwing(guard("f/2.0.0"), new IllegalStateException("bad"));
    rig.await(() -> !rig.chain().contains("f/2.0.0"));
    someLooks();
    assertNotSame(stuck, rig.told.all.getLast().links().getFirst().handlers().getFirst());
  }

  @Test
  void fallbackThatGetsStuckAfterTheRollbackIsReplaced() throws Exception {
    beginTrial();
    PacketHandler stuck = guard("f/2.0.0").fallback().getFirst();
    failTrial();
    rig.stick("f/1.0.0", stuck);
    rig.await(() -> rig.chain().contains("f/1.0.0") && rig.handler("f/1.0.0") != stuck);
  }

  @Test
  void bundleThatFailsAtEveryPacketIsNeitherActiveNorGood() throws Exception {
    rig.start();
    rig.put("f", "1.0");
    rig.awaitChain("f/1.0.0");
    rig.counts("f/1.0.0", 0, 5000);
    someLooks();
    assertFalse(rig.isActive("f/1.0.0"), rig.outcomes::toString);
    assertTrue(rig.ask(deployer -> deployer.desired().entry("f").good()).isEmpty());
  }

  @Test
  void gatewayThatWasKilledInATrialStartsWithTheGoodVersionAndTriesTheNewOneGuarded()
      throws Exception {
    beginTrial();
    rig.restart();
    rig.await(() -> rig.chain().contains("f/2.0.0"));
    List<String> first = rig.told.all.getFirst().links().stream().map(Chain.Link::bundle).toList();
    assertEquals(List.of("f/1.0.0"), first);
    assertEquals("f/1.0.0", guard("f/2.0.0").bundle());
  }

  @Test
  void bundleLeavesWithTheLastOfItsFilesThoughItWasRolledBackToOneThatIsGone() throws Exception {
    rig.start();
    Path first = rig.put(jar("1.0"), "f-1.jar");
    rig.await(() -> rig.chain().contains("f/1.0.0"));
    rig.proves("f/1.0.0");
    Path second = rig.put(jar("2.0"), "f-2.jar");
    rig.awaitChain("f/2.0.0");
    Files.delete(first);
    someLooks();
    failTrial();
    Files.delete(second);
    rig.awaitChain();
  }

  private Jars jar(String version) {
    return Jars.guard(folder, "f", version, "public Guard(Map<String, Object> p) {}");
  }
}
