package dev.sluice.runtime.bench.swap;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sluice.kernel.VersionSink;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The checks in Java say the same as those in the kernel.
final class MemoryAuditTest {
  private static final int FLOWS = 4;
  private static final int FORBIDDEN = 3;
  private static final int VERSIONS = 100;

  private final MemoryAudit audit = new MemoryAudit(FLOWS, FORBIDDEN, VERSIONS);

  /// Has frames `sequence:version` come.
  private VersionSink.Counts counts(String frames) {
    for (String frame : frames.split(" ", -1)) {
      String[] parts = frame.split(":", -1);
      audit.judge(Integer.parseUnsignedInt(parts[0]), Integer.parseInt(parts[1]), 1000, 2000);
    }
    return audit.counts();
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
    assertEquals(4, counts("3:1 7:0 2:1 11:5 15:200").forbidden());
  }

  @Test
  void theVersionBeforeMayComeBackAfterATrial() {
    audit.onTrial(7);
    assertEquals(0, counts("0:6 4:7 8:7 12:6 16:6 20:8").backwards());
    assertEquals(1, counts("24:7 28:6").backwards());
    assertEquals(3, audit.sight(7).count());
  }

  @Test
  void framesMadeAfterTheEndOfTheirVersionAreStale() {
    audit.judge(0, 4, 500, 900);
    assertEquals(new VersionSink.Sight(1, 900, 500, 0), audit.sight(4));
    audit.ends(4, 700);
    audit.judge(4, 4, 699, 1000);
    audit.judge(8, 4, 700, 1000);
    audit.judge(12, 4, 701, 1000);
    audit.judge(16, 4, 600, 1000);
    assertEquals(new VersionSink.Sight(5, 900, 701, 1), audit.sight(4));
    assertEquals(new VersionSink.Sight(0, 0, 0, 0), audit.sight(5));
  }

  @Test
  void numberOfAnEarlierLapIsNoDuplicate() {
    int lap = 1 << 25;
    assertEquals(0, counts("8:1 " + (8 + lap) + ":1 " + (12 + lap) + ":1").duplicated());
    assertEquals(1, counts((8 + lap) + ":1").duplicated());
  }

  @Test
  void oneFrameInSeventeenIsTimed() {
    List<Long> delays = new ArrayList<>();
    for (int sequence = 0; sequence < 170; sequence++) {
      audit.judge(sequence, 1, 100, 100 + sequence);
    }
    assertEquals(0, audit.delays((_, nanos) -> delays.add(nanos)));
    assertEquals(List.of(0L, 17L, 34L, 51L, 68L, 85L, 102L, 119L, 136L, 153L), delays);
    assertEquals(0, audit.delays((_, nanos) -> delays.add(nanos)));
    assertEquals(10, delays.size());
  }
}
