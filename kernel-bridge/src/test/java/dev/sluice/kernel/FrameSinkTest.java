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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Privileged
class FrameSinkTest {
  private static final long LAP = 1L << 25;

  private final TrafficLab lab = new TrafficLab();
  private final FramePool pool = FramePools.of(4096);
  private final Port neighbour = port("gw1", 0);

  private Port port(String name, int firstChunk) {
    try {
      return lab.port(name, pool, firstChunk, 2048);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @AfterEach
  void close() {
    neighbour.close();
    pool.close();
    lab.close();
  }

  private FrameSink.Counts seen(int flows, long... sequence) throws Exception {
    try (FrameSink sink = lab.sink("snk0", Patterns.of(60, flows), 0)) {
      for (long number : sequence) {
        TrafficLab.send(neighbour, Patterns.numbered(60, number, 0));
      }
      TrafficLab.await(sequence.length, () -> sink.counts().received());
      return sink.counts();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1, '5 6 8 7 9 7', 1, 2",
    "1, '5 5 5', 2, 0",
    "1, '31 32 63 64', 0, 0",
    "1, '64 63 32 31', 0, 3",
    "1, '64 63 63 64', 2, 2",
    "2, '1 0 3 2 5 4', 0, 0",
    "3, '2 1 0 5 4 3 1', 1, 1",
    "1, '4294967294 4294967295 0 1', 0, 0",
    "1, '4294967294 0 4294967295 1', 0, 1",
    "65536, '7 6 5 4', 0, 0"
  })
  void repeatedAndOvertakenFramesAreToldApart(
      int flows, String sequence, long duplicated, long reordered) throws Exception {
    long[] numbers = List.of(sequence.split(" ")).stream().mapToLong(Long::parseLong).toArray();
    FrameSink.Counts counts = seen(flows, numbers);
    assertEquals(duplicated, counts.duplicated());
    assertEquals(reordered, counts.reordered());
  }

  @Test
  void numberOfAnEarlierLapIsNoDuplicate() throws Exception {
    assertEquals(0, seen(1, 7, 8, 7 + LAP, 8 + LAP, 7 + 3 * LAP).duplicated());
    assertEquals(2, seen(1, 7, 7 + LAP, 9 + LAP, 7 + LAP, 9 + LAP).duplicated());
  }

  @Test
  void lostFramesAreThoseThatDoNotArrive() throws Exception {
    FramePattern pattern = Patterns.of(60, 64);
    try (FrameSink sink = lab.sink("snk0", pattern, 0);
        FrameGenerator generator = lab.generator(pattern)) {
      for (int i = 0; i < 3; i++) {
        XdpForwarder forwarder = lab.redirect("gw0", "gw1");
        TrafficLab.send(generator, 1000, () -> sink.counts().received());
        forwarder.close();
        generator.send(500);
      }
      assertEquals(4500, generator.sent());
      assertEquals(3000, sink.counts().received());
      assertEquals(0, sink.counts().duplicated());
      assertEquals(0, sink.counts().reordered());
    }
  }

  @Test
  void marksAreCountedByValue() throws Exception {
    try (FrameSink sink = lab.sink("snk0", Patterns.of(60, 1), 0)) {
      int sent = 0;
      for (int mark : new int[] {0, 1, 127, 128, 255, 255, 255}) {
        TrafficLab.send(neighbour, Patterns.numbered(60, sent++, mark));
      }
      TrafficLab.await(7, () -> sink.counts().received());
      List<Long> marks = sink.counts().marks();
      assertEquals(256, marks.size());
      assertEquals(7, marks.stream().mapToLong(Long::longValue).sum());
      assertEquals(List.of(1L, 1L), marks.subList(0, 2));
      assertEquals(List.of(1L, 1L), marks.subList(127, 129));
      assertEquals(3, marks.get(255));
    }
  }

  @Test
  void firstDelaysAreKeptAndCredible() throws Exception {
    FramePattern pattern = Patterns.of(60, 1);
    try (FrameSink sink = lab.sink("gw0", pattern, 100);
        FrameGenerator generator = lab.generator(pattern)) {
      assertEquals(0, sink.delays().length);
      generator.send(40);
      TrafficLab.await(40, () -> sink.delays().length);
      TrafficLab.send(generator, 1000, () -> sink.counts().received());
      assertEquals(100, sink.delays().length);
      for (long nanos : sink.delays()) {
        assertTrue(0 < nanos && nanos < 1_000_000_000, nanos + " ns");
      }
    }
  }

  @Test
  void resetForgetsEverything() throws Exception {
    try (FrameSink sink = lab.sink("snk0", Patterns.of(60, 1), 10)) {
      TrafficLab.send(neighbour, Patterns.numbered(60, 9, 3));
      TrafficLab.send(neighbour, Patterns.numbered(60, 9, 3));
      TrafficLab.send(neighbour, Frames.plain(60, 1));
      TrafficLab.await(1, () -> sink.counts().others());
      assertEquals(2, sink.delays().length);
      sink.reset();
      assertEquals(0, sink.counts().received() + sink.counts().others());
      assertEquals(0, sink.delays().length);
      TrafficLab.send(neighbour, Patterns.numbered(60, 8, 3));
      TrafficLab.send(neighbour, Patterns.numbered(60, 9, 3));
      TrafficLab.await(2, () -> sink.counts().received());
      assertEquals(0, sink.counts().duplicated());
      assertEquals(0, sink.counts().reordered());
      assertEquals(2, sink.counts().marks().get(3));
    }
  }

  @Test
  void othersReachTheHost() throws Exception {
    FramePattern pattern = Patterns.of(60, 1);
    byte[] unmarked = Patterns.numbered(60, 1, 0);
    unmarked[Patterns.MARKER_AT] = 0;
    byte[] tooShort = Arrays.copyOf(Patterns.numbered(60, 2, 0), 57);
    List<byte[]> others = List.of(unmarked, tooShort, Frames.plain(1514, 3), Frames.plain(20, 4));
    try (Port host = port("snk0", 2048);
        FrameSink sink = lab.sink("snk0", pattern, 0)) {
      host.device.start();
      TrafficLab.send(neighbour, Patterns.numbered(60, 0, 0));
      for (byte[] frame : others) {
        TrafficLab.send(neighbour, frame);
      }
      List<byte[]> received = host.receive(others.size());
      assertEquals(others.size(), received.size());
      for (int i = 0; i < others.size(); i++) {
        assertArrayEquals(others.get(i), received.get(i));
      }
      assertEquals(others.size(), sink.counts().others());
      assertEquals(1, sink.counts().received());
    }
  }

  @Test
  void longerFramesOfThePatternCountToo() throws Exception {
    try (FrameSink sink = lab.sink("snk0", Patterns.of(60, 1), 0)) {
      TrafficLab.send(neighbour, Patterns.numbered(1514, 0, 0));
      TrafficLab.send(neighbour, Patterns.numbered(58, 1, 0));
      TrafficLab.await(2, () -> sink.counts().received());
    }
  }

  @Test
  void interfaceWhoseDriverRunsNoProgramsIsServedBehindIt() throws Exception {
    lab.network.ip("link", "set", "lo", "up");
    try (Port itself = port("lo", 2048);
        FrameSink sink = lab.sink("lo", Patterns.of(60, 1), 0)) {
      TrafficLab.send(itself, Patterns.numbered(60, 1, 0));
      TrafficLab.send(itself, Patterns.numbered(60, 1, 0));
      TrafficLab.await(2, () -> sink.counts().received());
      assertEquals(1, sink.counts().duplicated());
    }
  }

  @Test
  void secondOneOnAnInterfaceIsRefusedUntilTheFirstIsClosed() throws Exception {
    FramePattern pattern = Patterns.of(60, 1);
    FrameSink sink = lab.sink("snk0", pattern, 0);
    KernelException e = assertThrows(KernelException.class, () -> lab.sink("snk0", pattern, 0));
    assertEquals(
        "Attaching an XDP program to snk0 failed: EBUSY, something else uses it", e.getMessage());
    assertTrue(lab.attached().contains("sluice_sink"));
    sink.close();
    sink.close();
    assertFalse(lab.attached().contains("sluice_"), lab.attached());
    lab.sink("snk0", pattern, 0).close();
  }

  @Test
  void delaysWithoutAStampAndWrongNumbersAreRefused() {
    FramePattern bare = new FramePattern(Patterns.frame(60, 9, 9), 1, -1, -1, 42, 46, -1, -1);
    assertThrows(IllegalArgumentException.class, () -> FrameSink.open("lo", bare, 1));
    assertThrows(IllegalArgumentException.class, () -> FrameSink.open("lo", bare, -1));
    FramePattern stamped = Patterns.of(60, 1);
    assertThrows(
        IllegalArgumentException.class, () -> FrameSink.open("lo", stamped, (1 << 27) + 1));
  }
}
