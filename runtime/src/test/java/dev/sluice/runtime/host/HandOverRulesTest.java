package dev.sluice.runtime.host;

import static dev.sluice.runtime.host.DeployRig.title;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.runtime.pipeline.HandOver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Flows go over little by little only where the old version may go on meanwhile.
final class HandOverRulesTest {
  private static final String PLAIN = "public Guard(Map<String, Object> p) {}";
  private static final String A1 = title("a", "1.0");
  private static final String A2 = title("a", "2.0");
  private static final String B1 = title("b", "1.0");
  private static final String B2 = title("b", "2.0");

  @TempDir Path folder;

  private DeployRig rig;

  @BeforeEach
  void start() throws Exception {
    rig = new DeployRig(folder, DeployRig.PACKETS).start();
    rig.putGood("a", "1.0");
    rig.putGood("b", "1.0");
  }

  @AfterEach
  void stop() throws Exception {
    rig.close();
  }

  private HandOver handOver(String title) {
    return rig.guard(title).orElseThrow().handOver();
  }

  private HandOver putOnTrial(String name, String version) throws Exception {
    rig.put(name, version);
    rig.await(() -> rig.chain().contains(title(name, version)));
    return handOver(title(name, version));
  }

  @Test
  void versionInAnothersPlaceIsHandedOverLittleByLittle() throws Exception {
    assertFalse(putOnTrial("a", "2.0").isEnded());
  }

  /// The process before may have judged by it already.
  @Test
  void versionThatWasOnTrialWhenTheGatewayEndedHasAllFlowsOfTheNextOne() throws Exception {
    assertFalse(putOnTrial("a", "2.0").isEnded());
    rig.stop();
    rig.told.receives = false;
    rig.start();
    assertEquals(A1, fallsBackTo(A2));
    assertTrue(handOver(A2).isEnded());
  }

  private String fallsBackTo(String title) {
    return rig.guard(title).orElseThrow().bundle();
  }

  @Test
  void newBundleHasAllFlowsSinceNobodyJudgesInItsPlace() throws Exception {
    assertTrue(putOnTrial("c", "1.0").isEnded());
  }

  @Test
  void versionsThatComeTogetherShareOneAndLaterOnesDoNot() throws Exception {
    Path a = Jars.guard(folder, "a", "2.0", PLAIN).into(folder, "a.jar");
    Path b = Jars.guard(folder, "b", "2.0", PLAIN).into(folder, "b.jar");
    rig.ask(_ -> move(a, b)); // on the thread that looks
    rig.await(() -> rig.chain().contains(A2) && rig.chain().contains(B2));
    HandOver both = handOver(A2);
    assertSame(both, handOver(B2));
    assertFalse(both.isEnded());
    rig.proves(B2);
    assertTrue(both.isEnded(), "or A2 would lag behind B2, which is trusted");
    assertNotSame(both, putOnTrial("b", "3.0"));
  }

  private boolean move(Path... files) {
    try {
      for (Path file : files) {
        Files.move(file, rig.bundles.resolve(file.getFileName()), StandardCopyOption.ATOMIC_MOVE);
      }
      return true;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void whatIsOnTrialHasAllFlowsWhenAnotherBundleLeaves() throws Exception {
    HandOver running = putOnTrial("a", "2.0");
    assertFalse(running.isEnded());
    Files.delete(rig.bundles.resolve("b.jar"));
    rig.awaitChain(A2);
    assertTrue(running.isEnded());
  }

  @Test
  void versionThatComesWhileAnotherIsOnTrialHasAllFlows() throws Exception {
    assertFalse(putOnTrial("a", "2.0").isEnded());
    assertTrue(putOnTrial("a", "3.0").isEnded());
  }

  @Test
  void versionThatAnOperatorGoesBackToHasAllFlows() throws Exception {
    rig.putGood("a", "2.0");
    rig.watching().orders().rollback("a");
    rig.await(() -> rig.chain().contains(A1));
    assertTrue(handOver(A1).isEnded());
  }

  @Test
  void whatStandsByAndIsQuarantinedGetsNoMoreFlows() throws Exception {
    HandOver running = putOnTrial("b", "2.0");
    for (int times = 0; times < Strikes.MOST && !running.isEnded(); times++) {
      int before = rig.told.all.size();
      rig.stick(B1, rig.guard(B2).orElseThrow().fallback().getFirst());
      rig.await(() -> rig.told.all.size() > before);
    }
    assertTrue(running.isEnded());
    assertTrue(rig.chain().contains(B2));
  }

  /// It begins with empty tables on that WorkThread.
  @Test
  void whatStandsByAndHasANewInstanceGetsNoMoreFlows() throws Exception {
    HandOver running = putOnTrial("b", "2.0");
    rig.stick(B1, rig.guard(B2).orElseThrow().fallback().getFirst());
    rig.await(running::isEnded);
    assertTrue(rig.chain().contains(B2));
  }

  @Test
  void whatCameWithASupersededVersionHasAllFlowsToo() throws Exception {
    Path a = Jars.guard(folder, "a", "2.0", PLAIN).into(folder, "a.jar");
    Path b = Jars.guard(folder, "b", "2.0", PLAIN).into(folder, "b.jar");
    rig.ask(_ -> move(a, b));
    rig.await(() -> rig.chain().contains(A2) && rig.chain().contains(B2));
    assertFalse(handOver(B2).isEnded());
    assertTrue(putOnTrial("a", "3.0").isEnded());
    assertTrue(handOver(B2).isEnded());
  }
}
