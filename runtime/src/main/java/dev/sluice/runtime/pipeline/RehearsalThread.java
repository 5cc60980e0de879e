package dev.sluice.runtime.pipeline;

import org.jspecify.annotations.Nullable;

/// A thread that rehearses. Its class is the mark by which [BundleSender] knows it.
final class RehearsalThread extends Thread {
  private final RehearsalPath path;

  RehearsalThread(RehearsalPath path, Runnable task) {
    super(task, "rehearsal");
    this.path = path;
    setDaemon(true);
  }

  /// What the calling thread rehearses in, or null if it does not.
  static @Nullable RehearsalPath callers() {
    return Thread.currentThread() instanceof RehearsalThread thread ? thread.path : null;
  }
}
