package dev.sluice.runtime.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.kernel.KernelException;
import dev.sluice.plugin.Device;
import dev.sluice.plugin.Packet;
import dev.sluice.plugin.Verdict;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// However a gateway ends, its ports are given back and each frame's fate is told.
@Timeout(60)
final class ClosingTest {
  private static void awaitUninterrupted(CountDownLatch gate) {
    boolean open = false;
    while (!open) {
      try {
        gate.await();
        open = true;
      } catch (InterruptedException _) {
        // A handler that does not let itself be disturbed.
      }
    }
  }

  private static void assertConserved(PipelineCounters counters) {
    assertEquals(0, counters.inFlight(), counters.toString());
    assertEquals(0, counters.held(), counters.toString());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  @Timeout(30)
  void portsAreGivenBackAlthoughAHandlerNeverReturns(int workThreads) throws Exception {
    Rig rig = new Rig(PipelineSettings.standard(workThreads), TestFrames.udp(60));
    CountDownLatch gate = new CountDownLatch(1);
    CountDownLatch touched = new CountDownLatch(1);
    AtomicReference<Throwable> told = new AtomicReference<>();
    rig.publish(_ ->
        packet -> {
          awaitUninterrupted(gate);
          try {
            packet.memory().get(ValueLayout.JAVA_BYTE, 0);
          } catch (IllegalStateException e) {
            told.set(e);
          }
          touched.countDown();
          return Verdict.PASS;
        });
    rig.pipeline.start();
    rig.left.arrive(10);
    Rig.await("stuck", () -> rig.pipeline.counters().received() == 10);
    rig.close();
    assertTrue(rig.left.isClosed() && rig.right.isClosed());
    gate.countDown();
    touched.await();
    assertInstanceOf(IllegalStateException.class, told.get(), "memory of a closed gateway");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  void whatADeviceNeverTookIsCounted(int workThreads) throws Exception {
    Rig rig = new Rig(PipelineSettings.standard(workThreads), TestFrames.udp(60));
    rig.publish(_ -> _ -> Verdict.PASS);
    rig.right.accepts(false);
    rig.pipeline.start();
    rig.left.arrive(3000);
    Device right = rig.pipeline.devices().get(1);
    MemorySegment data = MemorySegment.ofArray(TestFrames.udp(60));
    for (int i = 0; i < 100; i++) {
      assertTrue(rig.pipeline.sendData(right, data));
    }
    Rig.await("all came in", () -> rig.pipeline.counters().received() == 3000);
    rig.close();
    PipelineCounters counters = rig.pipeline.counters();
    assertConserved(counters);
    assertEquals(3000, counters.droppedTotal());
    assertTrue(counters.dropped().getOrDefault("stopping", 0L) > 0, counters.toString());
    assertEquals(100, counters.dataSent() + counters.dataDropped());
    assertEquals(rig.pipeline.totalFrames(), rig.pipeline.freeFrames());
  }

  @Test
  void aDeviceThatThrowsWhileItIsClosedKeepsNoOtherOpen() throws Exception {
    Rig rig = new Rig(PipelineSettings.standard(1), TestFrames.udp(60));
    rig.pipeline.start();
    rig.left.trouble(TestDevice.Trouble.STOP_AND_CLOSE);
    assertThrows(IllegalStateException.class, rig::close);
    assertTrue(rig.left.isClosed() && rig.right.isClosed());
    assertFalse(rig.right.isStarted());
    rig.close();
  }

  @Test
  void twoThreadsMayCloseAndBothFindItClosed() throws Exception {
    Rig rig = new Rig(PipelineSettings.standard(1), TestFrames.udp(60));
    rig.pipeline.start();
    AtomicReference<Throwable> failure = new AtomicReference<>();
    Thread other =
        Thread.ofPlatform()
            .uncaughtExceptionHandler((_, e) -> failure.set(e))
            .start(() -> {
              rig.close();
              assertTrue(rig.right.isClosed());
            });
    rig.close();
    assertTrue(rig.right.isClosed());
    other.join();
    assertEquals(null, failure.get());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  @Timeout(30)
  void aHandlerCannotCloseTheGatewayThatCallsIt(int workThreads) throws Exception {
    try (Rig rig = new Rig(PipelineSettings.standard(workThreads), TestFrames.udp(60))) {
      rig.publish(_ ->
          _ -> {
            rig.close();
            return Verdict.PASS;
          });
      rig.pipeline.start();
      rig.left.arrive(10);
      rig.settle(10);
      assertEquals(10, rig.pipeline.counters().dropped().get("handler-failed"));
    }
  }

  @Test
  void aPacketHeldAcrossTheEndBelongsToNobody() throws Exception {
    Rig rig = new Rig(PipelineSettings.standard(0), TestFrames.udp(60));
    AtomicReference<Packet> held = new AtomicReference<>();
    rig.publish(_ ->
        packet -> {
          packet.hold();
          held.set(packet);
          return Verdict.TAKEN;
        });
    rig.pipeline.start();
    rig.left.arrive(1);
    rig.settle(1);
    rig.close();
    Device right = rig.pipeline.devices().get(1);
    Packet packet = held.get();
    assertThrows(IllegalStateException.class, () -> rig.pipeline.sendPacket(right, packet));
    assertThrows(IllegalStateException.class, () -> packet.memory().get(ValueLayout.JAVA_BYTE, 0));
    assertFalse(rig.pipeline.sendData(right, MemorySegment.ofArray(TestFrames.udp(60))));
    assertConserved(rig.pipeline.counters());
  }

  @Test
  void portsThatStartedAreStoppedWhenAnotherCannot() throws Exception {
    try (Rig rig = new Rig(PipelineSettings.standard(0), TestFrames.udp(60))) {
      rig.right.trouble(TestDevice.Trouble.START);
      assertThrows(KernelException.class, rig.pipeline::start);
      assertFalse(rig.left.isStarted());
    }
  }

  @Test
  void publishDoesNotWaitForAThreadThatHasEnded() throws Exception {
    try (Rig rig = new Rig(PipelineSettings.standard(1), TestFrames.udp(60))) {
      rig.left.trouble(TestDevice.Trouble.RECEIVE);
      rig.pipeline.start();
      Rig.await("read-0 ended", () -> rig.pipeline.failure() != null);
      Chain next = rig.chain(_ -> _ -> Verdict.PASS);
      assertTrue(rig.pipeline.publish(next, Duration.ofSeconds(5)));
    }
  }

  @Test
  void publishAfterTheEndWaitsForNobody() throws Exception {
    Rig rig = new Rig(PipelineSettings.standard(2), TestFrames.udp(60));
    rig.pipeline.start();
    rig.close();
    assertTrue(rig.pipeline.publish(rig.chain(_ -> _ -> Verdict.PASS), Rig.PATIENCE));
  }
}
