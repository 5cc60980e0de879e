package dev.sluice.runtime.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.kernel.FramePool;
import dev.sluice.kernel.KernelException;
import dev.sluice.kernel.LinkState;
import dev.sluice.plugin.DropReason;
import dev.sluice.plugin.RoundRobin;
import dev.sluice.plugin.Verdict;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Roles that one thread plays, driven by the test.
final class FusionTest {
  private static final int BATCH = 64;
  private static final int DATA_FRAMES = 64;
  private static final int CHUNKS = 1024;

  private final FramePool pool = pool();
  private final TestDevice left = new TestDevice("left", pool, TestFrames.udp(60));
  private final TestDevice right = new TestDevice("right", pool, TestFrames.udp(60));
  private final List<Port> ports = Port.over(List.of(left, right));
  private final FreeFrames frames = new FreeFrames(pool, DATA_FRAMES, ports.getFirst());
  private final RecvQueue recvQueue = new RecvQueue(256, Bell.parking());
  private final SendQueue sendQueue = new SendQueue(256, Bell.parking());
  private final FramesAtHand atHand = FramesAtHand.of(frames.total());
  private final SendThread send = new SendThread(ports, sendQueue, frames, BATCH, atHand);
  private final Fusion fusion = new Fusion(atHand, send, ports.size() * BATCH);
  private final Generation generation = generation();
  private final WorkThread worker =
      new WorkThread(0, recvQueue, sendQueue, frames, () -> generation, BATCH, fusion);
  private final ReadThread read =
      new ReadThread(
          ports,
          frames,
          List.of(recvQueue),
          () -> generation,
          PipelineSettings.standard(0),
          new FlowQuarantine(),
          fusion);
  private final List<Long> seenRight = new ArrayList<>();

  private static FramePool pool() {
    try {
      return FramePool.create(CHUNKS);
    } catch (KernelException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Generation generation() {
    var hash = new RoundRobin();
    Chain.Link link = new Chain.Link("test/1", List.of(_ -> Verdict.PASS));
    return Generation.ofRehearsal(hash).next(new Chain(List.of(link), hash, true));
  }

  @BeforeEach
  void start() throws KernelException {
    left.start();
    right.start();
    right.sink((frame, _) ->
        seenRight.add(frame.get(ValueLayout.JAVA_LONG_UNALIGNED, TestDevice.NUMBER_AT)));
  }

  @AfterEach
  void close() {
    pool.close();
  }

  private void turn() {
    read.doWork();
    worker.doWork();
    send.doWork();
  }

  /// Frames of the share for receiving that nobody has.
  private int free() {
    return frames.free() - DATA_FRAMES + atHand.chunks().size();
  }

  private static List<Long> numbers(long count) {
    return LongStream.range(0, count).boxed().toList();
  }

  @Test
  void whatIsReadInATurnLeavesInItThroughNoQueue() {
    left.arrive(50);
    right.arrive(BATCH);
    read.doWork();
    assertTrue(recvQueue.isEmpty());
    worker.doWork();
    assertTrue(sendQueue.isEmpty());
    send.doWork();
    assertEquals(numbers(50), seenRight);
    assertEquals(BATCH, left.sentCount());
    // What is shown as depth is what a turn found.
    assertEquals(50 + BATCH, recvQueue.depthReading("recv").highest());
    assertEquals(50 + BATCH, sendQueue.depthReading("send").highest());
  }

  @Test
  void chunksComeBackToWhereTheyAreTakenFrom() {
    left.arrive(10_000);
    right.arrive(10_000);
    for (int i = 0; i < 10_000 / BATCH + 3; i++) {
      turn();
    }
    assertEquals(numbers(10_000), seenRight);
    assertEquals(10_000, left.sentCount());
    assertEquals(CHUNKS - DATA_FRAMES, free());
    assertEquals(CHUNKS - DATA_FRAMES, frames.free() - DATA_FRAMES + atHand.spare().size());
  }

  @Test
  void whatWasReadAndNotJudgedIsDroppedOnceTheThreadHasEnded() {
    left.arrive(10);
    turn();
    left.arrive(40);
    right.arrive(30);
    read.doWork();
    worker.abandon();
    send.abandon();
    assertEquals(70, worker.tally().dropped(DropReason.STOPPING.index()));
    assertEquals(10, seenRight.size());
    assertEquals(CHUNKS - DATA_FRAMES, free());
  }

  @Test
  void whatADeviceHasNotTakenIsDroppedOnceTheThreadHasEnded() {
    right.accepts(false);
    left.arrive(40);
    turn();
    send.abandon();
    assertEquals(40, send.tally().dropped(DropReason.STOPPING.index()));
    assertEquals(CHUNKS - DATA_FRAMES, free());
  }

  @Test
  void linkThatIsDownTakesNothingAndItsChunksComeBack() {
    right.accepts(false);
    right.link(LinkState.NO_CARRIER);
    left.arrive(40);
    turn();
    assertEquals(40, send.tally().dropped(DropReason.DEVICE_REFUSED.index()));
    assertEquals(CHUNKS - DATA_FRAMES, free());
  }

  @Test
  void whatOtherThreadsQueuedLeavesBeforeWhatPassesLater() {
    Frame own = frames.takeForData();
    assertTrue(own != null);
    own.memory().set(ValueLayout.JAVA_LONG_UNALIGNED, TestDevice.NUMBER_AT, -1);
    own.filled(ports.getLast(), 60);
    assertTrue(sendQueue.offer(own));
    left.arrive(3);
    turn();
    assertEquals(List.of(-1L, 0L, 1L, 2L), seenRight, "what was queued before leaves before");
    turn();
    assertEquals(CHUNKS, frames.free() + atHand.chunks().size());
    assertEquals(1, send.tally().count(Tally.DATA_SENT));
  }

  @Test
  void turnThatWasNotJudgedIsNotLost() {
    left.arrive(40);
    read.doWork();
    left.arrive(1);
    assertThrows(IllegalStateException.class, read::doWork);
    worker.abandon();
    assertEquals(40, worker.tally().dropped(DropReason.STOPPING.index()));
  }

  /// With a queue before it: what the last turn judged must not be dropped once more.
  @Test
  void whatWasJudgedIsNotAbandoned() {
    WorkThread apart = new WorkThread(0, recvQueue, sendQueue, frames, () -> generation, BATCH);
    FrameRun run = new FrameRun(BATCH);
    for (int i = 0; i < 2 * BATCH; i++) {
      Frame frame = frames.frame(DATA_FRAMES + i);
      frame.filled(ports.getLast(), 60);
      run.accept(frame);
      if (run.count() == BATCH) {
        recvQueue.offer(run);
        run.clear();
      }
    }
    assertEquals(BATCH, apart.doWork());
    apart.abandon();
    assertEquals(BATCH, apart.tally().dropped(DropReason.STOPPING.index()));
    assertEquals(BATCH, sendQueue.depth());
  }
}
