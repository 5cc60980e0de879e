package dev.sluice.runtime.pipeline;

import dev.sluice.kernel.ChunkStack;
import dev.sluice.kernel.FramePool;
import dev.sluice.kernel.KernelException;
import dev.sluice.kernel.MemoryDevice;
import dev.sluice.plugin.RoundRobin;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/// One WorkThread's role between its two queues, with a source before and a sink behind it in place
/// of the devices: what `bench pipeline` measures. Frames go round as they do in the product: from
/// the free ones through RecvQueue, chain and SendQueue back to the free ones.
///
/// One thread calls [#source] and [#sink], one (it may be the same) calls [#work].
public final class PipelineLane implements AutoCloseable {
  private static final int BATCH = 64;
  private static final int FRAMES = 2048;
  private static final int DATA_FRAMES = 64;
  private static final int FRAME_BYTES = 60; // 64 with the frame check sequence

  /// Where a frame's own number stands: the destination port of its datagram.
  private static final long NUMBER_AT = 36;

  private static final AtomicInteger LANES = new AtomicInteger();
  private static final ValueLayout.OfShort NUMBER =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  private final FramePool pool;
  private final Port nowhere;
  private final FreeFrames frames;
  private final RecvQueue recvQueue;
  private final SendQueue sendQueue;
  private final WorkThread worker;
  private final ChunkStack free = new ChunkStack(FRAMES + DATA_FRAMES);
  private final FrameStack spare = new FrameStack(FRAMES + DATA_FRAMES);
  private final FrameRun leaving = new FrameRun(BATCH);
  private final FrameRun arriving = new FrameRun(BATCH);
  private long numbers;

  /// Breaks in its own loops at once: the product's begin two seconds later, which no measurement
  /// waits for.
  private volatile Generation generation =
      Generation.first(List.of(Lane.of(0, 1, Lane.Habits.BENCHMARK)), new RoundRobin());

  /// A lane whose frames are datagrams of the least length, with nothing in its chain.
  ///
  /// @param template the first 60 bytes of each frame
  /// @throws KernelException if there is no memory for its frames
  public PipelineLane(QueueKind kind, byte[] template) throws KernelException {
    pool = FramePool.create(FRAMES + DATA_FRAMES);
    nowhere = new Port(0, MemoryDevice.open("pipeline-lane-" + LANES.incrementAndGet(), pool));
    frames = new FreeFrames(pool, DATA_FRAMES, nowhere);
    recvQueue = kind.recvQueue(2 * FRAMES, Bell.parking());
    sendQueue = kind.sendQueue(FRAMES, Bell.parking());
    worker = new WorkThread(0, recvQueue, sendQueue, frames, () -> generation, BATCH);
    for (int chunk = DATA_FRAMES; chunk < frames.total(); chunk++) {
      Frame frame = frames.frame(chunk);
      MemorySegment.copy(MemorySegment.ofArray(template), 0, frame.memory(), 0, FRAME_BYTES);
      frame.memory().set(NUMBER, NUMBER_AT, (short) chunk);
      frame.filled(nowhere, FRAME_BYTES);
      frame.parseAgain();
      frame.state(Frame.FREE);
    }
  }

  /// Puts a chain in force, spun as the pipeline does.
  public void publish(Chain chain) {
    generation = generation.next(chain);
  }

  /// Queues up to a batch of free frames for the WorkThread.
  ///
  /// @return how many
  public int source() {
    frames.refill(free, spare, BATCH);
    while (arriving.count() < BATCH && free.size() > 0) {
      int chunk = free.pop();
      Frame frame = frames.fit(spare.pop(), chunk);
      frame.filled(nowhere, FRAME_BYTES);
      numbers += chunk;
      arriving.accept(frame);
    }
    int count = arriving.count();
    if (count > 0 && recvQueue.offer(arriving) != count) {
      throw new IllegalStateException("a queue with room for every frame was full");
    }
    arriving.clear();
    return count;
  }

  /// Takes a turn of the WorkThread.
  ///
  /// @return packets judged
  public int work() {
    return worker.doWork();
  }

  /// Frees what has passed the chain.
  ///
  /// @return how many
  public int sink() {
    int count = sendQueue.drain(leaving, BATCH);
    if (count > 0) {
      frames.free(leaving);
    }
    return count;
  }

  /// Whether the chain has gone over to a loop of its own; an older answer on another thread than
  /// the WorkThread's.
  public boolean isOwn() {
    return generation.loops().getFirst() instanceof ChainLoop loop && loop.isOwn();
  }

  /// The sum of the numbers of all frames queued so far, which a handler that looked at each of
  /// them can have found too; for the thread of the source.
  public long numbers() {
    return numbers;
  }

  @Override
  public void close() {
    nowhere.device().close();
    pool.close();
  }
}
