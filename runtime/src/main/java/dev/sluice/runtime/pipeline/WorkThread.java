package dev.sluice.runtime.pipeline;

import dev.sluice.plugin.DropReason;
import dev.sluice.plugin.Verdict;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The paper's Work Thread: takes what its RecvQueue has, runs it through the generation's chain,
/// and queues what is to leave.
final class WorkThread implements DutyCycle {
  /// How often handlers are given a tick.
  static final long TICK_NANOS = 10_000_000;

  private final int index;
  private final RecvQueue queue;
  private final SendQueue sendQueue;
  private final FreeFrames frames;
  private final Supplier<Generation> inForce;
  private final GenerationCell cell = new GenerationCell();
  private final Tally tally = new Tally();
  private final FrameRun batch;
  private final FrameRun leaving;
  private final FrameRun ended;
  private final int limit;
  private @Nullable Thread thread;
  private @Nullable Frame current;
  private @Nullable Frame handedOver;

  /// Packets of this batch that passed the last handler.
  private int passed;

  private long nextTickNanos = Long.MIN_VALUE;

  WorkThread(
      int index,
      RecvQueue queue,
      SendQueue sendQueue,
      FreeFrames frames,
      Supplier<Generation> inForce,
      int limit) {
    this.index = index;
    this.queue = queue;
    this.sendQueue = sendQueue;
    this.frames = frames;
    this.inForce = inForce;
    this.limit = limit;
    this.batch = new FrameRun(limit);
    this.leaving = new FrameRun(limit);
    this.ended = new FrameRun(limit);
  }

  @Override
  public int doWork() {
    Generation generation = inForce.get();
    cell.see(generation);
    thread = Thread.currentThread();
    batch.clear();
    int count = queue.drain(batch, limit);
    if (count > 0) {
      passed = 0;
      generation.loops().get(index).run(batch, this);
      counted(generation, count);
      flush();
    }
    long now = System.nanoTime();
    if (now - nextTickNanos >= 0 || nextTickNanos == Long.MIN_VALUE) {
      nextTickNanos = now + TICK_NANOS;
      tick(generation, now);
    }
    return count;
  }

  private void counted(Generation generation, int given) {
    tally.add(Tally.GIVEN, given);
    tally.add(Tally.PASSED, passed);
    if (!generation.chain().open()) {
      tally.add(Tally.CLOSED, given);
    }
  }

  private void tick(Generation generation, long now) {
    List<LoopSpinner.Counted> handlers = generation.handlers().get(index);
    for (int i = 0; i < handlers.size(); i++) {
      LoopSpinner.Counted counted = handlers.get(i);
      try {
        counted.handler().tick(now);
      } catch (Throwable failure) {
        counted.tickFailed(failure);
      }
    }
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
    passed++;
    if (frame.leavesBy() == null) {
      drop(frame, DropReason.NO_EGRESS);
      return;
    }
    frame.state(Frame.SENDING);
    leaving.accept(frame);
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

  /// Takes the packet that is being judged out of the handler's hands, by its own wish.
  ///
  /// @return false unless the caller is in `receive` on this thread with this frame, and still owns
  ///   it
  boolean handOver(Frame frame, int nextState) {
    if (!isCaller() || current != frame || !owns(frame)) {
      return false;
    }
    handedOver = frame;
    frame.state(nextState);
    if (nextState == Frame.HELD) {
      tally.add(Tally.HELD, 1);
    }
    return true;
  }

  /// Whether the frame that is being judged was not handed over; for this thread.
  boolean owns(Frame frame) {
    return handedOver != frame;
  }

  /// Whether the caller is this thread. No other reads its own name in the field, whatever it sees.
  boolean isCaller() {
    return Thread.currentThread() == thread;
  }

  /// Queues a frame that was handed over or released on this thread, behind those this batch
  /// already let through.
  boolean sendNow(Frame frame) {
    flushLeaving();
    if (sendQueue.offer(frame)) {
      return true;
    }
    tally.drop(DropReason.SEND_QUEUE_FULL);
    frames.free(frame);
    return false;
  }

  /// Drops what is queued; for another thread, when this one has ended.
  void abandon() {
    while (queue.drain(batch, limit) > 0) {
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
