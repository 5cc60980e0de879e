package dev.sluice.kernel;

/// Free chunks of the [FramePool] that one thread has at hand. Not for concurrent use.
public final class ChunkStack {
  private final int[] chunks;
  private int size;

  /// An empty stack.
  ///
  /// @param capacity most chunks it holds; the pool's count is always enough
  public ChunkStack(int capacity) {
    this.chunks = new int[capacity];
  }

  /// Adds a free chunk.
  ///
  /// @throws ArrayIndexOutOfBoundsException if the stack is full: some chunk was freed twice
  public void push(int chunk) {
    chunks[size] = chunk;
    size++;
  }

  /// Takes a free chunk; the caller has looked at [#size].
  public int pop() {
    size--;
    return chunks[size];
  }

  public int size() {
    return size;
  }
}
