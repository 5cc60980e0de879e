package dev.sluice.runtime.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.sluice.plugin.DropReason;
import dev.sluice.plugin.FlowHash;
import dev.sluice.plugin.Packet;
import dev.sluice.plugin.PacketHandler;
import dev.sluice.plugin.PacketSender;
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

  @ParameterizedTest
  @ValueSource(ints = {0, 4})
  void noStageAllocatesForPacketsThatEndEarly(int workThreads) throws Exception {
    byte[][] templates = {TestFrames.udp(60), TestFrames.lyingUdp(), TestFrames.fragment()};
    try (Rig rig = new Rig(PipelineSettings.standard(workThreads), templates)) {
      Chain chain = rig.chain(_ -> new Ending(rig.pipeline));
      assertTrue(
          rig.pipeline.publish(new Chain(chain.links(), new FlowHash(), true), Rig.PATIENCE));
      rig.pipeline.start();
      long warm = 3_000_000;
      rig.left.arrive(warm);
      rig.settle(warm);
      Map<Long, Long> before = allocated();
      long packets = 1_000_000;
      rig.left.arrive(packets);
      rig.settle(warm + packets);
      long grown =
          allocated().entrySet().stream()
              .mapToLong(e -> e.getValue() - before.getOrDefault(e.getKey(), 0L))
              .sum();
      assertTrue(grown < packets / 100, grown + " bytes for " + packets + " packets");
      rig.awaitWhole(0);
    }
  }

  /// Ends packets in turn in every way that handlers have.
  private static final class Ending implements PacketHandler {
    private static final DropReason TEST = DropReason.of("test-drop");

    private final PacketSender sender;
    private int next;

    Ending(PacketSender sender) {
      this.sender = sender;
    }

    @Override
    @SuppressWarnings("NullAway") // a handler in the wild may well answer null
    public Verdict receive(Packet packet) {
      next = (next + 1) % 6;
      return switch (next) {
        case 0 -> TEST.verdict();
        case 1 -> Verdict.ANSWERED;
        case 2 -> Verdict.TAKEN;
        case 3 -> null;
        case 4 -> {
          packet.hold();
          sender.drop(packet, TEST);
          yield Verdict.TAKEN;
        }
        default -> {
          sender.sendPacket(packet.ingress(), packet);
          yield Verdict.TAKEN;
        }
      };
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
