package dev.sluice.runtime.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.sluice.plugin.FlowHash;
import dev.sluice.plugin.Verdict;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// In steady state no thread of the packet path allocates.
@Timeout(120)
final class AllocationTest {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  void noStageAllocatesPerPacket(int workThreads) throws Exception {
    try (Rig rig = new Rig(PipelineSettings.standard(workThreads), TestFrames.udp(60))) {
      Chain counting = rig.chain(_ -> _ -> Verdict.PASS);
      Chain chain = new Chain(counting.links(), new FlowHash(), true);
      assertTrue(rig.pipeline.publish(chain, Rig.PATIENCE));
      rig.pipeline.start();
      long warm = 3_000_000;
      rig.left.arrive(warm);
      rig.settle(warm);
      Map<Long, Long> before = allocated();
      assertEquals(workThreads == 0 ? 1 : 2 + workThreads, before.size());
      long packets = 1_000_000;
      rig.right.arrive(packets);
      rig.settle(warm + packets);
      Map<Long, Long> after = allocated();
      long grown =
          after.entrySet().stream()
              .mapToLong(e -> e.getValue() - before.getOrDefault(e.getKey(), 0L))
              .sum();
      // A recompilation may box a constant; one byte in a hundred packets would already show.
      assertTrue(grown < packets / 100, grown + " bytes for " + packets + " packets");
    }
  }

  /// Bytes that each thread of the pipeline has allocated in its life.
  private static Map<Long, Long> allocated() {
    List<Thread> threads =
        Thread.getAllStackTraces().keySet().stream()
            .filter(thread -> thread.getName().matches("(fused|read|work|send)-\\d+"))
            .toList();
    return threads.stream()
        .collect(
            Collectors.toMap(
                Thread::threadId, thread -> THREADS.getThreadAllocatedBytes(thread.threadId())));
  }
}
