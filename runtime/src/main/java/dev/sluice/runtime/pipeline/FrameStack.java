package dev.sluice.runtime.pipeline;

/// Frames that one thread has at hand, the last one put in first out: their memory is still in the
/// caches. Not for concurrent use.
final class FrameStack {
  private final Frame[] frames;
  private int size;

  /// An empty stack.
  ///
  /// @param capacity most frames it holds
  FrameStack(int capacity) {
    this.frames = new Frame[capacity];
  }

  void push(Frame frame) {
    frames[size] = frame;
    size++;
  }

  /// Takes a frame; the caller knows that there is one.
  Frame pop() {
    size--;
    return frames[size];
  }

  int size() {
    return size;
  }
}
