package dev.sluice.runtime.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.kernel.Affinity;
import dev.sluice.kernel.KernelException;
import dev.sluice.plugin.Verdict;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Pipelines of one process do not take each other's cores, and leave the process as it was.
@Timeout(120)
final class CoresTest {
  private List<Integer> all = List.of();

  @BeforeEach
  void twoCoresOrMore() throws Exception {
    all = mine();
    assumeTrue(all.size() >= 2, "one core: nothing is bound");
    Cores.reserve(PipelineSettings.standard(0))
        .giveBack(); // knows all cores, whichever test is first
  }

  private static List<Integer> mine() throws KernelException {
    return Arrays.stream(Affinity.allowedCpus()).boxed().toList();
  }

  private static PipelineSettings on(int core) {
    PipelineSettings standard = PipelineSettings.standard(0);
    return new PipelineSettings(
        0,
        standard.poolFrames(),
        standard.dataFrames(),
        standard.recvQueue(),
        standard.sendQueue(),
        standard.batch(),
        Idle.Kind.POLL,
        PipelineSettings.Affinity.LISTED,
        List.of(core),
        Set.of());
  }

  private List<Integer> but(Integer... cores) {
    return all.stream().filter(core -> !List.of(cores).contains(core)).toList();
  }

  /// Where the pipeline's thread may run.
  private static List<Integer> bound(Rig rig) throws Exception {
    AtomicReference<List<Integer>> seen = new AtomicReference<>(List.of());
    rig.publish(_ ->
        _ -> {
          try {
            seen.set(mine());
          } catch (KernelException e) {
            throw new IllegalStateException(e);
          }
          return Verdict.PASS;
        });
    rig.left.arrive(1);
    Rig.await("seen", () -> !seen.get().isEmpty());
    return seen.get();
  }

  @Test
  void processIsAsItWasWhenThePipelineIsClosed() throws Exception {
    int core = all.getLast();
    try (Rig rig = new Rig(on(core), TestFrames.udp(60))) {
      assertEquals(all, mine());
      rig.pipeline.start();
      assertEquals(but(core), mine());
      assertEquals(List.of(core), bound(rig));
    }
    assertEquals(all, mine());
  }

  @Test
  void secondPipelineLeavesTheThreadsOfTheFirstWhereTheyAre() throws Exception {
    int one = all.getLast();
    int two = all.getFirst();
    try (Rig first = new Rig(on(one), TestFrames.udp(60))) {
      first.pipeline.start();
      try (Rig second = new Rig(on(two), TestFrames.udp(60))) {
        second.pipeline.start();
        assertEquals(List.of(one), bound(first));
        assertEquals(List.of(two), bound(second));
        // Where there is no core beside theirs, others stay where they were.
        assertEquals(all.size() > 2 ? but(one, two) : List.of(two), mine());
      }
      assertEquals(List.of(one), bound(first));
      assertEquals(but(one), mine());
    }
    assertEquals(all, mine());
  }

  @Test
  void coreOfAnotherPipelineIsRefusedUntilItIsGivenBack() throws Exception {
    int core = all.getLast();
    Rig first = new Rig(on(core), TestFrames.udp(60));
    String said =
        String.valueOf(
            assertThrows(KernelException.class, () -> Cores.reserve(on(core))).getMessage());
    assertTrue(
        said.endsWith(
            "give 1 of "
                + but(core)
                + ", for ReadThread, SendThread and"
                + " WorkThreads in this order"),
        said);
    first.close();
    first.close();
    Cores again = Cores.reserve(on(core));
    assertEquals(List.of(core), again.list());
    again.giveBack();
    again.giveBack();
  }

  @Test
  void threadThatWasBoundByOthersStaysWhereItIs() throws Exception {
    int core = all.getLast();
    AtomicReference<List<Integer>> seen = new AtomicReference<>(List.of());
    Thread bound =
        Thread.ofPlatform()
            .start(() -> {
              try {
                Affinity.pin(core);
                try (Rig rig = new Rig(on(core), TestFrames.udp(60))) {
                  rig.pipeline.start();
                }
                seen.set(mine());
              } catch (KernelException e) {
                throw new IllegalStateException(e);
              }
            });
    bound.join();
    assertEquals(List.of(core), seen.get());
  }
}
