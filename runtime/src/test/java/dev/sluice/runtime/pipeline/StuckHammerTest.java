package dev.sluice.runtime.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.plugin.DropReason;
import dev.sluice.plugin.Packet;
import dev.sluice.plugin.PacketHandler;
import dev.sluice.plugin.Verdict;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Handlers that return just about when their time is over, again and again: at that edge the
/// thread and the watchdog both want the role. Nothing may be lost, counted twice or owned by two.
@Timeout(300)
final class StuckHammerTest {
  private static final DropReason TEST = DropReason.of("test-drop");
  private static final Duration BUDGET = Duration.ofMillis(2);
  private static final long RUN_NANOS = Long.getLong("sluice.hammer.seconds", 3L) * 1_000_000_000L;

  /// What all handlers of a run share.
  private static final class Field {
    final Rig rig;
    final SplittableRandom seeds;
    final AtomicInteger twoOwners = new AtomicInteger();
    final AtomicInteger late = new AtomicInteger();
    final AtomicLong judged = new AtomicLong();
    final ConcurrentLinkedQueue<Packet> held = new ConcurrentLinkedQueue<>();

    /// Who is in `receive` with the frame of a number, 0 for nobody.
    final AtomicIntegerArray inside;

    Field(Rig rig, long seed) {
      this.rig = rig;
      this.seeds = new SplittableRandom(seed);
      this.inside = new AtomicIntegerArray(rig.pipeline.totalFrames());
    }
  }

  /// Does everything a handler may, and now and then takes about its budget for it.
  private static final class Edgy implements PacketHandler {
    private final Field field;
    private final SplittableRandom random;

    Edgy(Field field, SplittableRandom random) {
      this.field = field;
      this.random = random;
    }

    @Override
    public Verdict receive(Packet packet) {
      int frame = ((Frame) packet).number();
      if (!field.inside.compareAndSet(frame, 0, 1)) {
        field.twoOwners.incrementAndGet();
      }
      field.judged.incrementAndGet();
      long before = number(packet);
      dawdle();
      if (number(packet) != before) {
        field.twoOwners.incrementAndGet();
      }
      // From here on the frame may be another's, if this hands it over.
      field.inside.set(frame, 0);
      return judge(packet);
    }

    private Verdict judge(Packet packet) {
      Pipeline pipeline = field.rig.pipeline;
      try {
        return switch (random.nextInt(8)) {
          case 0 -> {
            packet.hold();
            field.held.add(packet);
            yield Verdict.TAKEN;
          }
          case 1 -> {
            pipeline.sendPacket(packet.egress(), packet);
            yield Verdict.TAKEN;
          }
          case 2 -> {
            release(pipeline);
            yield Verdict.PASS;
          }
          case 3 -> Verdict.ANSWERED;
          case 4 -> throw new IllegalArgumentException("test");
          default -> Verdict.PASS;
        };
      } catch (IllegalStateException e) {
        field.late.incrementAndGet();
        return Verdict.PASS;
      }
    }

    private void release(Pipeline pipeline) {
      Packet before = field.held.poll();
      if (before == null) {
        return;
      }
      if (random.nextBoolean()) {
        try {
          pipeline.sendPacket(before.egress(), before);
        } catch (IllegalStateException e) {
          field.held.add(before); // its thread was replaced: the packet is held as before
          throw e;
        }
      } else {
        pipeline.drop(before, TEST);
      }
    }

    @Override
    public void tick(long nowNanos) {
      dawdle();
      release(field.rig.pipeline);
    }

    /// About as long as the budget and the watchdog's next look, one time in some.
    private void dawdle() {
      if (random.nextInt(40) != 0) {
        return;
      }
      long nanos = random.nextLong(1_500_000, 4_500_000);
      if (random.nextInt(3) == 0) {
        LockSupport.parkNanos(nanos);
        return;
      }
      long start = System.nanoTime();
      while (System.nanoTime() - start < nanos) {
        Thread.onSpinWait();
      }
    }
  }

  private static long number(Packet packet) {
    return packet.memory().get(ValueLayout.JAVA_LONG_UNALIGNED, TestDevice.NUMBER_AT);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  void atTheEdgeOfTheBudgetNothingIsLostAndNothingHasTwoOwners(int workThreads) throws Exception {
    PipelineSettings settings = PipelineSettings.standard(workThreads).withHandlerBudget(BUDGET);
    long seed = System.nanoTime();
    try (Rig rig = new Rig(settings, TestFrames.udp(60))) {
      Field field = new Field(rig, seed);
      AtomicInteger incidents = new AtomicInteger();
      ConcurrentLinkedQueue<Long> sent = new ConcurrentLinkedQueue<>();
      rig.right.sink((frame, _) -> sent.add(frame.get(ValueLayout.JAVA_LONG_UNALIGNED, 42)));
      rig.pipeline.report(_ -> {
        rig.pipeline.releaseFlows(); // all frames are of one flow
        incidents.incrementAndGet();
      });
      renew(field);
      rig.pipeline.start();
      long arrived = run(rig, field, incidents);
      rig.publish(_ -> _ -> Verdict.PASS);
      rig.settle(arrived);
      Rig.await("all came back", () -> rig.pipeline.stuckThreads() == 0);
      rig.settle(arrived);
      PipelineCounters counters = rig.pipeline.counters();
      System.out.println(
          "hammer/"
              + workThreads
              + ": "
              + incidents
              + " incidents, "
              + field.judged
              + " judged, "
              + field.late
              + " refused to late ones, "
              + counters);
      assertEquals(0, field.twoOwners.get(), "two owners, seed " + seed);
      assertEquals(field.held.size(), counters.held(), "held, seed " + seed);
      rig.awaitWhole(counters.held());
      assertEquals(sent.size(), sent.stream().distinct().count(), "sent twice, seed " + seed);
      assertEquals(counters.forwarded(), sent.size());
      assertEquals(List.of(), counters.imbalances(), "sums, seed " + seed);
      assertTrue(incidents.get() > 5, incidents + " incidents");
      assertNull(rig.pipeline.failure());
    }
  }

  /// Lets frames arrive, and puts fresh handlers in place of those that were stuck.
  private static long run(Rig rig, Field field, AtomicInteger incidents) throws Exception {
    long arrived = 0;
    int seen = 0;
    long start = System.nanoTime();
    while (System.nanoTime() - start < RUN_NANOS) {
      rig.left.arrive(50);
      arrived += 50;
      LockSupport.parkNanos(300_000);
      if (incidents.get() != seen) {
        seen = incidents.get();
        renew(field);
      }
      assertNull(rig.pipeline.failure());
    }
    return arrived;
  }

  private static void renew(Field field) throws InterruptedException {
    field.rig.publish(_ -> new Edgy(field, field.seeds.split()));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  void ownFramesAreSentWhileHandlersAreReplaced(int workThreads) throws Exception {
    PipelineSettings settings = PipelineSettings.standard(workThreads).withHandlerBudget(BUDGET);
    try (Rig rig = new Rig(settings, TestFrames.udp(60))) {
      Field field = new Field(rig, 1);
      AtomicInteger incidents = new AtomicInteger();
      rig.pipeline.report(_ -> {
        rig.pipeline.releaseFlows(); // all frames are of one flow
        incidents.incrementAndGet();
      });
      renew(field);
      rig.pipeline.start();
      MemorySegment data = MemorySegment.ofArray(TestFrames.udp(60));
      AtomicLong offered = new AtomicLong();
      AtomicInteger ended = new AtomicInteger();
      Thread sender =
          Thread.ofPlatform()
              .start(() -> {
                while (ended.get() == 0) {
                  rig.pipeline.sendData(rig.pipeline.devices().getFirst(), data);
                  offered.incrementAndGet();
                  LockSupport.parkNanos(20_000);
                }
              });
      long arrived = run(rig, field, incidents);
      ended.set(1);
      sender.join();
      rig.publish(_ -> _ -> Verdict.PASS);
      rig.settle(arrived);
      Rig.await("all came back", () -> rig.pipeline.stuckThreads() == 0);
      PipelineCounters counters = rig.pipeline.counters();
      Rig.await(
          "own frames left",
          () -> {
            PipelineCounters now = rig.pipeline.counters();
            return now.dataSent() + now.dataDropped() == offered.get();
          });
      rig.awaitWhole(counters.held());
      assertEquals(0, field.twoOwners.get(), "two owners");
    }
  }
}
