package dev.sluice.runtime.pipeline;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// Threads that were replaced and have not ended, each with the one frame that its foreign code can
/// still touch. The frame is counted as dropped already; it goes back to the pool when the thread
/// has ended. Guarded by itself.
final class StuckThreads {
  /// As many may be stuck at a time, each with a stack, a processor's time perhaps, and a frame.
  static final int MOST = 8;

  private static final Thread[] NONE = {};

  private final FreeFrames frames;
  private final List<Entry> entries = new ArrayList<>();

  /// The threads of the entries, for whoever does not take the lock. Most often there are none, and
  /// then that is all that is read.
  private final AtomicReference<Thread[]> threads = new AtomicReference<>(NONE);

  private record Entry(Thread thread, @Nullable Frame kept) {}

  StuckThreads(FreeFrames frames) {
    this.frames = frames;
  }

  synchronized void add(Thread thread, @Nullable Frame kept) {
    entries.add(new Entry(thread, kept));
    tellThreads();
  }

  private void tellThreads() {
    threads.setRelease(entries.stream().map(Entry::thread).toArray(Thread[]::new));
  }

  /// Whether the caller is one of these: what it sends is not to leave any more. For any thread, at
  /// the cost of one read where none is stuck. The acquire goes with the release of who has written
  /// the array; a call that comes at the same time as the thread is replaced may still be let
  /// through.
  boolean isCaller() {
    Thread[] stuck = threads.getAcquire();
    if (stuck.length == 0) {
      return false;
    }
    Thread caller = Thread.currentThread();
    for (Thread thread : stuck) {
      if (thread == caller) {
        return true;
      }
    }
    return false;
  }

  /// Frees the frames of those that have ended.
  synchronized void reclaim() {
    for (Iterator<Entry> each = entries.iterator(); each.hasNext(); ) {
      Entry entry = each.next();
      if (!entry.thread().isAlive()) {
        each.remove();
        tellThreads();
        if (entry.kept() != null) {
          frames.free(entry.kept());
        }
      }
    }
  }

  synchronized int count() {
    return entries.size();
  }
}
