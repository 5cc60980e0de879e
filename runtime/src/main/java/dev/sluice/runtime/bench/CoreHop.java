package dev.sluice.runtime.bench;

import dev.sluice.kernel.Affinity;
import dev.sluice.kernel.KernelException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// How long one core waits until it sees what another has just written. What two threads hand each
/// other costs that for each line of the cache: some 30 ns where they share a cache, five times as
/// much where they do not. A host can move the cores of a virtual machine apart at any time.
final class CoreHop {
  private static final int ROUNDS = 20_000;

  private final AtomicLong turn = new AtomicLong();
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private volatile double nanos;

  private CoreHop() {}

  /// Measures, for some ten milliseconds.
  ///
  /// @return nanoseconds one way
  /// @throws KernelException if a thread may not run on one of these CPUs
  static double nanos(int one, int other) throws KernelException, InterruptedException {
    CoreHop hop = new CoreHop();
    Thread first = hop.start(one, 0);
    Thread second = hop.start(other, 1);
    first.join();
    second.join();
    Throwable thrown = hop.failure.get();
    if (thrown instanceof KernelException refused) {
      throw refused;
    }
    if (thrown != null) {
      throw new IllegalStateException("a thread of the measurement failed", thrown);
    }
    return hop.nanos;
  }

  /// @param side 0 begins and measures, 1 answers
  private Thread start(int core, int side) {
    return Thread.ofPlatform()
        .daemon()
        .start(() -> {
          try {
            Affinity.pin(core);
            play(side);
            long begun = System.nanoTime();
            play(side);
            if (side == 0) {
              nanos = (System.nanoTime() - begun) / (2.0 * ROUNDS);
            }
          } catch (KernelException | RuntimeException | Error e) {
            failure.set(e); // the other one is not left waiting
          }
        });
  }

  /// Waits for its turn, and passes it on.
  private void play(int side) {
    for (int i = 0; i < ROUNDS && failure.get() == null; i++) {
      while ((turn.getAcquire() & 1) != side && failure.get() == null) {
        Thread.onSpinWait();
      }
      turn.setRelease(turn.getPlain() + 1);
    }
  }
}
