package dev.sluice.runtime.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.kernel.FramePool;
import dev.sluice.kernel.KernelException;
import dev.sluice.kernel.MemoryDevice;
import dev.sluice.plugin.Packet;
import dev.sluice.plugin.RoundRobin;
import dev.sluice.plugin.Verdict;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class ChainLoopTest {
  private static final int BATCH = 64;
  private static final long HOUR = 3_600_000_000_000L;
  private static final AtomicInteger DEVICES = new AtomicInteger();

  /// A WorkThread's role, driven by the test through one loop.
  private static final class Bench implements AutoCloseable {
    private final FramePool pool = FramePool.create(256);
    private final RecvQueue recvQueue = new RecvQueue(256, Bell.parking());
    private final SendQueue sendQueue = new SendQueue(256, Bell.parking());
    private final FrameRun run = new FrameRun(BATCH);
    private final WorkThread worker;
    private final ChainLoop loop;
    private long judged;

    /// @param own made from the loop that all generations share
    Bench(Function<BatchLoop, @Nullable BatchLoop> own, long aloneNanos) throws KernelException {
      this(own, new Lane.Habits((_, _) -> null, aloneNanos, ChainLoop.EVERY, false));
    }

    Bench(Function<BatchLoop, @Nullable BatchLoop> own, Lane.Habits habits) throws KernelException {
      Port port = new Port(0, MemoryDevice.open("chain-loop-" + DEVICES.incrementAndGet(), pool));
      FreeFrames frames = new FreeFrames(pool, 64, port);
      Lane lane = Lane.of(0, 1, habits);
      var counted = new LoopSpinner.Counted(this::judge, new HandlerCounters("test/1"), null);
      ChainStep step =
          new HandlerStep(counted.handler(), counted.counters(), (_, _) -> Verdict.PASS, 1, null);
      SharedLoop shared = new SharedLoop(step);
      MeasuredLoop measured = new MeasuredLoop(step, lane.recent());
      loop = new ChainLoop(shared, measured, own.apply(shared), habits);
      var hash = new RoundRobin();
      Chain chain =
          new Chain(List.of(new Chain.Link("test/1", List.of(counted.handler()))), hash, true);
      Generation generation =
          new Generation(1, chain, hash, List.of(lane), List.of(loop), List.of(List.of(counted)));
      worker = new WorkThread(0, recvQueue, sendQueue, frames, () -> generation, BATCH);
      for (int i = 0; i < BATCH; i++) {
        Frame frame = frames.frame(64 + i);
        frame.filled(port, 60);
        run.accept(frame);
      }
    }

    private Verdict judge(Packet packet) {
      judged++;
      return Verdict.PASS;
    }

    /// Has batches go round.
    void batches(int count) {
      for (int i = 0; i < count; i++) {
        recvQueue.offer(run);
        run.clear();
        worker.doWork();
        sendQueue.drain(run, BATCH);
      }
    }

    @Override
    public void close() {
      pool.close();
    }
  }

  /// An own loop that notes what it is given.
  private static final class Noting implements BatchLoop {
    private final BatchLoop shared;
    private final long nanosEach;
    private int most;
    private long packets;

    Noting(BatchLoop shared, long nanosEach) {
      this.shared = shared;
      this.nanosEach = nanosEach;
    }

    @Override
    public void run(FrameRun batch, int from, int to, WorkThread worker) {
      most = Math.max(most, to - from);
      packets += to - from;
      if (nanosEach == 0) {
        shared.run(batch, from, to, worker);
        return;
      }
      long until = System.nanoTime() + nanosEach * (to - from);
      shared.run(batch, from, to, worker);
      while (System.nanoTime() - until < 0) {
        Thread.onSpinWait();
      }
    }
  }

  private static Noting noting(Bench[] bench, long nanosEach, long aloneNanos)
      throws KernelException {
    Noting[] own = new Noting[1];
    bench[0] = new Bench(shared -> own[0] = new Noting(shared, nanosEach), aloneNanos);
    return own[0];
  }

  @Test
  void anOwnLoopHasAllFromTheFirstWhereThatIsTheHabit() throws Exception {
    Noting[] own = new Noting[1];
    Lane.Habits habits = new Lane.Habits((_, _) -> null, 0, ChainLoop.EVERY, true);
    try (Bench made = new Bench(shared -> own[0] = new Noting(shared, 0), habits)) {
      made.batches(2);
      // But for those that the other loop is compared by.
      assertEquals(2 * BATCH - 8, own[0].packets);
    }
  }

  @Test
  void anOwnLoopTakesOverWhenItIsAsFast() throws Exception {
    Bench[] bench = new Bench[1];
    Noting own = noting(bench, 0, 0);
    try (Bench made = bench[0]) {
      long packets = 0;
      while (own.most <= 8) {
        packets = own.packets;
        made.batches(1);
      }
      assertTrue(packets >= 10_000, "after " + packets + " packets");
      long before = own.packets;
      made.batches(256);
      // All but those that are measured.
      assertEquals(256 * BATCH - 32, own.packets - before);
    }
  }

  @Test
  void oneThatIsSlowerNeverDoes() throws Exception {
    Bench[] bench = new Bench[1];
    Noting own = noting(bench, 4_000, 0);
    try (Bench made = bench[0]) {
      while (own.packets < 40_000) {
        made.batches(256);
        assertTrue(own.most <= 8, "after " + own.packets + " packets");
      }
    }
  }

  @Test
  void beforeItsTimeItIsGivenNothing() throws Exception {
    Bench[] bench = new Bench[1];
    Noting own = noting(bench, 0, HOUR);
    try (Bench made = bench[0]) {
      made.batches(20_000);
      assertEquals(0, own.packets);
    }
  }

  @Test
  void whoeverRunsThemEachPacketRunsOnce() throws Exception {
    Bench[] bench = new Bench[1];
    Noting own = noting(bench, 0, 0);
    try (Bench made = bench[0]) {
      long batches = 0;
      while (own.most <= 8 || batches < 20_000) {
        made.batches(1);
        batches++;
        assertEquals(batches * BATCH, made.judged);
      }
    }
  }

  @Test
  void withoutAnOwnLoopAllIsShared() throws Exception {
    try (Bench made = new Bench(_ -> null, 0)) {
      made.batches(20_000);
      assertEquals(20_000L * BATCH, made.judged);
    }
  }
}
