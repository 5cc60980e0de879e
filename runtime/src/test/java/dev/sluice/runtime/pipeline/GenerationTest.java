package dev.sluice.runtime.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.plugin.Packet;
import dev.sluice.plugin.PacketHandler;
import dev.sluice.plugin.Verdict;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
final class GenerationTest {
  /// Passes, and is an object of its own each time.
  private static final class Passing implements PacketHandler {
    @Override
    public Verdict receive(Packet packet) {
      return Verdict.PASS;
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  void nothingKeepsTheHandlersAndClassesOfOldGenerations(int workThreads) throws Exception {
    try (Rig rig = new Rig(PipelineSettings.standard(workThreads), TestFrames.udp(60))) {
      rig.pipeline.start();
      List<WeakReference<?>> old = new ArrayList<>();
      for (int generation = 1; generation <= 20; generation++) {
        rig.publish(_ -> remembered(new Passing(), old));
        rig.left.arrive(1000);
        rig.settle(generation * 1000L);
      }
      int inForce = rig.pipeline.workThreads();
      Rig.await(
          "old handlers are gone",
          () -> {
            System.gc();
            return old.stream().filter(each -> each.get() != null).count() <= inForce;
          });
    }
  }

  private static PacketHandler remembered(Passing handler, List<WeakReference<?>> in) {
    in.add(new WeakReference<>(handler));
    return handler;
  }

  @Test
  void theClassesOfALoopGoWithIt() {
    var spun = new LoopSpinner.Counted(new Passing(), new HandlerCounters("test/1"), null);
    List<LoopSpinner.Place> places = List.of(new LoopSpinner.Place(spun, null));
    WeakReference<Class<?>> loop = new WeakReference<>(LoopSpinner.spin(places).getClass());
    Rig.await(
        "class is unloaded",
        () -> {
          System.gc();
          return loop.get() == null;
        });
  }

  @Test
  void aHandlerThatServesSeveralWorkThreadsKeepsTheCountersOfEach() throws Exception {
    try (Rig rig = new Rig(PipelineSettings.standard(3), TestFrames.udp(60))) {
      PacketHandler shared = new Passing();
      Chain.Link link = new Chain.Link("test/1", Collections.nCopies(3, shared));
      Chain chain = new Chain(List.of(link), Rig.BY_NUMBER, true);
      rig.pipeline.start();
      for (int generation = 1; generation <= 3; generation++) {
        assertTrue(rig.pipeline.publish(chain, Rig.PATIENCE));
        rig.left.arrive(10_000);
        rig.settle(generation * 10_000L);
      }
      List<PipelineCounters.Handler> rows = rig.pipeline.counters().handlers();
      assertEquals(
          30_000, rows.stream().mapToLong(PipelineCounters.Handler::passed).sum(), rows::toString);
    }
  }
}
