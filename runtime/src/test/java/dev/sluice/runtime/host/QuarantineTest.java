package dev.sluice.runtime.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.plugin.PacketHandler;
import dev.sluice.runtime.control.Answer;
import dev.sluice.runtime.control.ControlException;
import dev.sluice.runtime.pipeline.Guard;
import dev.sluice.runtime.pipeline.Judgement;
import dev.sluice.runtime.supervisor.Culprit;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What is out of the chain for harm stays out, the others go on, and nobody who can send a packet
/// can have a bundle taken out.
@Timeout(60)
@SuppressWarnings("NullAway") // each test begins its rig; handlers here look at no packet
final class QuarantineTest {
  private static final String CLOSED = "a/1.0.0 (quarantined)";

  @TempDir Path folder;
  private DeployRig rig;

  @AfterEach
  void end() throws Exception {
    rig.close();
  }

  private void begin(int canaryPackets) throws Exception {
    rig = new DeployRig(folder, canaryPackets).start();
  }

  private void beginWithTwoGoodVersions() throws Exception {
    begin(DeployRig.PACKETS);
    rig.putGood("a", "1.0");
    rig.putGood("a", "2.0");
  }

  /// Version 2 ran well and then was quarantined, so that version 1 is back.
  private void beginWithVersionOneBack() throws Exception {
    beginWithTwoGoodVersions();
    rig.quarantine("a/2.0.0");
    rig.awaitChain("a/1.0.0");
  }

  private static void someLooks() throws InterruptedException {
    TimeUnit.MILLISECONDS.sleep(DeployRig.SOME_LOOKS_MS);
  }

  private static boolean isClosed(PacketHandler handler) {
    return String.valueOf(handler.receive(null)).startsWith("drop");
  }

  // Failures that an attacker can cause.

  @Test
  void burstOfPoisonAmidGoodPacketsLeavesTheBundleInTheChain() throws Exception {
    beginWithTwoGoodVersions();
    rig.counts("a/2.0.0", 1_000_000, 0);
    someLooks();
    rig.counts("a/2.0.0", 1_000_000, 150);
    someLooks();
    assertEquals(List.of("a/2.0.0"), rig.chain());
    assertEquals(List.of(), rig.events.named("bundle-quarantined"));
  }

  @Test
  void burstOfPoisonBeforeTheFirstGoodPacketOfALifeLeavesAProvenBundleInTheChain()
      throws Exception {
    beginWithTwoGoodVersions();
    rig.restart();
    rig.awaitChain("a/2.0.0");
    rig.counts("a/2.0.0", 0, 150);
    someLooks();
    assertEquals(List.of("a/2.0.0"), rig.chain());
  }

  @Test
  void versionThatIsBackStaysThoughItFailsAtAPacket() throws Exception {
    beginWithVersionOneBack();
    rig.guard("a/1.0.0")
        .ifPresent(guard -> Judgement.throwing(guard, new IllegalStateException("poison")));
    rig.counts("a/1.0.0", 0, 1);
    someLooks();
    assertEquals(List.of("a/1.0.0"), rig.chain());
    assertEquals(List.of(), rig.events.named("bundle-rolled-back"));
  }

  // The deployer goes on.

  @Test
  void otherBundlesAreDeployedBesideAQuarantinedOneAndDoNotOpenIt() throws Exception {
    begin(0);
    rig.put("a", "1.0");
    rig.awaitChain("a/1.0.0");
    rig.quarantine("a/1.0.0");
    rig.lookOn();
    assertEquals(List.of(CLOSED, "other/1.0.0"), rig.chain());
    assertTrue(isClosed(rig.handler(CLOSED)));
    assertEquals(List.of(), rig.events.named("deployer-failed"));
  }

  @Test
  void otherBundleIsRolledBackBesideAQuarantinedOne() throws Exception {
    begin(DeployRig.PACKETS);
    rig.putGood("a", "1.0");
    rig.putGood("f", "1.0");
    rig.put("f", "2.0");
    rig.await(() -> rig.chain().contains("f/2.0.0"));
    rig.quarantine("a/1.0.0");
    Judgement.throwing(rig.guard("f/2.0.0").orElseThrow(), new IllegalStateException("bad"));
    rig.awaitChain(CLOSED, "f/1.0.0");
    assertEquals(List.of(), rig.events.named("deployer-failed"));
  }

  // What is held does not run again.

  @Test
  void quarantinedVersionDoesNotComeBackWhenOtherFilesChange() throws Exception {
    beginWithVersionOneBack();
    rig.lookOn();
    assertEquals(List.of("a/1.0.0", "other/1.0.0"), rig.chain());
  }

  @Test
  void quarantinedVersionDoesNotComeBackWithARestart() throws Exception {
    begin(DeployRig.PACKETS);
    rig.putGood("a", "1.0");
    rig.quarantine("a/1.0.0");
    rig.restart();
    someLooks();
    assertFalse(rig.told.all.stream().anyMatch(this::runsVersionOne), rig.told.all::toString);
  }

  private boolean runsVersionOne(dev.sluice.runtime.pipeline.Chain chain) {
    return chain.links().stream().anyMatch(link -> link.bundle().equals("a/1.0.0"));
  }

  @Test
  void culpritOfTheLastLifeDoesNotRunThoughItRanWellBefore() throws Exception {
    begin(DeployRig.PACKETS);
    rig.putGood("a", "1.0");
    restartWithCulprit("a/1.0.0");
    someLooks();
    assertFalse(rig.told.all.stream().anyMatch(this::runsVersionOne), rig.told.all::toString);
  }

  @Test
  void versionBeforeTheCulpritRunsInItsPlace() throws Exception {
    beginWithTwoGoodVersions();
    restartWithCulprit("a/2.0.0");
    rig.awaitChain("a/1.0.0");
    rig.lookOn();
    assertEquals(List.of("a/1.0.0", "other/1.0.0"), rig.chain());
  }

  private void restartWithCulprit(String title) throws Exception {
    String sha256 =
        rig.ask(deployer -> deployer.desired().entry("a").good().orElseThrow().sha256());
    rig.stop();
    new Culprit(title, sha256, "it called System.exit", Instant.now()).write(rig.state);
    rig.start();
  }

  @Test
  void rolledBackVersionDoesNotComeBackWithARestart() throws Exception {
    begin(DeployRig.PACKETS);
    rig.putGood("a", "1.0");
    rig.put("a", "2.0");
    rig.awaitChain("a/2.0.0");
    Judgement.throwing(rig.guard("a/2.0.0").orElseThrow(), new IllegalStateException("bad"));
    rig.awaitChain("a/1.0.0");
    rig.restart();
    rig.lookOn();
    assertEquals(List.of("a/1.0.0", "other/1.0.0"), rig.chain());
  }

  @Test
  void goingBackDoesNotBringAHeldVersion() throws Exception {
    beginWithTwoGoodVersions();
    rig.ask(deployer -> deployer.goBack("a"));
    rig.awaitChain("a/1.0.0");
    rig.proves("a/1.0.0");
    assertRefused("a");
    someLooks();
    assertEquals(List.of("a/1.0.0"), rig.chain());
  }

  private void assertRefused(String name) throws Exception {
    try {
      Answer answer = rig.watching().orders().rollback(name);
      assertEquals(Answer.Outcome.REFUSED, answer.outcome(), answer::sentence);
    } catch (ControlException e) {
      assertFalse(e.getMessage().isBlank());
    }
  }

  // A trial that ends in a quarantine.

  private void beginQuarantinedOnTrial() throws Exception {
    begin(DeployRig.PACKETS);
    rig.put("a", "1.0");
    rig.awaitChain("a/1.0.0");
    rig.quarantine("a/1.0.0");
    rig.awaitChain(CLOSED);
  }

  @Test
  void quarantinedBundleIsOnTrialNoMoreAndItsOutcomeStays() throws Exception {
    beginQuarantinedOnTrial();
    rig.counts(CLOSED, 0, 0);
    someLooks();
    assertTrue(rig.outcomeFile("a.jar").contains("QUARANTINED"), rig.outcomeFile("a.jar"));
    assertTrue(rig.ask(deployer -> deployer.trial(deployer.require("a"))).isEmpty());
    assertFalse(rig.isActive("a/1.0.0"));
  }

  @Test
  void goingBackDoesNotOpenThePlaceOfABundleThatWasQuarantinedOnTrial() throws Exception {
    beginQuarantinedOnTrial();
    assertRefused("a");
    someLooks();
    assertEquals(List.of(CLOSED), rig.chain());
  }

  @Test
  void goingBackDoesNotOpenThePlaceOfABundleThatWasQuarantinedLater() throws Exception {
    begin(DeployRig.PACKETS);
    rig.putGood("a", "1.0");
    rig.quarantine("a/1.0.0");
    assertRefused("a");
    someLooks();
    assertEquals(List.of(CLOSED), rig.chain());
  }

  @Test
  void fixedVersionFallsBackToTheClosedPlaceOrStays() throws Exception {
    beginQuarantinedOnTrial();
    rig.put("a", "2.0");
    rig.awaitChain("a/2.0.0");
    for (Guard guard : rig.guard("a/2.0.0").stream().toList()) {
      assertTrue(isClosed(guard.fallback().getFirst()));
    }
  }

  // New instances that cannot be had.

  private static String failing(String what) {
    return "static final java.util.concurrent.atomic.AtomicInteger MADE ="
        + " new java.util.concurrent.atomic.AtomicInteger();\n"
        + what;
  }

  private void assertQuarantinedForNoNewInstance(String members) throws Exception {
    begin(0);
    rig.put("a", "1.0", failing(members));
    rig.awaitChain("a/1.0.0");
    rig.stick("a/1.0.0", rig.handler("a/1.0.0"));
    rig.awaitChain(CLOSED);
    rig.lookOn();
    assertEquals(List.of(CLOSED, "other/1.0.0"), rig.chain());
    assertEquals(List.of(), rig.events.named("deployer-failed"));
  }

  @Test
  void constructorThatHangsForANewInstanceQuarantines() throws Exception {
    assertQuarantinedForNoNewInstance(
        "public Guard(Map<String, Object> p) throws Exception {"
            + " if (MADE.incrementAndGet() > 2) Thread.sleep(1_000_000); }");
  }

  @Test
  void constructorThatThrowsAnErrorForANewInstanceQuarantines() throws Exception {
    assertQuarantinedForNoNewInstance(
        "public Guard(Map<String, Object> p) {"
            + " if (MADE.incrementAndGet() > 2) throw new NoClassDefFoundError(\"x\"); }");
  }

  @Test
  void beginThatHangsForANewInstanceQuarantines() throws Exception {
    assertQuarantinedForNoNewInstance(
        "public Guard(Map<String, Object> p) {} public void begin(HandlerContext c) {"
            + " while (MADE.incrementAndGet() > 2) Thread.onSpinWait();"
            + " }");
  }

  @Test
  void beginThatThrowsAnErrorForANewInstanceQuarantines() throws Exception {
    assertQuarantinedForNoNewInstance(
        "public Guard(Map<String, Object> p) {} public void begin(HandlerContext c) {"
            + " if (MADE.incrementAndGet() > 2) throw new StackOverflowError(); }");
  }

  // Threads that stay.

  @Test
  void twoStuckThreadsGetNewInstancesAndTheThirdQuarantines() throws Exception {
    begin(0);
    rig.put("a", "1.0");
    rig.awaitChain("a/1.0.0");
    for (int times = 1; times < Strikes.MOST; times++) {
      PacketHandler stuck = rig.handler("a/1.0.0");
      rig.stick("a/1.0.0", stuck);
      rig.await(() -> rig.handler("a/1.0.0") != stuck);
    }
    rig.stick("a/1.0.0", rig.handler("a/1.0.0"));
    rig.awaitChain(CLOSED);
  }
}
