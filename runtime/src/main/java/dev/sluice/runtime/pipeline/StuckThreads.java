package dev.sluice.runtime.pipeline;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Threads that were replaced and have not ended, each with the one frame that its foreign code can
/// still touch. The frame is counted as dropped already; it goes back to the pool when the thread
/// has ended. Guarded by itself.
final class StuckThreads {
  /// As many may be stuck at a time, each with a stack, a processor's time perhaps, and a frame.
  static final int MOST = 8;

  private final FreeFrames frames;
  private final List<Entry> entries = new ArrayList<>();

  private record Entry(Thread thread, @Nullable Frame kept) {}

  StuckThreads(FreeFrames frames) {
    this.frames = frames;
  }

  synchronized void add(Thread thread, @Nullable Frame kept) {
    entries.add(new Entry(thread, kept));
  }

  /// Frees the frames of those that have ended.
  synchronized void reclaim() {
    for (Iterator<Entry> each = entries.iterator(); each.hasNext(); ) {
      Entry entry = each.next();
      if (!entry.thread().isAlive()) {
        each.remove();
        if (entry.kept() != null) {
          frames.free(entry.kept());
        }
      }
    }
  }

  synchronized int count() {
    return entries.size();
  }

  synchronized boolean has(Thread thread) {
    return entries.stream().anyMatch(entry -> entry.thread() == thread);
  }
}
