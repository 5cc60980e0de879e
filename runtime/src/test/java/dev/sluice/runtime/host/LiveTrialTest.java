package dev.sluice.runtime.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.plugin.PacketHandler;
import dev.sluice.runtime.pipeline.LivePath;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Trials while packets come.
@Timeout(120)
final class LiveTrialTest {
  private static final int CANARY_PACKETS = 1000;
  private static final Duration BUDGET = Duration.ofMillis(500);
  private static final int PACKETS = 100;
  private static final int FAILS_AT = 5;

  @TempDir Path folder;
  private LivePath path;
  private DeployRig rig;

  @BeforeEach
  void begin() throws Exception {
    path = new LivePath(2, BUDGET);
    rig = new DeployRig(folder, CANARY_PACKETS, path).start();
    put("1.0", "");
    rig.awaitChain("f/1.0.0");
    passUntilActive("f/1.0.0");
  }

  @AfterEach
  void end() throws Exception {
    rig.close();
    path.close();
  }

  private void put(String version, String receive) throws Exception {
    Jars jar =
        Jars.bundle(folder, "f", version)
            .source(
                "guard.Guard",
                """
                package guard;
                import dev.sluice.plugin.*;
                import java.util.Map;
                import java.util.concurrent.atomic.AtomicLong;
                public class Guard implements PacketHandler {
                  public static final AtomicLong SEEN = new AtomicLong();
                  public static final AtomicLong GATE = new AtomicLong();
                  public Guard(Map<String, Object> p) {}
                  public Verdict receive(Packet packet) {
                    long number = SEEN.incrementAndGet();
                    %s
                    return Verdict.PASS;
                  }
                }
                """
                    .formatted(receive))
            .component("guard", "guard.Guard", "prototype", "FILTER", "optional");
    rig.put(jar, "f.jar");
  }

  private static AtomicLong field(PacketHandler handler, String name) {
    try {
      return (AtomicLong) handler.getClass().getField(name).get(null);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(name, e);
    }
  }

  private void passUntilActive(String title) throws InterruptedException {
    rig.await(() -> {
      path.pass(PACKETS);
      return rig.isActive(title);
    });
  }

  private Outcome.RolledBack rolledBack() throws InterruptedException {
    rig.await(() -> rig.outcomes.stream().anyMatch(each -> each instanceof Outcome.RolledBack));
    return rig.outcomes.stream()
        .filter(each -> each instanceof Outcome.RolledBack)
        .map(Outcome.RolledBack.class::cast)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void versionThatThrowsIsRolledBackAndTheOldOneJudgesThePacket() throws Exception {
    AtomicLong judgedByOld = field(rig.handler("f/1.0.0"), "SEEN");
    put("2.0", "if (number >= " + FAILS_AT + ") throw new IllegalStateException(\"late\");");
    rig.awaitChain("f/2.0.0");
    long before = judgedByOld.get();
    path.pass(PACKETS);
    assertEquals(before + PACKETS - (FAILS_AT - 1), judgedByOld.get());
    assertTrue(rolledBack().cause().contains("late"), rolledBack().cause());
    rig.awaitChain("f/1.0.0");
    path.pass(PACKETS);
    assertEquals(path.arrived(), path.forwarded(), path::toString);
  }

  @Test
  void versionThatIsGoodBecomesActiveAndNoPacketIsLost() throws Exception {
    put("2.0", "");
    rig.awaitChain("f/2.0.0");
    passUntilActive("f/2.0.0");
    path.pass(PACKETS);
    assertEquals(List.of("f/2.0.0"), rig.chain());
    assertEquals(path.arrived(), path.forwarded(), path::toString);
  }

  @Test
  void versionThatDoesNotReturnIsRolledBackAndTheOtherFlowGoesOn() throws Exception {
    put("2.0", "while (number == " + FAILS_AT + " && GATE.get() == 0) Thread.onSpinWait();");
    rig.awaitChain("f/2.0.0");
    AtomicLong gate = field(rig.handler("f/2.0.0"), "GATE");
    try {
      path.pass(PACKETS);
      assertEquals("f/2.0.0", rolledBack().bundle());
      rig.awaitChain("f/1.0.0");
      long forwarded = path.forwarded();
      path.pass(PACKETS);
      assertEquals(forwarded + PACKETS / LivePath.FLOWS, path.forwarded(), path::toString);
    } finally {
      gate.set(1);
    }
  }
}
