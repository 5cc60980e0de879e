package dev.sluice.runtime.pipeline;

import dev.sluice.kernel.ChunkStack;
import dev.sluice.kernel.FramePool;
import dev.sluice.plugin.DropReason;
import org.jctools.queues.varhandle.MpmcVarHandleArrayQueue;
import org.jctools.queues.varhandle.MpscVarHandleArrayQueue;
import org.jspecify.annotations.Nullable;

/// Every frame of the pool, and those that nobody owns. The pool has two shares that never mix, so
/// that neither what the ports receive nor what `sendData` sends can starve the other: one that
/// only the ReadThread takes from, and one that any thread takes from.
final class FreeFrames {
  private final FramePool pool;
  private final Frame[] frames;
  private final int dataFrames;
  private final MpscVarHandleArrayQueue<Frame> forReceive;
  private final MpmcVarHandleArrayQueue<Frame> forData;

  FreeFrames(FramePool pool, int dataFrames, Port nowhere) {
    this.pool = pool;
    this.frames = new Frame[pool.chunks()];
    this.dataFrames = dataFrames;
    pool.setAside(dataFrames); // or ports would be lent all that is left for other ports
    this.forReceive = new MpscVarHandleArrayQueue<>(frames.length);
    this.forData = new MpmcVarHandleArrayQueue<>(dataFrames);
    for (int chunk = 0; chunk < frames.length; chunk++) {
      boolean data = chunk < dataFrames;
      frames[chunk] = new Frame(chunk, pool.frame(chunk), data, nowhere);
      free(frames[chunk]);
    }
  }

  /// One of them, whichever chunk it is over now.
  ///
  /// @param number 0..[#total] - 1
  Frame frame(int number) {
    return frames[number];
  }

  /// Makes a spare frame that of a chunk of the same share; for the owner of both.
  Frame fit(Frame spare, int chunk) {
    spare.fit(chunk, pool.frame(chunk));
    return spare;
  }

  /// Whether a chunk belongs to the share that `sendData` sends from.
  boolean isForData(int chunk) {
    return chunk < dataFrames;
  }

  /// Whether it is one of these, and not of another gateway's.
  boolean has(Frame frame) {
    return frame.number() < frames.length && frames[frame.number()] == frame;
  }

  int total() {
    return frames.length;
  }

  int receiveTotal() {
    return frames.length - dataFrames;
  }

  /// Gives a frame back; for its owner, on any thread. There is room for every frame, so it cannot
  /// fail unless one is freed twice.
  void free(Frame frame) {
    frame.state(Frame.FREE);
    boolean taken = frame.isForData() ? forData.offer(frame) : forReceive.offer(frame);
    if (!taken) {
      throw new IllegalStateException("chunk " + frame.chunk() + " was freed twice");
    }
  }

  /// Gives back received frames in one operation; for their owner, on any thread.
  void free(FrameRun run) {
    for (int i = 0; i < run.count(); i++) {
      run.at(i).state(Frame.FREE);
    }
    if (run.offerTo(forReceive) != run.count()) {
      throw new IllegalStateException("a chunk was freed twice");
    }
    run.clear();
  }

  /// For the ReadThread: moves free chunks to the stack that devices receive into, which gives the
  /// last one freed out first: its memory is still in the processor's caches.
  ///
  /// @param spare where the frames go that were over them
  void refill(ChunkStack stack, FrameStack spare, int most) {
    for (int i = 0; i < most; i++) {
      Frame frame = forReceive.relaxedPoll();
      if (frame == null) {
        return;
      }
      stack.push(frame.chunk());
      spare.push(frame);
    }
  }

  /// For the ReadThread: frames of the share for receiving that are on their way or held. What is
  /// being given back at this moment may be counted or not; it is in no other queue any more.
  int underWay(ChunkStack stack) {
    return receiveTotal() - forReceive.size() - stack.size();
  }

  /// For any thread: a frame to fill with data to send, or null if all of that share are in use.
  @Nullable Frame takeForData() {
    return forData.poll();
  }

  /// Frames in the two shares that nobody owns; exact when nothing moves.
  int free() {
    return forReceive.size() + forData.size();
  }

  /// Takes back what handlers hold, as dropped for `stopping`. No thread may use the frames any
  /// more.
  void takeBackHeld(Tally counted) {
    for (Frame frame : frames) {
      if (frame.takeHeld(Frame.FREE)) {
        counted.addShared(Tally.RELEASED, 1);
        counted.dropShared(DropReason.STOPPING);
        free(frame);
      }
    }
  }
}
