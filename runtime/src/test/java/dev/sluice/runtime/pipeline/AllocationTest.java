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
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// In steady state no thread of the packet path allocates.
@Tag("alone")
@Timeout(120)
final class AllocationTest {
  private static final long WINDOW = 1_000_000;
  private static final int LONE_FRAMES = 500;
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  void noStageAllocatesPerPacket(int workThreads) throws Exception {
    // Threads that other tests left stuck in a handler are in no pipeline any more.
    int leftBehind = allocated().size();
    try (Rig rig = new Rig(PipelineSettings.standard(workThreads), TestFrames.udp(60))) {
      Chain counting = rig.chain(_ -> _ -> Verdict.PASS);
      Chain chain = new Chain(counting.links(), new FlowHash(), true);
      assertTrue(rig.pipeline.publish(chain, Rig.PATIENCE));
      rig.pipeline.start();
      assertEquals(leftBehind + (workThreads == 0 ? 1 : 2 + workThreads), allocated().size());
      assertNothingAllocated(rig);
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
      assertNothingAllocated(rig);
      rig.awaitWhole(0);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void noStageAllocatesForAFrameThatEndsItsWait(int workThreads) throws Exception {
    try (Rig rig = new Rig(PipelineSettings.standard(workThreads), TestFrames.udp(60))) {
      rig.publish(_ -> _ -> Verdict.PASS);
      rig.pipeline.start();
      long received = 0;
      long least = Long.MAX_VALUE;
      for (int window = 0; window < 4; window++) {
        Map<Long, Long> before = allocated();
        for (int i = 0; i < LONE_FRAMES; i++) {
          rig.left.arrive(1);
          received++;
          rig.settle(received);
        }
        least = Math.min(least, grown(before));
      }
      assertTrue(least < LONE_FRAMES, least + " bytes for " + LONE_FRAMES + " lone packets");
    }
  }

  /// The compiler may throw code away at any moment, and until it is compiled anew the interpreter
  /// allocates; what a packet costs shows in every window, so the least of some counts.
  private static void assertNothingAllocated(Rig rig) {
    long received = 3_000_000;
    rig.left.arrive(received);
    rig.settle(received);
    long least = Long.MAX_VALUE;
    for (int window = 0; window < 3; window++) {
      Map<Long, Long> before = allocated();
      rig.right.arrive(WINDOW);
      received += WINDOW;
      rig.settle(received);
      least = Math.min(least, grown(before));
    }
    // One byte in a hundred packets would already show.
    assertTrue(least < WINDOW / 100, least + " bytes for " + WINDOW + " packets");
  }

  private static long grown(Map<Long, Long> before) {
    return allocated().entrySet().stream()
        .mapToLong(e -> e.getValue() - before.getOrDefault(e.getKey(), 0L))
        .sum();
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
