package dev.sluice.runtime.pipeline;

import dev.sluice.kernel.ChunkStack;
import dev.sluice.kernel.FrameBatch;
import dev.sluice.plugin.DropReason;
import dev.sluice.plugin.HashFunction;
import dev.sluice.wire.Layers;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The paper's Read Thread: receives what all ports have, sees where each frame's layers start,
/// drops what no handler should judge, and spreads the rest over the RecvQueues.
final class ReadThread extends CallingRole {
  private final List<Port> ports;
  private final FreeFrames frames;
  private final List<RecvQueue> queues;
  private final Supplier<Generation> inForce;
  private final GenerationCell cell = new GenerationCell();
  private final Tally tally;
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

  private final FlowQuarantine quarantine;

  /// Flows whose packets are dropped in this turn, or null where there are none.
  private FlowQuarantine.@Nullable Flows quarantined;

  /// Null where this role has a thread of its own.
  private final @Nullable Fusion fusion;

  /// How far the last turn is, for whoever takes over: the generation, the port, and which frame of
  /// its batch was given to the hash function.
  private Generation inUse;

  private Port receiving;
  private int place;
  private @Nullable Frame hashed;

  /// One without flows to drop.
  ReadThread(
      List<Port> ports,
      FreeFrames frames,
      List<RecvQueue> queues,
      Supplier<Generation> inForce,
      PipelineSettings settings) {
    this(ports, frames, queues, inForce, settings, new FlowQuarantine(), null);
  }

  ReadThread(
      List<Port> ports,
      FreeFrames frames,
      List<RecvQueue> queues,
      Supplier<Generation> inForce,
      PipelineSettings settings,
      FlowQuarantine quarantine,
      @Nullable Fusion fusion) {
    this.tally = new Tally();
    this.fusion = fusion;
    this.quarantine = quarantine;
    this.inUse = inForce.get();
    this.receiving = ports.getFirst();
    this.ports = ports;
    this.untold = ports.stream().anyMatch(port -> port.device().receiveFd() < 0);
    this.frames = frames;
    this.queues = queues;
    this.inForce = inForce;
    this.batch = settings.batch();
    int leastQueue = Math.min(settings.recvQueue(), settings.sendQueue());
    this.mostUnderWay = Math.min(leastQueue, Port.MOST_OUTGOING) - batch;
    FramesAtHand atHand = fusion == null ? FramesAtHand.of(frames.total()) : fusion.atHand();
    this.free = atHand.chunks();
    this.spare = atHand.spare();
    this.runs = new FrameRun[queues.size()];
    for (int i = 0; i < runs.length; i++) {
      runs[i] = new FrameRun(fusion == null ? batch : fusion.capacity());
    }
    this.dropped = new FrameRun(batch);
    Set<PipelineSettings.Passed> passed = settings.passed();
    this.passMalformed = passed.contains(PipelineSettings.Passed.MALFORMED);
    this.passFragments = passed.contains(PipelineSettings.Passed.FRAGMENTS);
  }

  /// One that goes on where another was deposed in the hash function: it has all that was the
  /// other's, and counts in the same tally.
  private ReadThread(ReadThread before) {
    this.tally = before.tally;
    this.fusion = before.fusion;
    this.quarantine = before.quarantine;
    this.inUse = before.inUse;
    this.receiving = before.receiving;
    this.ports = before.ports;
    this.untold = before.untold;
    this.frames = before.frames;
    this.queues = before.queues;
    this.inForce = before.inForce;
    this.batch = before.batch;
    this.mostUnderWay = before.mostUnderWay;
    this.free = before.free;
    this.spare = before.spare;
    this.runs = before.runs;
    this.dropped = before.dropped;
    this.passMalformed = before.passMalformed;
    this.passFragments = before.passFragments;
    this.lent = before.lent;
    this.stacked = before.stacked;
  }

  @Override
  public int doWork() {
    Generation generation = inForce.get();
    cell.see(generation);
    inUse = generation;
    quarantined = quarantine.flows();
    int received = 0;
    for (int i = 0; i < ports.size(); i++) {
      received += receive(ports.get(i), generation.hash());
    }
    if (fusion != null && received > 0) {
      runs[0] = fusion.leave(runs[0]);
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
    receiving = port;
    take(port, 0, hash);
    return count;
  }

  /// Finds the way of the frames of a port's batch, from a place on.
  private void take(Port port, int from, HashFunction hash) {
    FrameBatch received = port.received();
    int count = received.count();
    for (int i = from; i < count; i++) {
      place = i;
      take(port, received, i, hash);
    }
    if (count > 0) {
      tally.add(Tally.RECEIVED, count);
      if (fusion == null) {
        hand();
      }
      frames.free(dropped);
    }
  }

  private void take(Port port, FrameBatch received, int at, HashFunction hash) {
    Frame frame = frames.fit(spare.pop(), received.chunk(at));
    Layers.Finding finding = frame.arrived(port, received, at);
    if (finding == Layers.Finding.MALFORMED && !passMalformed) {
      drop(frame, DropReason.MALFORMED);
    } else if (finding == Layers.Finding.FRAGMENT && !passFragments) {
      drop(frame, DropReason.FRAGMENT);
    } else if (quarantined != null && quarantined.has(frame)) {
      drop(frame, DropReason.FLOW_QUARANTINED);
    } else {
      steer(frame, hash);
    }
  }

  private void steer(Frame frame, HashFunction hash) {
    int queue = 0;
    if (runs.length > 1) {
      hashed = frame;
      boolean failed = false;
      calls(HASH);
      try {
        // The high half of the product folds any 32 bits evenly, without a division.
        queue = (int) ((Integer.toUnsignedLong(hash.hash(frame)) * runs.length) >>> 32);
      } catch (Throwable _) {
        failed = true;
      }
      returned();
      if (failed) {
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
  }

  /// Makes the role for a fresh thread, and finds the way of what is left of the batch; for whoever
  /// has deposed this. The frame that the stuck function was given is counted as dropped, and is
  /// nobody's until its thread has ended: see [#hashed].
  ///
  /// @param hash to go on with, which is known to return
  ReadThread succeed(HashFunction hash) {
    ReadThread next = new ReadThread(this);
    next.quarantined = quarantined;
    tally.drop(DropReason.HANDLER_STUCK);
    next.take(receiving, place + 1, hash);
    return next;
  }

  /// What the hash function was given last; for whoever has deposed this.
  @Nullable Frame hashed() {
    return hashed;
  }

  /// The generation of the last turn; for whoever has deposed this.
  Generation inUse() {
    return inUse;
  }

  /// Nobody tells of frames in a device without a descriptor, nor of chunks that come back.
  @Override
  public long restNanos() {
    return untold || free.size() < batch ? Idle.UNTOLD_NANOS : Idle.LONGEST_NANOS;
  }

  @Override
  public void leave() {
    stacked = free.size() + lent; // chunks may have come back since
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
