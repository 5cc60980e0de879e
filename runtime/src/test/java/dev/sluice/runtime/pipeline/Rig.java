package dev.sluice.runtime.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.sluice.kernel.FramePool;
import dev.sluice.kernel.KernelException;
import dev.sluice.plugin.HashFunction;
import dev.sluice.plugin.PacketHandler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.IntFunction;

/// A pipeline over two test devices.
final class Rig implements AutoCloseable {
  static final HashFunction BY_NUMBER =
      packet ->
          (int)
                  packet
                      .memory()
                      .get(java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED, TestDevice.NUMBER_AT)
              * 0x9e3779b9;

  static final Duration PATIENCE = Duration.ofSeconds(10);

  final TestDevice left;
  final TestDevice right;
  final Pipeline pipeline;
  final FramePool pool;

  Rig(PipelineSettings settings, byte[]... templates) throws KernelException {
    pool = FramePool.create(settings.poolFrames() + settings.dataFrames());
    left = new TestDevice("left", pool, templates);
    right = new TestDevice("right", pool, templates);
    pipeline = new Pipeline(settings, pool, Port.over(List.of(left, right)), BY_NUMBER);
  }

  /// One handler for each WorkThread.
  void publish(IntFunction<PacketHandler> handler) throws InterruptedException {
    assertEquals(true, pipeline.publish(chain(handler), PATIENCE));
  }

  Chain chain(IntFunction<PacketHandler> handler) {
    List<PacketHandler> handlers = new ArrayList<>();
    for (int i = 0; i < pipeline.workThreads(); i++) {
      handlers.add(handler.apply(i));
    }
    return new Chain(List.of(new Chain.Link("test/1", handlers)), BY_NUMBER, true);
  }

  /// Waits until a condition holds.
  static void await(String what, BooleanSupplier condition) {
    long start = System.nanoTime();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - start > 60_000_000_000L) {
        throw new AssertionError("still not after 60 s: " + what);
      }
      LockSupport.parkNanos(200_000);
    }
  }

  /// Waits until so many frames came in and the fate of each is decided.
  void settle(long received) {
    await(
        "settled at " + received + ": " + pipeline.counters(),
        () -> {
          PipelineCounters now = pipeline.counters();
          return now.received() == received && now.inFlight() == 0;
        });
    assertNull(pipeline.failure());
  }

  /// Waits until nobody but the handlers owns a frame.
  void awaitWhole(long held) {
    await(
        "pool whole but for " + held + ": " + pipeline.freeFrames(),
        () -> pipeline.freeFrames() == pipeline.totalFrames() - held);
  }

  @Override
  public void close() {
    pipeline.close();
  }
}
