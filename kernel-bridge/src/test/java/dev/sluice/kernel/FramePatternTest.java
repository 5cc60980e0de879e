package dev.sluice.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FramePatternTest {
  private static FramePattern pattern(
      int flows, int flowAt, int checkAt, int sequenceAt, int markerAt, int stampAt, int markAt) {
    return new FramePattern(
        new byte[60], flows, flowAt, checkAt, sequenceAt, markerAt, stampAt, markAt);
  }

  @Test
  void fieldsMayTouchEachOtherAndBothEnds() {
    FramePattern full = pattern(65_536, 12, 14, 16, 20, 22, 59);
    assertEquals(60, full.neededBytes());
    assertEquals(20, pattern(1, -1, -1, 12, 18, -1, -1).neededBytes());
    assertEquals(60, pattern(1, -1, -1, 56, 12, -1, -1).neededBytes());
    assertEquals(60, pattern(1, -1, -1, 12, 58, -1, -1).neededBytes());
    assertEquals(60, pattern(1, -1, -1, 12, 16, 52, -1).neededBytes());
  }

  @Test
  void frameIsCopiedInAndOut() {
    byte[] frame = new byte[60];
    FramePattern pattern = new FramePattern(frame, 1, -1, -1, 12, 18, -1, -1);
    frame[18] = 1;
    pattern.frame()[18] = 1;
    assertEquals(0, pattern.number(18));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 59, 1515})
  void frameOfAnotherLengthIsRefused(int length) {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> new FramePattern(new byte[length], 1, -1, -1, 12, 18, -1, -1));
    assertEquals(
        "A frame pattern's frame has " + length + " bytes: allowed: 60..1514.", e.getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          0     | -1 | -1 | 12 | 18 | -1 | -1 | flows is 0: allowed: 1..65536
          -1    | -1 | -1 | 12 | 18 | -1 | -1 | flows is -1: allowed: 1..65536
          65537 | -1 | -1 | 12 | 18 | -1 | -1 | flows is 65537: allowed: 1..65536
          1 | -1 | -1 | -1 | 18 | -1 | -1 | sequenceAt is -1: allowed: 12..56 in a frame of 60 bytes
          1 | -1 | -1 | 12 | -1 | -1 | -1 | markerAt is -1: allowed: 12..58 in a frame of 60 bytes
          1 | -1 | -1 | 57 | 18 | -1 | -1 | sequenceAt is 57: allowed: 12..56 in a frame of 60 bytes
          1 | -1 | -1 | 12 | 59 | -1 | -1 | markerAt is 59: allowed: 12..58 in a frame of 60 bytes
          1 | 11 | -1 | 20 | 18 | -1 | -1 | flowAt is 11: allowed: 12..58 in a frame of 60 bytes
          1 | -2 | -1 | 20 | 18 | -1 | -1 | flowAt is -2: allowed: 12..58 in a frame of 60 bytes
          1 | 24 | 60 | 20 | 18 | -1 | -1 \
          | flowCheckAt is 60: allowed: 12..58 in a frame of 60 bytes
          1 | -1 | -1 | 20 | 18 | 53 | -1 | stampAt is 53: allowed: 12..52 in a frame of 60 bytes
          1 | -1 | -1 | 20 | 18 | -1 | 60 | markAt is 60: allowed: 12..59 in a frame of 60 bytes
          1 | -1 | -1 | 20 | 2147483647 | -1 | -1 \
          | markerAt is 2147483647: allowed: 12..58 in a frame of 60 bytes
          1 | -1 | -1 | 20 | 23 | -1 | -1 | sequenceAt is 20 and markerAt 23: these fields overlap
          1 | -1 | -1 | 20 | 18 | 11 | -1 | stampAt is 11: allowed: 12..52 in a frame of 60 bytes
          1 | -1 | -1 | 20 | 18 | 24 | 31 | stampAt is 24 and markAt 31: these fields overlap
          1 | 30 | 30 | 20 | 18 | -1 | -1 | flowAt is 30 and flowCheckAt 30: these fields overlap
          1 | -1 | 30 | 20 | 18 | -1 | -1 | flowCheckAt is 30 without flowAt: give both, or -1
          1 | 30 | 33 | 20 | 18 | -1 | -1 \
          | flowAt is 30 and flowCheckAt 33: allowed: both even, or both odd
          """)
  void flawIsRefusedByName(
      int flows,
      int flowAt,
      int checkAt,
      int sequenceAt,
      int markerAt,
      int stampAt,
      int markAt,
      String why) {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> pattern(flows, flowAt, checkAt, sequenceAt, markerAt, stampAt, markAt));
    assertEquals("A frame pattern's " + why + ".", e.getMessage());
  }
}
