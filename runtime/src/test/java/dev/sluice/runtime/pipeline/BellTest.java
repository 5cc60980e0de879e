package dev.sluice.runtime.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.kernel.FramePool;
import dev.sluice.kernel.KernelException;
import dev.sluice.kernel.MemoryDevice;
import dev.sluice.kernel.Poller;
import dev.sluice.plugin.Packet;
import dev.sluice.plugin.PacketHandler;
import dev.sluice.plugin.Verdict;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("alone")
@Timeout(120)
final class BellTest {
  private static final Vigil NONE = new Vigil(false);

  /// A wait that nobody ends lasts so long; a lost wake-up would show as one.
  private static final long BOUND_NANOS = 2_000_000_000L;

  private static final int ROUNDS = 100_000;

  /// One end of the game: waits at once when its queue is empty, without spinning before.
  private static final class Player implements AutoCloseable {
    private final Poller poller = new Poller(List.of());
    private final Bell bell;
    private final RecvQueue queue;
    private final FrameRun run = new FrameRun(1);

    Player(boolean polls) throws KernelException {
      bell = polls ? Bell.polling(poller) : Bell.parking();
      queue = new RecvQueue(64, bell);
    }

    /// The longest wait of this call, in nanoseconds, until the one frame came.
    long take() {
      long longest = 0;
      while (queue.drain(run, 1) == 0) {
        long begun = System.nanoTime();
        bell.await(BOUND_NANOS, () -> !queue.isEmpty());
        longest = Math.max(longest, System.nanoTime() - begun);
      }
      return longest;
    }

    void giveTo(Player other) {
      other.queue.offer(run);
      run.clear();
    }

    @Override
    public void close() {
      poller.close();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void noFrameOfAHundredThousandHandedToAndFroWaitsForTheEndOfAWait(boolean polls)
      throws Exception {
    try (FramePool pool = FramePool.create(64);
        Player near = new Player(polls);
        Player far = new Player(polls)) {
      Port port = new Port(0, MemoryDevice.open("bell-" + polls, pool));
      near.run.accept(new Frame(0, pool.frame(0), false, port));
      CompletableFuture<Long> longest = CompletableFuture.supplyAsync(() -> echo(far, near));
      long[] rounds = new long[ROUNDS];
      for (int i = 0; i < ROUNDS; i++) {
        long begun = System.nanoTime();
        near.giveTo(far);
        near.take();
        rounds[i] = System.nanoTime() - begun;
      }
      assertTrue(longest.get(10, TimeUnit.SECONDS) < BOUND_NANOS);
      Arrays.sort(rounds);
      assertTrue(rounds[ROUNDS - 1] < BOUND_NANOS, "longest " + rounds[ROUNDS - 1] + " ns");
      assertTrue(rounds[ROUNDS / 2] < 500_000, "median " + rounds[ROUNDS / 2] + " ns");
      port.device().close();
    }
  }

  private static long echo(Player far, Player near) {
    long longest = 0;
    for (int i = 0; i < ROUNDS; i++) {
      longest = Math.max(longest, far.take());
      far.giveTo(near);
    }
    return longest;
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void workThatCameBeforeTheWaitIsSeen(boolean polls) throws Exception {
    try (Player player = new Player(polls)) {
      player.bell.await(1, () -> true); // a first wait makes itself known
      long begun = System.nanoTime();
      player.bell.await(BOUND_NANOS, () -> true);
      assertTrue(System.nanoTime() - begun < BOUND_NANOS / 2);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void ringingForAThreadThatDoesNotWaitLeavesNothingBehind(boolean polls) throws Exception {
    try (Player player = new Player(polls)) {
      player.bell.await(1, () -> false);
      player.bell.ring();
      long begun = System.nanoTime();
      player.bell.await(20_000_000, () -> false);
      assertTrue(System.nanoTime() - begun >= 19_000_000);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void ringingAnywayEndsTheNextWait(boolean polls) throws Exception {
    try (Player player = new Player(polls)) {
      player.bell.await(1, () -> false);
      player.bell.ringAnyway();
      long begun = System.nanoTime();
      player.bell.await(BOUND_NANOS, () -> false);
      assertTrue(System.nanoTime() - begun < BOUND_NANOS / 2);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void whatAnotherThreadSendsLeavesAnIdlePipelineAndTicksGoOn(int workThreads) throws Exception {
    AtomicLong ticks = new AtomicLong();
    try (Rig rig = new Rig(PipelineSettings.standard(workThreads), TestFrames.udp(60))) {
      rig.publish(_ -> new Ticked(ticks));
      rig.pipeline.start();
      long begun = System.nanoTime();
      for (int i = 0; i < 50; i++) {
        long before = rig.right.sentCount();
        assertTrue(
            rig.pipeline.sendData(
                rig.pipeline.devices().get(1), MemorySegment.ofArray(TestFrames.udp(60))));
        Rig.await("frame " + i + " has left", () -> rig.right.sentCount() == before + 1);
        Thread.sleep(20); // longer than the longest wait
      }
      long due = (System.nanoTime() - begun) / WorkThread.TICK_NANOS * rig.pipeline.workThreads();
      assertTrue(ticks.get() > due / 2, ticks + " ticks of " + due);
      rig.awaitWhole(0);
    }
  }

  private record Ticked(AtomicLong ticks) implements PacketHandler {
    @Override
    public Verdict receive(Packet packet) {
      return Verdict.PASS;
    }

    @Override
    public void tick(long nowNanos) {
      ticks.incrementAndGet();
    }
  }

  /// A bell whose waits end at once.
  private static Bell bell(LongConsumer waits) {
    return new Bell(
        new Bell.Waiting() {
          @Override
          public void await(long nanos) {
            waits.accept(nanos);
          }

          @Override
          public void end() {}
        });
  }

  @Test
  void aThreadThatMayNotRestLooksAgainAtOnce() {
    AtomicBoolean waited = new AtomicBoolean();
    Bell bell = bell(nanos -> waited.set(true));
    Role due = new Role(0);
    Idle idle = new Idle(Idle.Kind.POLL, bell, List.of(due, new Role(Idle.LONGEST_NANOS)), NONE);
    for (int i = 0; i < 200; i++) {
      idle.after(0);
    }
    assertFalse(waited.get());
  }

  @Test
  void waitsGrowToWhatTheMostUrgentRoleAllows() {
    AtomicLong longest = new AtomicLong();
    Bell bell = bell(nanos -> longest.accumulateAndGet(nanos, Math::max));
    List<DutyCycle> roles = List.of(new Role(Idle.UNTOLD_NANOS), new Role(Idle.LONGEST_NANOS));
    Idle idle = new Idle(Idle.Kind.POLL, bell, roles, NONE);
    for (int i = 0; i < 200; i++) {
      idle.after(0);
    }
    assertEquals(Idle.UNTOLD_NANOS, longest.get());
  }

  /// Turns without work until it waits.
  private static int turnsAwake(Vigil vigil, int work) {
    AtomicBoolean waited = new AtomicBoolean();
    Bell bell = bell(nanos -> waited.set(true));
    Idle idle = new Idle(Idle.Kind.POLL, bell, List.of(new Role(Idle.LONGEST_NANOS)), vigil);
    idle.after(work);
    int turns = 0;
    while (!waited.get()) {
      idle.after(0);
      turns++;
    }
    return turns;
  }

  @Test
  void aThreadThatHadMuchToDoStaysAwakeForAWhileAndThenWaits() {
    int usual = turnsAwake(NONE, 1000);
    assertEquals(usual - 1, turnsAwake(new Vigil(true), 0)); // the turn without work is one
    // Whoever disturbs this thread ends its vigil, but not each time.
    int most = 0;
    for (int i = 0; i < 20; i++) {
      most = Math.max(most, turnsAwake(new Vigil(true), 1000));
    }
    assertTrue(usual + 20 < most, usual + " " + most);
  }

  /// A role without work.
  private record Role(long restNanos) implements DutyCycle {
    @Override
    public int doWork() {
      return 0;
    }
  }
}
