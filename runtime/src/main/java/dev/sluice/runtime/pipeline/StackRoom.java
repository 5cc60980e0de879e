package dev.sluice.runtime.pipeline;

/// Sees to it that there is stack enough for a hand-over. A handler that calls us from the depth of
/// a recursion may have none left, and a StackOverflowError between the two steps of a queue
/// operation would leave the queue broken for everybody. It is thrown here instead, before anything
/// has changed.
final class StackRoom {
  /// Calls that are still calls when the compiler has put two into one, each with what it keeps on
  /// the stack: some kilobytes. A hand-over takes less than 22 of them, but more than 10, with
  /// which queues were left broken.
  private static final int CALLS = 40;

  private StackRoom() {}

  /// @throws StackOverflowError if there is not enough
  static void need() {
    if (down(CALLS, 1, 2, 3, 4, 5, 6, 7, 8) == 0) {
      throw new AssertionError("an odd number is 0"); // the compiler must not know better
    }
  }

  /// All arguments are needed after the inner call, so that they must be kept on the stack.
  private static long down(
      int calls, long a, long b, long c, long d, long e, long f, long g, long h) {
    if (calls == 0) {
      return a | 1;
    }
    long inner = down(calls - 1, b, c, d, e, f, g, h, a);
    return (inner ^ a) + (inner ^ b) + (inner ^ c) + (inner ^ d) + (e | f) + (g | h) | 1;
  }
}
