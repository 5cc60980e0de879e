package dev.sluice.runtime.pipeline;

import org.jctools.queues.MessagePassingQueue;
import org.jspecify.annotations.Nullable;

/// Frames that one thread carries from one queue to the next in one turn. As the consumer of a
/// drain it collects them, as the supplier of a fill it gives them out, so that a hop costs one
/// queue operation for the batch and not one for each frame.
final class FrameRun
    implements MessagePassingQueue.Consumer<Frame>, MessagePassingQueue.Supplier<Frame> {
  private final @Nullable Frame[] frames;
  private int count;
  private int next;

  FrameRun(int capacity) {
    this.frames = new Frame[capacity];
  }

  @Override
  public void accept(Frame frame) {
    frames[count] = frame;
    count++;
  }

  @Override
  public Frame get() {
    Frame frame = at(next);
    next++;
    return frame;
  }

  int count() {
    return count;
  }

  Frame at(int index) {
    Frame frame = frames[index];
    if (frame == null) {
      throw new IndexOutOfBoundsException(index);
    }
    return frame;
  }

  /// Where a frame is, or -1.
  int indexOf(Frame frame) {
    for (int i = 0; i < count; i++) {
      if (frames[i] == frame) {
        return i;
      }
    }
    return -1;
  }

  void clear() {
    count = 0;
  }

  /// Offers all frames in order.
  ///
  /// @return how many the queue took; the rest, from that index on, still belongs to the caller
  int offerTo(MessagePassingQueue<Frame> queue) {
    next = 0;
    int taken = 0;
    while (taken < count) {
      int more = queue.fill(this, count - taken);
      if (more == 0) {
        break;
      }
      taken += more;
    }
    return taken;
  }
}
