package dev.sluice.runtime.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.plugin.DropReason;
import dev.sluice.plugin.Packet;
import dev.sluice.plugin.PacketHandler;
import dev.sluice.plugin.Verdict;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A trial costs copies and clock readings, but nothing from the heap, in whatever phase it is.
@Timeout(120)
final class GuardAllocationTest {
  private static final DropReason TEST = DropReason.of("test-drop");
  private static final Duration LONG = Duration.ofHours(1);
  private static final long WINDOW = 500_000;

  @ParameterizedTest
  @EnumSource(names = {"RUNNING", "PASSED", "FAILED"})
  void aGuardedStepAllocatesNothingPerPacket(CanaryState.Phase phase) throws Exception {
    try (Rig rig = new Rig(PipelineSettings.standard(0), TestFrames.udp(200))) {
      Duration time = phase == CanaryState.Phase.PASSED ? Duration.ZERO : LONG;
      Guard guard = new Guard("test/1", List.of(new Mixed()), 1, time, LONG);
      PacketHandler trial =
          phase == CanaryState.Phase.FAILED ? GuardAllocationTest::failing : new Mixed();
      Chain.Link link = new Chain.Link("test/2", List.of(trial), guard);
      assertTrue(rig.pipeline.publish(new Chain(List.of(link), Rig.BY_NUMBER, true), Rig.PATIENCE));
      rig.pipeline.start();
      long received = 1_500_000;
      rig.left.arrive(received);
      rig.settle(received);
      assertEquals(phase, guard.state().phase(), guard.state()::message);
      long least = Long.MAX_VALUE;
      for (int window = 0; window < 4; window++) {
        Map<Long, Long> before = PathThreads.allocated();
        rig.left.arrive(WINDOW);
        received += WINDOW;
        rig.settle(received);
        least = Math.min(least, PathThreads.allocatedSince(before));
      }
      assertTrue(least < WINDOW / 100, least + " bytes for " + WINDOW + " packets");
    }
  }

  private static Verdict failing(Packet packet) {
    throw new IllegalStateException("test " + packet.length());
  }

  private static final class Mixed implements PacketHandler {
    private int next;

    @Override
    public Verdict receive(Packet packet) {
      next++;
      return switch (next & 3) {
        case 0 -> TEST.verdict();
        case 1 -> Verdict.ANSWERED;
        default -> Verdict.PASS;
      };
    }
  }
}
