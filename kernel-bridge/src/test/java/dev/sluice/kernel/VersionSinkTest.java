package dev.sluice.kernel;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The program meets frames made by hand, one at a time, and no interface.
@Privileged
class VersionSinkTest {
  private static final int FLOWS = 4;
  private static final int FORBIDDEN = 3;
  private static final int VERSIONS = 100;
  private static final int VERSION_AT = 58;

  private final FramePattern pattern = pattern(VERSION_AT, Patterns.STAMP_AT);
  private final VersionSink sink = sink();

  private static FramePattern pattern(int versionAt, int stampAt) {
    return new FramePattern(
        Patterns.frame(64, 9, 0xfff0),
        FLOWS,
        -1,
        -1,
        Patterns.SEQUENCE_AT,
        Patterns.MARKER_AT,
        stampAt,
        -1,
        -1,
        versionAt);
  }

  private VersionSink sink() {
    try {
      return VersionSink.detached(pattern, FORBIDDEN, VERSIONS);
    } catch (KernelException e) {
      System.err.println("SKIPPED a test with XDP programs: " + e.getMessage());
      return abort("the kernel loads no programs for this process: " + e.getMessage());
    }
  }

  @AfterEach
  void close() {
    sink.close();
  }

  private static byte[] frame(long sequence, int version, long madeNanos) {
    byte[] frame = Patterns.numbered(64, sequence, 0);
    ByteBuffer.wrap(frame).putInt(VERSION_AT, version).putLong(Patterns.STAMP_AT, madeNanos);
    return frame;
  }

  /// @return what the program answers
  private int meet(byte[] frame) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment run = arena.allocate(UapiBpf.ATTR_TEST_RUN);
      run.set(JAVA_INT, 0, sink.program().fd());
      run.set(JAVA_INT, 8, frame.length);
      run.set(JAVA_LONG, 16, arena.allocateFrom(JAVA_BYTE, frame).address());
      run.set(JAVA_INT, 32, 1); // repeat
      assertEquals(0, BpfCalls.bpf(UapiBpf.BPF_PROG_TEST_RUN, run));
      return run.get(JAVA_INT, 4);
    }
  }

  /// Has frames `sequence:version` come.
  private VersionSink.Counts counts(String frames) {
    for (String frame : frames.split(" ", -1)) {
      String[] parts = frame.split(":", -1);
      byte[] made = frame(Long.parseLong(parts[0]), Integer.parseInt(parts[1]), 1000);
      assertEquals(UapiBpf.XDP_DROP, meet(made));
    }
    return sink.counts();
  }

  @ParameterizedTest
  @CsvSource({
    "0:1 1:1 2:1 4:1 5:1 6:1, 0, 0, 0",
    "0:1 8:1 12:1, 0, 0, 1",
    "8:1, 0, 0, 2",
    "0:1 8:1 4:1 12:1, 0, 1, 0",
    "0:1 12:1 8:1 4:1, 0, 2, 0",
    "0:1 0:1 4:1, 1, 0, 0",
    "0:1 4:1 0:1, 1, 0, 0",
    "0:1 8:1 4:1 4:1 4:1, 2, 1, 0",
    "0:1 40:1 41:1 1:1, 0, 1, 18",
    "4294967292:1 0:1 4:1, 0, 0, 1073741823",
  })
  void lostRepeatedAndOvertakenFramesAreCountedExactly(
      String frames, long duplicated, long reordered, long missing) {
    VersionSink.Counts counts = counts(frames);
    assertEquals(duplicated, counts.duplicated(), "duplicated");
    assertEquals(reordered, counts.reordered(), "reordered");
    assertEquals(missing, counts.missing(), "missing");
    assertEquals(frames.split(" ", -1).length, counts.received());
  }

  @ParameterizedTest
  @CsvSource({
    "0:1 4:1 8:2 12:2 16:99, 0, 0, 0",
    "0:2 4:1 8:1 12:2, 2, 0, 0",
    "0:2 1:1 4:2 5:2, 0, 0, 0",
    "0:5 4:0 8:5, 0, 1, 0",
    "0:0 1:0 2:0, 0, 3, 0",
    "0:5 4:100 8:5, 0, 0, 1",
    "0:-1 4:2147483647 8:5, 0, 0, 2",
  })
  void versionsMayOnlyGrowWithinAFlow(String frames, long backwards, long unmarked, long strange) {
    VersionSink.Counts counts = counts(frames);
    assertEquals(backwards, counts.backwards(), "backwards");
    assertEquals(unmarked, counts.unmarked(), "unmarked");
    assertEquals(strange, counts.strange(), "strange");
  }

  @Test
  void framesOfTheForbiddenFlowAreCountedWhateverTheirVersion() {
    VersionSink.Counts counts = counts("3:1 7:0 2:1 11:5 15:200");
    assertEquals(4, counts.forbidden());
    assertEquals(1, counts.unmarked());
    assertEquals(1, counts.strange());
  }

  @Test
  void theVersionBeforeMayComeBackAfterATrial() {
    sink.onTrial(7);
    assertEquals(0, counts("0:6 4:7 8:7 12:6 16:6 20:8").backwards());
    assertEquals(2, sink.sight(7).count());
    assertEquals(3, sink.sight(6).count());
    assertEquals(1, counts("24:7 28:6").backwards());
  }

  @Test
  void framesMadeAfterTheEndOfTheirVersionAreStale() {
    long before = System.nanoTime();
    meet(frame(0, 4, 500));
    assertEquals(new VersionSink.Sight(1, sink.sight(4).firstNanos(), 500, 0), sink.sight(4));
    long first = sink.sight(4).firstNanos();
    assertTrue(before <= first && first <= System.nanoTime(), first + " after " + before);
    sink.ends(4, 700);
    meet(frame(4, 4, 699));
    meet(frame(8, 4, 700));
    meet(frame(12, 4, 701));
    meet(frame(16, 4, 600));
    assertEquals(new VersionSink.Sight(5, first, 701, 1), sink.sight(4));
    assertEquals(new VersionSink.Sight(0, 0, 0, 0), sink.sight(5));
  }

  @Test
  void oneFrameInSeventeenIsTimed() {
    long made = System.nanoTime();
    for (int sequence = 0; sequence < 17 * 80; sequence++) {
      meet(frame(sequence, 1, made));
    }
    List<Long> delays = new ArrayList<>();
    assertEquals(
        0,
        sink.delays((at, nanos) -> {
          assertEquals(made, at);
          delays.add(nanos);
        }));
    assertEquals(80 - 64, delays.size(), "all but those that may be half written");
    long most = System.nanoTime() - made;
    assertTrue(delays.stream().allMatch(nanos -> 0 < nanos && nanos <= most), delays.toString());
    assertEquals(0, sink.delays((_, _) -> delays.clear()));
    assertEquals(16, delays.size());
  }

  @Test
  void samplesThatNobodyFetchesInTimeAreLostAndCounted() {
    byte[] frame = frame(0, 1, 1);
    for (int i = 0; i < VersionCode.SAMPLES + 1000; i++) {
      meet(frame);
    }
    int[] fetched = {0};
    long lost = sink.delays((_, _) -> fetched[0]++);
    assertEquals(VersionCode.SAMPLES + 1000 - 64, lost + fetched[0]);
    assertTrue(1000 <= lost && lost < 2000, lost + " lost");
  }

  @Test
  void otherFramesReachTheHost() {
    byte[] unmarked = frame(0, 1, 1);
    unmarked[Patterns.MARKER_AT] = 0;
    byte[] tooShort = Arrays.copyOf(frame(0, 1, 1), VERSION_AT + 3);
    assertEquals(UapiBpf.XDP_PASS, meet(unmarked));
    assertEquals(UapiBpf.XDP_PASS, meet(tooShort));
    assertEquals(UapiBpf.XDP_PASS, meet(Frames.plain(1514, 3)));
    assertEquals(3, sink.counts().others());
    assertEquals(0, sink.counts().received());
  }

  @Test
  void resetForgetsEverything() {
    sink.onTrial(1);
    sink.ends(1, 1);
    counts("8:1 8:1 3:0");
    sink.reset();
    assertEquals(new VersionSink.Counts(0, 0, 0, 0, 0, 0, 0, 0, 0), sink.counts());
    VersionSink.Counts counts = counts("0:2 4:1");
    assertEquals(1, counts.backwards());
    assertEquals(0, counts.duplicated());
    assertEquals(0, sink.sight(1).stale());
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, VERSIONS, Integer.MAX_VALUE, Integer.MIN_VALUE})
  void versionsThatThereCannotBeAreRefused(int version) {
    assertThrows(IllegalArgumentException.class, () -> sink.sight(version));
    assertThrows(IllegalArgumentException.class, () -> sink.ends(version, 1));
    assertThrows(IllegalArgumentException.class, () -> sink.onTrial(version));
  }

  @Test
  void aPatternWithoutVersionOrStampAndWrongNumbersAreRefused() {
    for (FramePattern bad : List.of(pattern(-1, Patterns.STAMP_AT), pattern(VERSION_AT, -1))) {
      assertThrows(
          IllegalArgumentException.class, () -> VersionSink.detached(bad, FORBIDDEN, VERSIONS));
    }
    for (int versions : List.of(0, -1, (1 << 20) + 1)) {
      assertThrows(
          IllegalArgumentException.class, () -> VersionSink.detached(pattern, 0, versions));
    }
  }
}
