package dev.sluice.runtime.pipeline;

import dev.sluice.kernel.ChunkStack;
import dev.sluice.kernel.FrameBatch;
import dev.sluice.plugin.DropReason;
import dev.sluice.plugin.HashFunction;
import dev.sluice.wire.Layers;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/// The paper's Read Thread: receives what all ports have, sees where each frame's layers start,
/// drops what no handler should judge, and spreads the rest over the RecvQueues.
final class ReadThread implements DutyCycle {
  private final List<Port> ports;
  private final FreeFrames frames;
  private final List<RecvQueue> queues;
  private final Supplier<Generation> inForce;
  private final GenerationCell cell = new GenerationCell();
  private final Tally tally = new Tally();
  private final ChunkStack free;

  /// One for each chunk that is in [#free] or lent to a device.
  private final FrameStack spare;

  private final FrameRun[] runs;
  private final FrameRun dropped;
  private final boolean passMalformed;
  private final boolean passFragments;
  private final int batch;

  /// With so few frames under way they cannot fill any queue by themselves, whatever way they take.
  private final int mostUnderWay;

  /// Chunks that devices were given in advance, to receive into.
  private int lent;

  /// Whether frames can arrive without ending a wait for them.
  private final boolean untold;

  private volatile int stacked;

  ReadThread(
      List<Port> ports,
      FreeFrames frames,
      List<RecvQueue> queues,
      Supplier<Generation> inForce,
      PipelineSettings settings) {
    this.ports = ports;
    this.untold = ports.stream().anyMatch(port -> port.device().receiveFd() < 0);
    this.frames = frames;
    this.queues = queues;
    this.inForce = inForce;
    this.batch = settings.batch();
    int leastQueue = Math.min(settings.recvQueue(), settings.sendQueue());
    this.mostUnderWay = Math.min(leastQueue, Port.MOST_OUTGOING) - batch;
    this.free = new ChunkStack(frames.total());
    this.spare = new FrameStack(frames.total());
    this.runs = new FrameRun[queues.size()];
    for (int i = 0; i < runs.length; i++) {
      runs[i] = new FrameRun(batch);
    }
    this.dropped = new FrameRun(batch);
    Set<PipelineSettings.Passed> passed = settings.passed();
    this.passMalformed = passed.contains(PipelineSettings.Passed.MALFORMED);
    this.passFragments = passed.contains(PipelineSettings.Passed.FRAGMENTS);
  }

  @Override
  public int doWork() {
    Generation generation = inForce.get();
    cell.see(generation);
    int received = 0;
    for (int i = 0; i < ports.size(); i++) {
      received += receive(ports.get(i), generation.hash());
    }
    stacked = free.size() + lent;
    return received;
  }

  private int receive(Port port, HashFunction hash) {
    // All that came back, not just what is wanted now, or the stack would be a queue.
    frames.refill(free, spare, 2 * batch + port.device().wanted());
    if (port.device().canWait() && frames.underWay(free) - lent > mostUnderWay) {
      return 0;
    }
    FrameBatch received = port.received();
    received.clear(batch);
    int before = free.size();
    int count = port.device().receive(received, free);
    lent += before - free.size() - count;
    for (int i = 0; i < count; i++) {
      take(port, received, i, hash);
    }
    if (count > 0) {
      tally.add(Tally.RECEIVED, count);
      hand();
    }
    return count;
  }

  private void take(Port port, FrameBatch received, int at, HashFunction hash) {
    Frame frame = frames.fit(spare.pop(), received.chunk(at));
    Layers.Finding finding = frame.arrived(port, received, at);
    if (finding == Layers.Finding.MALFORMED && !passMalformed) {
      drop(frame, DropReason.MALFORMED);
    } else if (finding == Layers.Finding.FRAGMENT && !passFragments) {
      drop(frame, DropReason.FRAGMENT);
    } else {
      steer(frame, hash);
    }
  }

  private void steer(Frame frame, HashFunction hash) {
    int queue = 0;
    if (runs.length > 1) {
      try {
        // The high half of the product folds any 32 bits evenly, without a division.
        queue = (int) ((Integer.toUnsignedLong(hash.hash(frame)) * runs.length) >>> 32);
      } catch (Throwable failure) {
        drop(frame, DropReason.HASH_FAILED);
        return;
      }
    }
    runs[queue].accept(frame);
  }

  private void drop(Frame frame, DropReason reason) {
    tally.drop(reason);
    dropped.accept(frame);
  }

  private void hand() {
    for (int i = 0; i < runs.length; i++) {
      FrameRun run = runs[i];
      for (int refused = queues.get(i).offer(run); refused < run.count(); refused++) {
        drop(run.at(refused), DropReason.RECV_QUEUE_FULL);
      }
      run.clear();
    }
    frames.free(dropped);
  }

  /// Nobody tells of frames in a device without a descriptor, nor of chunks that come back.
  @Override
  public long restNanos() {
    return untold || free.size() < batch ? Idle.UNTOLD_NANOS : Idle.LONGEST_NANOS;
  }

  @Override
  public void leave() {
    cell.leave();
  }

  GenerationCell cell() {
    return cell;
  }

  Tally tally() {
    return tally;
  }

  /// Free chunks that this thread has at hand or has lent to devices, as of its last turn.
  int stacked() {
    return stacked;
  }
}
