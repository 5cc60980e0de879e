package dev.sluice.runtime.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class ProcessAgeTest {
  private static String stat(String name) {
    return "4711 (" + name + ") S 1 4711 4711 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 9 0 744016 99 77\n";
  }

  @Test
  void ageIsUptimeLessStart() {
    assertEquals(1000, ProcessAge.millis("7441.16 6139.01\n", stat("java")));
  }

  @Test
  void nameMayHoldParenthesesAndSpaces() {
    assertEquals(1000, ProcessAge.millis("7441.16 6139.01\n", stat("a) (b 1 2) c")));
  }

  @Test
  void ageGrowsWithTheClock() throws Exception {
    long before = ProcessAge.millis().orElseThrow();
    long began = System.nanoTime();
    Thread.sleep(300);
    long grown = ProcessAge.millis().orElseThrow() - before;
    long passed = (System.nanoTime() - began) / 1_000_000;
    assertTrue(Math.abs(grown - passed) <= 20, grown + " in " + passed + " ms");
  }
}
