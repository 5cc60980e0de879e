package dev.sluice.runtime.pipeline;

import dev.sluice.kernel.ChunkStack;
import dev.sluice.kernel.FrameBatch;
import dev.sluice.kernel.LinkState;
import dev.sluice.plugin.DropReason;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The paper's Send Thread: gives what the SendQueue has to the devices, and their finished frames
/// back to the pool.
final class SendThread implements DutyCycle {
  private final List<Port> ports;
  private final SendQueue queue;
  private final FreeFrames frames;
  private final Tally tally = new Tally();
  private final FrameRun batch;
  private final FrameRun forReceive;
  private final ChunkStack finished;

  /// Frames whose chunks are on their way to a device or in one, of both shares of the pool.
  private final FrameStack spare;

  private final FrameStack spareForData;

  /// The ReadThread's, if one thread plays both roles: what devices have finished with goes there.
  private final @Nullable FramesAtHand atHand;

  private final int limit;

  /// Frames that devices have taken and not given back.
  private int underWay;

  /// Frames that came through no queue since the last turn: work that was done, for [Vigil].
  private int takenAhead;

  /// One with a thread of its own.
  SendThread(List<Port> ports, SendQueue queue, FreeFrames frames, int limit) {
    this(ports, queue, frames, limit, null);
  }

  /// @param atHand the ReadThread's, if one thread plays both roles
  SendThread(
      List<Port> ports,
      SendQueue queue,
      FreeFrames frames,
      int limit,
      @Nullable FramesAtHand atHand) {
    this.ports = ports;
    this.queue = queue;
    this.frames = frames;
    this.limit = limit;
    this.batch = new FrameRun(limit);
    this.forReceive = new FrameRun(limit);
    this.finished = new ChunkStack(frames.total());
    this.atHand = atHand;
    this.spare = atHand == null ? new FrameStack(frames.receiveTotal()) : atHand.spare();
    this.spareForData = new FrameStack(frames.total() - frames.receiveTotal());
  }

  @Override
  public int doWork() {
    int count = takeQueued() + takenAhead;
    queue.found(takenAhead);
    takenAhead = 0;
    int moved = 0;
    for (int i = 0; i < ports.size(); i++) {
      moved += push(ports.get(i));
    }
    return count + moved;
  }

  private int takeQueued() {
    batch.clear();
    int count = queue.drain(batch, limit);
    for (int i = 0; i < count; i++) {
      Frame frame = batch.at(i);
      take(frame, frame.leavesBy());
    }
    return count;
  }

  /// Has a frame leave by a port behind all that was queued before, as [#take].
  ///
  /// What another thread has queued before it changed what this frame was judged by is seen here:
  /// putting it in happens-before that change, and that before the verdict.
  boolean takeBehindQueued(Frame frame, Port port) {
    if (!queue.isEmpty()) {
      takeAllQueued();
    }
    takenAhead++;
    return take(frame, port);
  }

  /// All but what is just being put in, which nobody can know of yet.
  private void takeAllQueued() {
    int count = limit;
    while (count == limit) {
      count = takeQueued();
    }
  }

  /// Has a frame leave by a port in this turn or a later one.
  ///
  /// @return false if it was dropped, which is counted
  boolean take(Frame frame, @Nullable Port port) {
    if (port == null || port.outgoing().room() == 0) {
      refused(frame, DropReason.DEVICE_REFUSED);
      return false;
    }
    port.outgoing().add(frame.chunk(), frame.length(), 0, 0);
    frame.state(Frame.FREE);
    spares(frame.chunk()).push(frame);
    return true;
  }

  private FrameStack spares(int chunk) {
    return frames.isForData(chunk) ? spareForData : spare;
  }

  /// A frame over a chunk that a device has given back, or has not taken.
  private Frame refitted(int chunk) {
    return frames.fit(spares(chunk).pop(), chunk);
  }

  private int push(Port port) {
    int moved = 0;
    FrameBatch outgoing = port.outgoing();
    if (outgoing.count() > 0) {
      moved = port.device().send(outgoing, 0);
      port.device().flush();
      if (moved > 0) {
        accepted(outgoing, moved);
      }
      // A link that is down takes nothing; what waits for it would come out stale.
      if (moved == 0 && port.device().link() != LinkState.UP) {
        giveUp(outgoing, DropReason.DEVICE_REFUSED);
      }
    }
    return moved + reclaim(port, atHand);
  }

  private void accepted(FrameBatch outgoing, int count) {
    int data = 0;
    for (int i = 0; i < count; i++) {
      if (frames.isForData(outgoing.chunk(i))) {
        data++;
      }
    }
    underWay += count;
    tally.add(Tally.DATA_SENT, data);
    tally.add(Tally.FORWARDED, count - data);
    outgoing.removeFirst(count);
  }

  private void giveUp(FrameBatch outgoing, DropReason reason) {
    for (int i = 0; i < outgoing.count(); i++) {
      refused(refitted(outgoing.chunk(i)), reason);
    }
    outgoing.clear();
  }

  private void refused(Frame frame, DropReason reason) {
    if (frame.isForData()) {
      tally.add(Tally.DATA_DROPPED, 1);
    } else {
      tally.drop(reason);
    }
    frames.free(frame);
  }

  /// Also where devices see to it that the kernel goes on with what they took.
  ///
  /// @param back where received chunks go back to, whose frames are spare there already; null for
  ///   the queue
  private int reclaim(Port port, @Nullable FramesAtHand back) {
    int count = port.device().completed(finished);
    underWay -= count;
    while (finished.size() > 0) {
      int chunk = finished.pop();
      if (back == null || frames.isForData(chunk)) {
        free(refitted(chunk));
      } else {
        back.chunks().push(chunk);
      }
    }
    frames.free(forReceive);
    return count;
  }

  /// Received frames go back many at a time, since each operation on their queue is contended.
  private void free(Frame frame) {
    if (frame.isForData()) {
      frames.free(frame);
      return;
    }
    forReceive.accept(frame);
    if (forReceive.count() == limit) {
      frames.free(forReceive);
    }
  }

  @Override
  public boolean hasWork() {
    return !queue.isEmpty();
  }

  /// While frames wait for a device, or in one, it is to be looked after: nobody tells when its
  /// ring has room, or that it needs another push.
  @Override
  public long restNanos() {
    for (int i = 0; i < ports.size(); i++) {
      if (ports.get(i).outgoing().count() > 0) {
        return Idle.UNTOLD_NANOS;
      }
    }
    return underWay > 0 ? Idle.UNTOLD_NANOS : Idle.LONGEST_NANOS;
  }

  /// Drops what no device has taken, and takes back what devices have finished with; for another
  /// thread, when this one has ended and the devices have not.
  void abandon() {
    abandonQueued();
    for (Port port : ports) {
      giveUp(port.outgoing(), DropReason.STOPPING);
      reclaim(port, null);
    }
  }

  /// Drops what is queued; for another thread at a time, when this one has ended.
  void abandonQueued() {
    for (Frame frame = queue.poll(); frame != null; frame = queue.poll()) {
      refused(frame, DropReason.STOPPING);
    }
  }

  Tally tally() {
    return tally;
  }
}
