package dev.sluice.runtime.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Flows go over to a new version as fast as it can bear them.
final class HandOverTest {
  private static final Duration LIMIT = Duration.ofSeconds(3);
  private static final int BUSY = 1000; // packets a window
  private static final int TOGETHER = 1;

  private final HandOver handOver = new HandOver(LIMIT);
  private long now = 1L << 40;

  private void begin() {
    handOver.begin(now);
  }

  /// A window of a busy link, whose packets take so long.
  private void window(long trialNanos, long fallbackNanos) {
    for (int packet = 0; packet < BUSY; packet++) {
      now += HandOver.WINDOW_NANOS / BUSY;
      if (handOver.has(packet * 0x01234567, now, TOGETHER)) {
        handOver.trialTook(trialNanos);
      } else {
        handOver.fallbackTook(fallbackNanos);
      }
    }
  }

  private int windowsUntilWhole(long trialNanos, long fallbackNanos) {
    int windows = 0;
    while (handOver.percent() < 100) {
      window(trialNanos, fallbackNanos);
      windows++;
    }
    return windows;
  }

  @Test
  void withoutATimeForItAllFlowsGoOverAtOnce() {
    HandOver atOnce = new HandOver(Duration.ZERO);
    atOnce.begin(now);
    assertTrue(
        IntStream.range(0, 10_000).allMatch(flow -> atOnce.has(flow * 0x01234567, now, TOGETHER)));
    assertFalse(atOnce.isPending(now));
  }

  @Test
  void firstOneInTwoHundredAndFiftySixGoesOver() {
    begin();
    long over =
        new Random(1).ints(1 << 16).filter(flow -> handOver.has(flow, now, TOGETHER)).count();
    assertTrue(180 < over && over < 340, over + " of 65536");
    assertTrue(handOver.isPending(now));
  }

  @Test
  void versionThatIsAsFastHasAllAfterEightOrNineWindows() {
    begin();
    int windows = windowsUntilWhole(500, 400);
    assertTrue(windows == 8 || windows == 9, windows + " windows");
    assertFalse(handOver.isPending(now));
  }

  /// 100 µs a packet, as in the interpreter: all at once would be fifty times what there is.
  @Test
  void slowVersionKeepsASmallShareUntilItIsFast() {
    begin();
    for (int i = 0; i < 500; i++) {
      window(100_000, 400);
    }
    assertTrue(handOver.percent() <= 1, handOver.percent() + " %");
    assertTrue(handOver.isPending(now));
    assertTrue(windowsUntilWhole(500, 400) <= 9);
  }

  @Test
  void shareOfAVersionOfThreeTimesTheTimeIsBoundedByTheTimeItTakes() {
    begin();
    for (int i = 0; i < 500; i++) {
      window(1200, 400);
    }
    // An eighth of the packets takes 0.125 * 1000 * 1.2 us of 2 ms: 7.5 %, more than a sixteenth.
    assertEquals(12, handOver.percent());
  }

  @ParameterizedTest
  @ValueSource(longs = {500, 100_000})
  void afterItsTimeItHasAll(long trialNanos) {
    begin();
    now += LIMIT.toNanos() - 1;
    window(trialNanos, 400);
    assertEquals(100, handOver.percent());
    assertTrue(handOver.has(0xdeadbeef, now, TOGETHER));
  }

  @Test
  void quietLinkIsHandedOverAtOnce() {
    begin();
    now += 17 * HandOver.WINDOW_NANOS;
    assertTrue(
        IntStream.range(0, 10_000)
            .allMatch(flow -> handOver.has(flow * 0x01234567, now, TOGETHER)));
  }

  @Test
  void standstillUnderLoadDoesNotCountAsQuiet() {
    begin();
    now += Duration.ofMillis(400).toNanos();
    handOver.has(1, now, 64);
    window(500, 400);
    now += Duration.ofMillis(400).toNanos();
    handOver.has(1, now, 64);
    window(500, 400);
    assertTrue(handOver.percent() < 10, handOver.percent() + " %");
  }

  @Test
  void flowsNeverGoBack() {
    begin();
    Random random = new Random(7);
    Set<Integer> over = new HashSet<>();
    for (int i = 0; i < 200_000; i++) {
      now += random.nextInt(30_000);
      int flow = random.nextInt(5000) * 0x01234567;
      boolean has = handOver.has(flow, now, TOGETHER);
      assertTrue(has || !over.contains(flow));
      if (has) {
        over.add(flow);
        handOver.trialTook(random.nextInt(200_000));
      } else {
        handOver.fallbackTook(random.nextInt(1000));
      }
    }
    assertTrue(over.size() > 10, "some went over");
  }

  /// The high bits of a hash decide on the WorkThread, so within one they hardly differ.
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 8, 64})
  void partsAreEvenAmongTheFlowsOfOneWorkThread(int threads) {
    int[] parts = new int[HandOver.WHOLE];
    int flows = 0;
    Random random = new Random(3);
    while (flows < 256_000) {
      int flow = random.nextInt();
      if ((Integer.toUnsignedLong(flow) * threads) >>> 32 == threads / 2) {
        parts[HandOver.part(flow)]++;
        flows++;
      }
    }
    for (int part : parts) {
      assertTrue(800 < part && part < 1200, part + " of about 1000");
    }
  }

  @Test
  void nobodyWaitsForAWorkThreadWithoutPackets() {
    begin();
    assertFalse(handOver.isPending(now));
    handOver.has(1, now, TOGETHER);
    assertTrue(handOver.isPending(now));
    assertFalse(handOver.isPending(now + LIMIT.toNanos()));
  }
}
