package dev.sluice.runtime.supervisor;

import java.util.ArrayList;
import java.util.List;

/// A process with a thread that dies; ends with 3 if that has ended nothing else.
final class DyingThread {
  private DyingThread() {}

  /// Has a thread die, and waits for its end.
  ///
  /// @param args how it dies, whose thread it is, and its name
  public static void main(String[] args) throws InterruptedException {
    Runnable death =
        switch (args[0]) {
          case "memory" -> DyingThread::fill;
          case "stack" -> () -> deeper(0);
          case "internal" ->
              () -> {
                throw new InternalError("as a test wants it");
              };
          default ->
              () -> {
                throw new IllegalStateException("as a test wants it");
              };
        };
    Thread thread =
        args[1].equals("virtual")
            ? Thread.ofVirtual().unstarted(death)
            : Thread.ofPlatform().unstarted(death);
    if (!args[1].equals("bundle")) {
      thread.setUncaughtExceptionHandler(FatalErrors.handler());
    }
    thread.setName(args[2]);
    thread.start();
    thread.join();
    Runtime.getRuntime().halt(3);
  }

  /// Ends with the last bytes taken, and none given back before the handler has run.
  private static final List<byte[]> FILLED = new ArrayList<>();

  private static void fill() {
    int bytes = 1 << 20;
    while (true) {
      try {
        while (true) {
          FILLED.add(new byte[bytes]);
        }
      } catch (OutOfMemoryError e) {
        if (bytes == 16) {
          throw e;
        }
        bytes = Math.max(16, bytes / 2);
      }
    }
  }

  @SuppressWarnings("InfiniteRecursion") // that is how it dies
  private static int deeper(int depth) {
    return deeper(depth + 1) + 1;
  }
}
