package dev.sluice.runtime.pipeline;

import dev.sluice.kernel.ChunkStack;
import dev.sluice.kernel.FramePool;
import dev.sluice.kernel.KernelException;
import dev.sluice.plugin.Device;
import dev.sluice.plugin.DropReason;
import dev.sluice.plugin.Packet;
import dev.sluice.plugin.RoundRobin;
import java.lang.foreign.MemorySegment;
import java.util.List;

/// One WorkThread's role with a pool and queues of its own: its packets seem to come in by the
/// gateway's ports, and leave for nowhere. For the one thread that rehearses; its counters may be
/// read by others.
final class RehearsalPath implements AutoCloseable {
  /// Small, so that the time is looked at often.
  static final int BATCH = 16;

  private static final int FRAMES = 256;
  private static final int DATA_FRAMES = 64;
  private static final int LEAST_DATA = 14;

  private final List<Port> ports;
  private final List<RecentFrames.Kept> templates;
  private final FramePool pool;
  private final FreeFrames frames;
  private final RecvQueue recvQueue = new RecvQueue(FRAMES, Bell.parking());
  private final SendQueue sendQueue = new SendQueue(FRAMES, Bell.parking());
  private final ChunkStack free = new ChunkStack(FRAMES + DATA_FRAMES);
  private final FrameStack spare = new FrameStack(FRAMES + DATA_FRAMES);
  private final FrameRun arriving = new FrameRun(BATCH);
  private final FrameRun leaving = new FrameRun(BATCH);
  private final WorkThread worker;
  private final SendingHalf sending;
  private final Generation generation;
  private int next;
  private volatile long sends;

  /// @param templates frames that a gateway would give to its handlers, at least one
  /// @throws KernelException if there is no memory for its frames
  RehearsalPath(List<Port> ports, List<Chain.Link> links, List<RecentFrames.Kept> templates)
      throws KernelException {
    this.ports = ports;
    this.templates = templates;
    pool = FramePool.create(FRAMES + DATA_FRAMES);
    frames = new FreeFrames(pool, DATA_FRAMES, ports.getFirst());
    var hash = new RoundRobin();
    generation = Generation.ofRehearsal(hash).next(new Chain(links, hash, true));
    worker = new WorkThread(0, recvQueue, sendQueue, frames, () -> generation, BATCH);
    SendThread unused = new SendThread(ports, sendQueue, frames, BATCH);
    sending =
        new SendingHalf(ports, frames, sendQueue, unused, new StuckThreads(frames), new Tally());
    sending.open();
  }

  /// Sends a batch through.
  ///
  /// @return packets that were judged; 0 when handlers hold all frames
  int turn() {
    frames.refill(free, spare, BATCH);
    while (arriving.count() < BATCH && free.size() > 0) {
      RecentFrames.Kept template = templates.get(next);
      next = next + 1 == templates.size() ? 0 : next + 1;
      Frame frame = frames.fit(spare.pop(), free.pop());
      int bytes = (int) template.bytes().byteSize();
      MemorySegment.copy(template.bytes(), 0, frame.memory(), 0, bytes);
      frame.pretended(ports.get(template.port() % ports.size()), bytes, System.nanoTime());
      arriving.accept(frame);
    }
    recvQueue.offer(arriving);
    arriving.clear();
    int judged = worker.doWork();
    while (sendQueue.drain(leaving, BATCH) > 0) {
      frames.free(leaving);
    }
    return judged;
  }

  boolean sendPacket(Device sendTo, Packet packet) {
    boolean sent = sending.sendPacket(sendTo, packet);
    count();
    return sent;
  }

  boolean sendData(Device sendTo, MemorySegment data) {
    ports.getFirst().sibling(sendTo);
    long bytes = data.byteSize();
    if (bytes < LEAST_DATA || FramePool.FRAME_BYTES < bytes) {
      throw new IllegalArgumentException(
          "sendData: " + bytes + " bytes: allowed: " + LEAST_DATA + ".." + FramePool.FRAME_BYTES);
    }
    count();
    return true;
  }

  void drop(Packet packet, DropReason reason) {
    sending.drop(packet, reason);
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes it
  private void count() {
    sends++;
  }

  long sends() {
    return sends;
  }

  /// Counters of the handlers, in the order of the chain.
  List<HandlerCounters> counters() {
    return generation.handlers().getFirst().stream().map(LoopSpinner.Counted::counters).toList();
  }

  List<Lane> lanes() {
    return generation.lanes();
  }

  @Override
  public void close() {
    pool.close();
  }
}
