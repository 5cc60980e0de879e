package dev.sluice.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("alone")
class PollerTest {
  private static long nanosOf(Runnable work) {
    long begun = System.nanoTime();
    work.run();
    return System.nanoTime() - begun;
  }

  @Test
  void devicesWithoutDescriptorAreWaitedOut() throws KernelException {
    try (FramePool pool = FramePools.of(64);
        MemoryDevice device = MemoryDevice.open("poller", pool);
        Poller poller = new Poller(List.of(device))) {
      assertTrue(nanosOf(() -> assertFalse(poller.await(20_000_000))) >= 20_000_000);
      assertTrue(nanosOf(() -> assertFalse(poller.await(0))) < 20_000_000);
      assertTrue(nanosOf(() -> assertFalse(poller.await(Long.MIN_VALUE))) < 20_000_000);
    }
  }

  @Test
  @Privileged
  void frameEndsTheWait() throws Exception {
    try (LabNetwork network = new LabNetwork(false);
        FramePool pool = FramePools.of(128)) {
      network.wire("near", "far");
      try (Port near = new Port(network.attach("near", pool), pool, 0, 64);
          Port far = new Port(network.attach("far", pool), pool, 64, 64);
          Poller poller = new Poller(List.of(near.device, far.device))) {
        far.device.start();
        assertFalse(poller.await(1_000_000));
        near.send(Frames.plain(60, 1));
        assertTrue(nanosOf(() -> assertTrue(poller.await(2_000_000_000))) < 1_000_000_000);
        assertEquals(1, far.receive(1).size());
        assertFalse(poller.await(1_000_000));
      }
    }
  }

  @Test
  @Privileged
  void linkThatGoesDownEndsOneWaitOnly() throws Exception {
    try (LabNetwork network = new LabNetwork(false);
        FramePool pool = FramePools.of(128)) {
      network.wire("near", "far");
      try (Port far = new Port(network.attach("far", pool), pool, 64, 64);
          Poller poller = new Poller(List.of(far.device))) {
        far.device.start();
        network.ip("link", "set", "far", "down");
        assertFalse(poller.await(10_000_000));
        assertTrue(nanosOf(() -> assertFalse(poller.await(20_000_000))) >= 20_000_000);
        network.ip("link", "del", "far");
        assertFalse(poller.await(10_000_000));
        assertTrue(nanosOf(() -> assertFalse(poller.await(20_000_000))) >= 20_000_000);
      }
    }
  }

  @Test
  void waitingAllocatesNothing() throws KernelException {
    try (Poller poller = new Poller(List.of())) {
      long least = Long.MAX_VALUE;
      for (int round = 0; round < 10 && least > 0; round++) {
        long before = Exchange.allocatedBytes();
        for (int i = 0; i < 10_000; i++) {
          poller.wake();
          poller.await(0);
        }
        least = Math.min(least, Exchange.allocatedBytes() - before);
      }
      assertEquals(0, least);
    }
  }

  @Test
  void anotherThreadEndsTheWait() throws Exception {
    try (Poller poller = new Poller(List.of())) {
      Thread other =
          Thread.ofPlatform()
              .start(() -> {
                LockSupport.parkNanos(20_000_000);
                poller.wake();
              });
      assertTrue(nanosOf(() -> assertFalse(poller.await(5_000_000_000L))) < 4_000_000_000L);
      other.join();
    }
  }

  @Test
  void aCallBeforeTheWaitEndsItAndNoLaterOne() throws KernelException {
    try (Poller poller = new Poller(List.of())) {
      poller.wake();
      poller.wake();
      assertTrue(nanosOf(() -> assertFalse(poller.await(5_000_000_000L))) < 1_000_000_000L);
      assertTrue(nanosOf(() -> assertFalse(poller.await(20_000_000))) >= 20_000_000);
    }
  }

  @Test
  void wakingAClosedPollerDoesNothing() throws KernelException {
    Poller poller = new Poller(List.of());
    poller.close();
    poller.wake();
    poller.close();
    // Its descriptor's number is free for another, which must not be written to.
    try (Poller next = new Poller(List.of())) {
      poller.wake();
      assertTrue(nanosOf(() -> assertFalse(next.await(20_000_000))) >= 20_000_000);
    }
  }
}
