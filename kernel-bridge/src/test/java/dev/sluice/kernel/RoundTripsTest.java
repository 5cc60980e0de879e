package dev.sluice.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/// Round trips with a reflector, and the reflector alone.
@Privileged
class RoundTripsTest {
  private final TrafficLab lab = new TrafficLab();
  private final FramePattern pattern = Patterns.of(60, 1);

  @AfterEach
  void close() {
    lab.close();
  }

  private FrameReflector reflector(String name) throws Exception {
    return lab.network.call(() -> FrameReflector.open(name, pattern));
  }

  private RoundTrips trips(int most) throws Exception {
    return lab.network.call(() -> RoundTrips.open("gen0", pattern, most));
  }

  @Test
  void oneFrameMakesAllTripsAndStops() throws Exception {
    try (FrameReflector _ = reflector("gw0");
        RoundTrips trips = trips(10_000)) {
      assertEquals(0, trips.nanos().length);
      trips.launch();
      TrafficLab.await(10_000, trips::completed);
      long[] nanos = trips.nanos();
      assertEquals(10_000, nanos.length);
      for (long each : nanos) {
        assertTrue(0 < each && each < 1_000_000_000, each + " ns");
      }
      trips.launch();
      Thread.sleep(20);
      assertEquals(10_000, trips.completed());
    }
    assertFalse(lab.attached().contains("sluice_"), lab.attached());
  }

  @Test
  void tripsThroughAForwarderAreMadeToo() throws Exception {
    try (XdpForwarder _ = lab.redirect("gw0", "gw1");
        XdpForwarder _ = lab.redirect("gw1", "gw0");
        FrameReflector _ = reflector("snk0");
        RoundTrips trips = trips(1000)) {
      trips.launch();
      TrafficLab.await(1000, trips::completed);
    }
  }

  @Test
  void lostFrameIsLaunchedAgain() throws Exception {
    try (RoundTrips trips = trips(100_000_000)) {
      for (int i = 0; i < 5; i++) {
        FrameReflector reflector = reflector("gw0");
        int before = trips.completed();
        trips.launch();
        awaitMoreThan(before + 100, trips);
        reflector.close();
        int lost = trips.completed();
        Thread.sleep(20);
        assertTrue(trips.completed() <= lost + 1, "more than one frame was in flight");
      }
    }
  }

  @Test
  void lateFramesAreNoRoundTripsAndCountedApart() throws Exception {
    try (FramePool pool = FramePools.of(256);
        Port far = lab.port("gw0", pool, 0, 256);
        XdpForwarder _ = lab.network.call(() -> XdpForwarder.pass("gw0"));
        RoundTrips trips = trips(1000)) {
      far.device.start();
      trips.launch();
      byte[] first = far.receive(1).getFirst();
      trips.launch();
      byte[] second = far.receive(1).getFirst();
      TrafficLab.send(far, first);
      TrafficLab.send(far, Frames.plain(60, 1));
      assertEquals(0, far.drain(20).size());
      assertEquals(0, trips.completed());
      assertEquals(1, trips.late());
      TrafficLab.send(far, second);
      byte[] third = far.receive(1).getFirst();
      assertEquals(1, trips.completed());
      TrafficLab.send(far, second);
      assertEquals(0, far.drain(20).size());
      assertEquals(1, trips.completed());
      assertEquals(2, trips.late());
      assertEquals(List.of(1, 2, 3), List.of(number(first), number(second), number(third)));
      assertArrayEquals(exchanged(second), Arrays.copyOf(third, 12));
    }
  }

  private static void awaitMoreThan(int least, RoundTrips trips) throws InterruptedException {
    long until = System.nanoTime() + 10_000_000_000L;
    while (trips.completed() <= least && System.nanoTime() < until) {
      Thread.sleep(1);
    }
    assertTrue(trips.completed() > least, trips.completed() + " of " + least);
  }

  private static int number(byte[] frame) {
    return Patterns.get16(frame, Patterns.SEQUENCE_AT + 2);
  }

  /// The addresses of a frame, exchanged.
  private static byte[] exchanged(byte[] frame) {
    byte[] addresses = new byte[12];
    System.arraycopy(frame, 6, addresses, 0, 6);
    System.arraycopy(frame, 0, addresses, 6, 6);
    return addresses;
  }

  @Test
  void reflectorExchangesAddressesAndLeavesOthersToTheHost() throws Exception {
    try (FramePool pool = FramePools.of(512);
        Port near = lab.port("gen0", pool, 0, 256);
        Port host = lab.port("gw0", pool, 256, 256);
        XdpForwarder _ = lab.network.call(() -> XdpForwarder.pass("gen0"));
        FrameReflector _ = reflector("gw0")) {
      near.device.start();
      host.device.start();
      byte[] frame = Patterns.numbered(124, 77, 5);
      TrafficLab.send(near, frame);
      TrafficLab.send(near, Frames.plain(60, 1));
      byte[] back = near.receive(1).getFirst();
      byte[] expected = frame.clone();
      System.arraycopy(exchanged(frame), 0, expected, 0, 12);
      assertArrayEquals(expected, back);
      assertArrayEquals(Frames.plain(60, 1), host.receive(1).getFirst());
      assertEquals(0, host.drain(10).size());
    }
  }

  @Test
  void openingTwiceAndWrongNumbersAreRefused() throws Exception {
    try (RoundTrips _ = trips(1);
        FrameReflector _ = reflector("gw0");
        XdpForwarder _ = lab.redirect("gw1", "gw0")) {
      assertTrue(lab.attached().contains("sluice_trips"), lab.attached());
      assertTrue(lab.attached().contains("sluice_reflect"), lab.attached());
      assertRefused("gen0", () -> trips(1));
      assertRefused("gw0", () -> reflector("gw0"));
      assertRefused("gw1", () -> lab.redirect("gw1", "gen0"));
    }
    assertFalse(lab.attached().contains("sluice_"), lab.attached());
    assertThrows(IllegalArgumentException.class, () -> RoundTrips.open("lo", pattern, 0));
    FramePattern bare = new FramePattern(new byte[60], 1, -1, -1, 42, 46, -1, -1);
    assertThrows(IllegalArgumentException.class, () -> RoundTrips.open("lo", bare, 1));
  }

  private static void assertRefused(String where, Executable open) {
    KernelException e = assertThrows(KernelException.class, open);
    assertEquals(
        "Attaching an XDP program to " + where + " failed: EBUSY, something else uses it",
        e.getMessage());
  }

  @Test
  void forwarderWantsADriverThatRunsPrograms() {
    KernelException e =
        assertThrows(KernelException.class, () -> lab.network.call(() -> XdpForwarder.pass("lo")));
    assertEquals(
        "Attaching an XDP program to lo failed: EOPNOTSUPP, the driver cannot do it",
        e.getMessage());
    KernelException unknown =
        assertThrows(KernelException.class, () -> lab.redirect("gw0", "nosuch"));
    assertTrue(unknown.toString().contains("nosuch"), unknown.getMessage());
  }
}
