package dev.sluice.runtime.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.kernel.KernelException;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class ThreadLayoutTest {
  private static PipelineSettings settings(
      int workThreads, Idle.Kind idle, PipelineSettings.Affinity affinity, Integer... cores) {
    PipelineSettings standard = PipelineSettings.standard(workThreads);
    return new PipelineSettings(
        workThreads,
        standard.poolFrames(),
        standard.dataFrames(),
        standard.recvQueue(),
        standard.sendQueue(),
        standard.batch(),
        idle,
        affinity,
        List.of(cores),
        Set.of());
  }

  private static List<Integer> allowed(int cores) {
    return IntStream.range(0, cores).boxed().toList();
  }

  private static String refusal(PipelineSettings settings, int cores) {
    return String.valueOf(
        assertThrows(KernelException.class, () -> ThreadLayout.cores(settings, allowed(cores)))
            .getMessage());
  }

  @ParameterizedTest
  @CsvSource({"SPIN,0,1", "YIELD,0,1", "SPIN,1,3", "YIELD,1,2", "SPIN,4,6", "SPIN,64,8"})
  void threadsThatNeverSleepAreRefusedOnTooFewCores(Idle.Kind idle, int workThreads, int cores) {
    String said = refusal(settings(workThreads, idle, PipelineSettings.Affinity.AUTO), cores);
    assertTrue(said.contains("idle = " + idle.name().toLowerCase(Locale.ROOT)), said);
    assertTrue(said.contains("work-threads = " + workThreads), said);
    assertTrue(said.contains("may use " + cores + " "), said);
    assertTrue(said.contains("set idle = poll"), said);
    assertEquals(workThreads > 0, said.contains("or work-threads = 0"), said);
  }

  @Test
  void oneThreadIsOfferedOnlyWhereItsCoreIs() {
    String said = refusal(settings(1, Idle.Kind.SPIN, PipelineSettings.Affinity.OFF), 1);
    assertTrue(said.endsWith("set idle = poll"), said);
  }

  @ParameterizedTest
  @EnumSource(Idle.Kind.class)
  void aCoreForEachThreadAndOneForTheSystemIsEnough(Idle.Kind idle) throws Exception {
    PipelineSettings settings = settings(1, idle, PipelineSettings.Affinity.AUTO);
    assertEquals(Collections.nCopies(3, -1), ThreadLayout.cores(settings, allowed(4)));
    assertEquals(List.of(1, 2, 3), ThreadLayout.cores(settings, allowed(5)));
  }

  @Test
  void threadsThatSleepMayShareAnyCores() throws Exception {
    PipelineSettings auto = settings(64, Idle.Kind.POLL, PipelineSettings.Affinity.AUTO);
    assertEquals(Collections.nCopies(66, -1), ThreadLayout.cores(auto, allowed(1)));
    PipelineSettings listed =
        settings(1, Idle.Kind.POLL, PipelineSettings.Affinity.LISTED, 0, 0, 1);
    assertEquals(List.of(0, 0, 1), ThreadLayout.cores(listed, allowed(2)));
  }

  @ParameterizedTest
  @EnumSource(
      value = Idle.Kind.class,
      names = {"SPIN", "YIELD"})
  void aCoreListedTwiceIsRefusedForThreadsThatNeverSleep(Idle.Kind idle) {
    String said = refusal(settings(1, idle, PipelineSettings.Affinity.LISTED, 1, 2, 1), 8);
    assertTrue(said.contains("[1, 2, 1]") && said.contains("set idle = poll"), said);
  }

  @ParameterizedTest
  @CsvSource({"1 2", "1 2 3 4", "1 2 8", "-1 2 3"})
  void aListThatFitsNeitherThreadsNorCoresIsRefused(String list) {
    Integer[] cores = Arrays.stream(list.split(" ")).map(Integer::valueOf).toArray(Integer[]::new);
    String said = refusal(settings(1, Idle.Kind.POLL, PipelineSettings.Affinity.LISTED, cores), 8);
    assertTrue(said.contains("give 3 of [0, 1, 2, 3, 4, 5, 6, 7]"), said);
  }

  @Test
  void aPipelineIsNotMadeOfALayoutThatIsRefused() {
    PipelineSettings settings = settings(64, Idle.Kind.SPIN, PipelineSettings.Affinity.AUTO);
    assumeTrue(
        Runtime.getRuntime().availableProcessors() < 67, "this machine has a core for each thread");
    assertThrows(KernelException.class, () -> new Rig(settings, TestFrames.udp(60)));
  }

  @Test
  void threadsStayAwakeThatHaveACoreEachAndLeaveOne() {
    assertTrue(ThreadLayout.mayStayAwake(List.of(-1), 1));
    assertTrue(ThreadLayout.mayStayAwake(List.of(1, 2, 3), 1));
    assertFalse(ThreadLayout.mayStayAwake(List.of(-1), 0));
    assertFalse(ThreadLayout.mayStayAwake(List.of(-1, -1, -1), -2));
    assertFalse(ThreadLayout.mayStayAwake(List.of(0, 0, 1), 5));
  }

  @Test
  void threadsOfAllPipelinesCount() throws KernelException {
    int before = Cores.threads();
    Cores first = Cores.reserve(settings(0, Idle.Kind.POLL, PipelineSettings.Affinity.OFF));
    Cores second = Cores.reserve(settings(1, Idle.Kind.POLL, PipelineSettings.Affinity.OFF));
    assertEquals(before + 1 + 3, Cores.threads());
    first.giveBack();
    second.giveBack();
    assertEquals(before, Cores.threads());
  }
}
