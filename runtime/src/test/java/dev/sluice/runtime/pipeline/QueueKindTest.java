package dev.sluice.runtime.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.kernel.FramePool;
import dev.sluice.kernel.KernelException;
import dev.sluice.kernel.MemoryDevice;
import dev.sluice.plugin.Verdict;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
final class QueueKindTest {
  private static final int FRAMES = 64;

  private final FramePool pool = FramePool.create(FRAMES);
  private final Port port = new Port(0, MemoryDevice.open("queue-kind", pool));
  private final Frame[] frames = new Frame[FRAMES];

  QueueKindTest() throws KernelException {
    for (int i = 0; i < FRAMES; i++) {
      frames[i] = new Frame(i, pool.frame(i), false, port);
    }
  }

  @AfterEach
  void close() {
    port.device().close();
    pool.close();
  }

  private FrameRun run(int from, int to) {
    FrameRun run = new FrameRun(FRAMES);
    for (int i = from; i < to; i++) {
      run.accept(frames[i]);
    }
    return run;
  }

  @ParameterizedTest
  @EnumSource(QueueKind.class)
  void aQueueTakesWhatItHoldsAndGivesItOutInOrder(QueueKind kind) {
    RecvQueue queue = kind.recvQueue(32, Bell.parking());
    assertTrue(queue.isEmpty());
    assertEquals(20, queue.offer(run(0, 20)));
    assertEquals(12, queue.offer(run(20, 40)));
    assertEquals(0, queue.offer(run(40, 41)));
    assertFalse(queue.isEmpty());
    FrameRun out = new FrameRun(FRAMES);
    assertEquals(7, queue.drain(out, 7));
    assertEquals(25, queue.drain(out, 64));
    assertEquals(0, queue.drain(out, 64));
    assertTrue(queue.isEmpty());
    for (int i = 0; i < 32; i++) {
      assertEquals(frames[i], out.at(i));
    }
  }

  @ParameterizedTest
  @EnumSource(QueueKind.class)
  void aMillionFramesReachAnotherThreadInOrder(QueueKind kind) throws Exception {
    SendQueue queue = kind.sendQueue(32, Bell.parking());
    int rounds = 20_000;
    CompletableFuture<Boolean> ordered =
        CompletableFuture.supplyAsync(() -> areInOrder(queue, rounds * 50L));
    for (int round = 0; round < rounds; round++) {
      for (int sent = 0; sent < 50; ) {
        int taken = queue.offer(run(sent, 50));
        sent += taken;
        if (taken == 0) {
          LockSupport.parkNanos(1000);
        }
      }
    }
    assertTrue(ordered.get(30, TimeUnit.SECONDS));
  }

  private boolean areInOrder(SendQueue queue, long count) {
    FrameRun out = new FrameRun(FRAMES);
    boolean ordered = true;
    for (long seen = 0; seen < count; ) {
      if (queue.drain(out, 16) == 0) {
        LockSupport.parkNanos(1000);
      }
      for (int i = 0; i < out.count(); i++) {
        ordered &= out.at(i) == frames[(int) (seen % 50)];
        seen++;
      }
      out.clear();
    }
    return ordered;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, 3, 100, Integer.MIN_VALUE})
  void thePapersRingHasTheSizeOfAPowerOfTwo(int capacity) {
    assertThrows(RuntimeException.class, () -> new PaperQueue(capacity));
  }

  @ParameterizedTest
  @EnumSource(QueueKind.class)
  void framesGoRoundALane(QueueKind kind) throws Exception {
    try (PipelineLane lane = new PipelineLane(kind, TestFrames.udp(60))) {
      lane.publish(
          new Chain(List.of(new Chain.Link("t", List.of(_ -> Verdict.PASS))), Rig.BY_NUMBER, true));
      for (int i = 0; i < 1000; i++) {
        assertEquals(64, lane.source());
        assertEquals(64, lane.work());
        assertEquals(64, lane.sink());
      }
      assertEquals(0, lane.work());
      assertEquals(0, lane.sink());
      assertTrue(lane.numbers() > 0);
    }
  }
}
