package dev.sluice.runtime.pipeline;

import dev.sluice.plugin.DropReason;
import dev.sluice.plugin.Verdict;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The paper's Work Thread: takes what its RecvQueue has, runs it through the generation's chain,
/// and queues what is to leave.
final class WorkThread extends CallingRole {
  /// How often handlers are given a tick.
  static final long TICK_NANOS = 10_000_000;

  private final int index;
  private final RecvQueue queue;
  private final SendQueue sendQueue;
  private final FreeFrames frames;
  private final Supplier<Generation> inForce;
  private final GenerationCell cell = new GenerationCell();
  private final Tally tally;

  /// Null where this role has a thread of its own.
  private final @Nullable Fusion fusion;

  /// What the last turn judged.
  private FrameRun batch;

  private final FrameRun leaving;
  private final FrameRun ended;
  private final int limit;

  /// Generation with which this thread last judged a packet, and how long its first turn with it
  /// took; written once for each generation.
  private volatile long switchedTo;

  private volatile long switchNanos;

  private long turns;

  /// Packets of this batch that passed the last handler.
  private int passed;

  private @Nullable Thread thread;
  private @Nullable Frame current;
  private @Nullable Frame handedOver;
  private long nextTickNanos = Long.MIN_VALUE;

  /// What the last turn works with, for whoever takes over.
  private Generation inUse;

  /// Whoever has taken over, or null. Set before its thread is started, so that this thread sees it
  /// whenever it matters.
  private @Nullable WorkThread successor;

  /// One with a thread of its own.
  WorkThread(
      int index,
      RecvQueue queue,
      SendQueue sendQueue,
      FreeFrames frames,
      Supplier<Generation> inForce,
      int limit) {
    this(index, queue, sendQueue, frames, inForce, limit, null);
  }

  /// @param fusion if one thread plays all roles
  WorkThread(
      int index,
      RecvQueue queue,
      SendQueue sendQueue,
      FreeFrames frames,
      Supplier<Generation> inForce,
      int batch,
      @Nullable Fusion fusion) {
    this.index = index;
    this.fusion = fusion;
    this.queue = queue;
    this.sendQueue = sendQueue;
    this.frames = frames;
    this.inForce = inForce;
    this.inUse = inForce.get();
    this.limit = fusion == null ? batch : fusion.capacity();
    this.tally = new Tally();
    this.batch = new FrameRun(limit);
    this.leaving = new FrameRun(limit);
    this.ended = new FrameRun(limit);
  }

  /// One that goes on where another was deposed: it takes frames from the same queue, and counts in
  /// the same tally, so that no sum ever goes down.
  private WorkThread(WorkThread before) {
    this.index = before.index;
    this.fusion = before.fusion;
    this.queue = before.queue;
    this.sendQueue = before.sendQueue;
    this.frames = before.frames;
    this.inForce = before.inForce;
    this.inUse = before.inUse;
    this.limit = before.limit;
    this.tally = before.tally;
    this.batch = new FrameRun(limit);
    this.leaving = new FrameRun(limit);
    this.ended = new FrameRun(limit);
    this.nextTickNanos = before.nextTickNanos;
  }

  @Override
  public int doWork() {
    Generation generation = inForce.get();
    boolean fresh = generation.number() != switchedTo;
    long began = fresh ? System.nanoTime() : 0;
    cell.see(generation);
    inUse = generation;
    thread = Thread.currentThread();
    batch.clear();
    turns++;
    passed = 0;
    int count = received();
    if (count > 0) {
      generation.loops().get(index).run(batch, 0, count, this);
      flush();
      count(generation, count);
    }
    long now = System.nanoTime();
    if (fresh && count > 0) {
      switchNanos = now - began;
      switchedTo = generation.number();
    }
    if (now - nextTickNanos >= 0 || nextTickNanos == Long.MIN_VALUE) {
      nextTickNanos = now + TICK_NANOS;
      tick(generation, now);
    }
    return count;
  }

  private int received() {
    if (fusion == null) {
      return queue.drain(batch, limit);
    }
    batch = fusion.take(batch);
    queue.found(batch.count());
    return batch.count();
  }

  /// Gives handlers a tick now, due or not; for the thread, between two turns.
  void tickNow() {
    tick(inUse, System.nanoTime());
  }

  private void count(Generation generation, int given) {
    LoopCounters counters = generation.lanes().get(index).counters();
    if (generation.chain().open()) {
      counters.ran(given, passed);
    } else {
      counters.dropped(given);
    }
  }

  private void tick(Generation generation, long now) {
    List<LoopSpinner.Counted> handlers = generation.handlers().get(index);
    for (int i = 0; i < handlers.size(); i++) {
      LoopSpinner.Counted counted = handlers.get(i);
      Throwable thrown = null;
      calls(TICK + i + 1);
      try {
        counted.handler().tick(now);
      } catch (Throwable failure) {
        thrown = failure;
      }
      returned();
      if (thrown != null) {
        counted.tickFailed(thrown);
      }
    }
  }

  /// Number of this turn, from 1; for the thread.
  long turn() {
    return turns;
  }

  /// Whether this turn found many packets waiting; for the thread.
  boolean isBusy() {
    return batch.count() >= Math.min(limit, FlowShare.FEW_PACKETS);
  }

  /// Gives a frame to the chain.
  void begin(Frame frame) {
    current = frame;
    frame.worker(this);
  }

  /// Does what the chain said of a frame.
  void end(Frame frame, Verdict verdict) {
    current = null;
    if (handedOver == frame) {
      handedOver = null;
      if (verdict != Verdict.TAKEN) {
        tally.add(Tally.MISUSES, 1);
      }
      return;
    }
    if (verdict == Verdict.PASS) {
      passed++;
      leave(frame);
    } else if (verdict == Verdict.ANSWERED) {
      tally.add(Tally.ANSWERED, 1);
      ended.accept(frame);
    } else {
      DropReason reason = verdict.reason();
      drop(frame, reason == null ? DropReason.HANDLER_MISUSE : reason);
    }
  }

  private void leave(Frame frame) {
    Port port = frame.leavesBy();
    if (port == null) {
      drop(frame, DropReason.NO_EGRESS);
    } else if (fusion != null) {
      fusion.send(frame, port);
    } else {
      frame.state(Frame.SENDING);
      leaving.accept(frame);
    }
  }

  private void drop(Frame frame, DropReason reason) {
    tally.drop(reason);
    ended.accept(frame);
  }

  private void flush() {
    flushLeaving();
    frames.free(ended);
  }

  private void flushLeaving() {
    for (int refused = sendQueue.offer(leaving); refused < leaving.count(); refused++) {
      tally.drop(DropReason.SEND_QUEUE_FULL);
      frames.free(leaving.at(refused));
    }
    leaving.clear();
  }

  /// Lets the caller take the packet that is being judged out of the handler's hands, by the
  /// handler's own wish: if it answers true, [#handOver] and [#stepIn] are to follow.
  ///
  /// @return false unless the caller is in `receive` on this thread with this frame, and still owns
  ///   it
  /// @throws IllegalStateException if it took so long that another thread has taken the frame
  boolean mayHandOver(Frame frame) {
    if (!isCaller() || current != frame || !owns(frame)) {
      return false;
    }
    if (!stepOut()) {
      throw new IllegalStateException("the packet was dropped: its handler was stuck");
    }
    return true;
  }

  /// What [#mayHandOver] allowed.
  void handOver(Frame frame, int nextState) {
    frame.state(nextState);
    if (nextState == Frame.HELD) {
      tally.add(Tally.HELD, 1);
    }
    handedOver = frame;
  }

  /// Whether the frame that is being judged was not handed over; for this thread.
  boolean owns(Frame frame) {
    return handedOver != frame;
  }

  /// Whether the caller is this thread. No other reads its own name in the field, whatever it sees.
  boolean isCaller() {
    return Thread.currentThread() == thread;
  }

  /// The last one that has taken over from this, for the thread of any of them.
  WorkThread latest() {
    WorkThread last = this;
    for (WorkThread next = successor; next != null; next = next.successor) {
      last = next;
    }
    return last;
  }

  /// Queues a frame that was handed over or released on this thread, behind those this batch
  /// already let through; after [#stepOut].
  boolean sendNow(Frame frame, Port port) {
    if (fusion != null) {
      return fusion.send(frame, port);
    }
    flushLeaving();
    if (sendQueue.offer(frame)) {
      return true;
    }
    tally.drop(DropReason.SEND_QUEUE_FULL);
    frames.free(frame);
    return false;
  }

  /// Makes the role for a fresh thread; for whoever has deposed this.
  WorkThread succeed() {
    WorkThread next = new WorkThread(this);
    successor = next;
    return next;
  }

  /// Decides what becomes of this batch; for whoever has deposed this. What had its verdict gets
  /// it, the rest is dropped as `handler-stuck`.
  ///
  /// @return the frame that the stuck handler can still touch, which nobody must have until its
  ///   thread has ended, or null if there is none
  @Nullable Frame settle() {
    Frame stuck = current;
    Frame kept = stuck == null || handedOver == stuck ? null : stuck;
    if (kept != null) {
      tally.drop(DropReason.HANDLER_STUCK);
    }
    // Between packets the whole batch has its verdicts: that is a tick.
    int judged = stuck == null ? batch.count() : batch.indexOf(stuck) + 1;
    for (int i = judged; i < batch.count(); i++) {
      drop(batch.at(i), DropReason.HANDLER_STUCK);
    }
    if (stuck != null) {
      LoopCounters counters = inUse.lanes().get(index).counters();
      counters.ran(batch.count(), passed);
      counters.stuck(batch.count() - judged + 1);
    }
    flush();
    return kept;
  }

  /// How long the first turn took that had packets of this generation, in nanoseconds; 0 if there
  /// was none.
  long switchNanos(long number) {
    return switchedTo == number ? switchNanos : 0;
  }

  /// The generation of the last turn; for whoever has deposed this.
  Generation inUse() {
    return inUse;
  }

  int index() {
    return index;
  }

  /// Drops what is queued; for another thread, when this one has ended.
  void abandon() {
    batch.clear();
    while (received() > 0) {
      for (int i = 0; i < batch.count(); i++) {
        drop(batch.at(i), DropReason.STOPPING);
      }
      batch.clear();
      frames.free(ended);
    }
  }

  @Override
  public boolean hasWork() {
    return !queue.isEmpty();
  }

  /// Until handlers are due for their tick.
  @Override
  public long restNanos() {
    return nextTickNanos - System.nanoTime();
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
}
