package dev.sluice.runtime.pipeline;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Map;
import java.util.stream.Collectors;

/// The threads of the packet path, as the virtual machine sees them.
final class PathThreads {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private PathThreads() {}

  /// Bytes that each thread of the pipeline has allocated in its life.
  static Map<Long, Long> allocated() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().matches("(fused|read|work|send)-\\d+"))
        .collect(
            Collectors.toMap(
                Thread::threadId, thread -> THREADS.getThreadAllocatedBytes(thread.threadId())));
  }

  /// Bytes that all of them have allocated since an earlier reading.
  static long allocatedSince(Map<Long, Long> before) {
    return allocated().entrySet().stream()
        .mapToLong(e -> e.getValue() - before.getOrDefault(e.getKey(), 0L))
        .sum();
  }
}
