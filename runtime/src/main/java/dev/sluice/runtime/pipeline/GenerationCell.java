package dev.sluice.runtime.pipeline;

import java.util.concurrent.atomic.AtomicLong;

/// Where one thread says which generation it has seen (quiescent-state reclamation). At the start
/// of each turn it loads the generation in force and then stores that number, when it holds no
/// reference to an older one; so, when every thread's number has reached that of a new generation,
/// nobody uses the old.
final class GenerationCell {
  /// What a thread says that has ended: it uses none.
  private static final long GONE = Long.MAX_VALUE;

  private final AtomicLong seen = new AtomicLong();

  /// For the thread. Release: whatever it did with an older generation happened before.
  void see(Generation generation) {
    seen.setRelease(generation.number());
  }

  void leave() {
    seen.setRelease(GONE);
  }

  /// For the publisher. Acquire pairs with the release above.
  boolean hasReached(long number) {
    return seen.getAcquire() >= number;
  }
}
