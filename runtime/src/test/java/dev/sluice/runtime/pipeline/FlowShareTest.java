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
final class FlowShareTest {
  private static final Duration LIMIT = Duration.ofSeconds(3);
  private static final int BUSY = 1000; // packets a window

  private final HandOver all = new HandOver(1, LIMIT);
  private final FlowShare share = all.share(0);
  private long now = 1L << 40;

  private void begin() {
    all.begin(now);
  }

  /// A window of a busy link, whose packets take so long.
  private void window(long trialNanos, long fallbackNanos) {
    for (int packet = 0; packet < BUSY; packet++) {
      now += FlowShare.WINDOW_NANOS / BUSY;
      share.look(now, false);
      if (share.has(packet * 0x01234567)) {
        share.trialTook(trialNanos);
      } else {
        share.fallbackTook(fallbackNanos);
      }
    }
  }

  private int windowsUntilWhole(long trialNanos, long fallbackNanos) {
    int windows = 0;
    while (share.percent() < 100) {
      window(trialNanos, fallbackNanos);
      windows++;
    }
    return windows;
  }

  @Test
  void withoutATimeForItAllFlowsGoOverAtOnce() {
    HandOver atOnce = HandOver.atOnce(2);
    atOnce.begin(now);
    atOnce.share(1).look(now, true);
    assertTrue(hasAll(atOnce.share(1)));
    assertFalse(atOnce.isPending(now));
  }

  private static boolean hasAll(FlowShare share) {
    return IntStream.range(0, 10_000).allMatch(flow -> share.has(flow * 0x01234567));
  }

  @Test
  void handOverThatIsEndedIsOverWithTheNextTurn() {
    begin();
    window(100_000, 400);
    assertFalse(hasAll(share));
    all.end();
    assertFalse(all.isPending(now));
    share.look(now, true);
    assertTrue(hasAll(share));
  }

  @Test
  void firstOneInTwoHundredAndFiftySixGoesOver() {
    begin();
    share.look(now, true);
    long over = new Random(1).ints(1 << 16).filter(share::has).count();
    assertTrue(180 < over && over < 340, over + " of 65536");
    assertTrue(all.isPending(now));
  }

  @Test
  void versionThatIsAsFastHasAllAfterEightOrNineWindows() {
    begin();
    int windows = windowsUntilWhole(500, 400);
    assertTrue(windows == 8 || windows == 9, windows + " windows");
    assertFalse(all.isPending(now));
  }

  /// 100 µs a packet, as in the interpreter: all at once would be fifty times what there is.
  @Test
  void slowVersionKeepsASmallShareUntilItIsFast() {
    begin();
    for (int i = 0; i < 500; i++) {
      window(100_000, 400);
    }
    assertTrue(share.percent() <= 1, share.percent() + " %");
    assertTrue(all.isPending(now));
    assertTrue(windowsUntilWhole(500, 400) <= 9);
  }

  @Test
  void shareOfAVersionOfThreeTimesTheTimeIsBoundedByTheTimeItTakes() {
    begin();
    for (int i = 0; i < 500; i++) {
      window(1200, 400);
    }
    // An eighth of the packets takes 0.125 * 1000 * 1.2 us of 2 ms: 7.5 %, more than a sixteenth.
    assertEquals(12, share.percent());
  }

  @ParameterizedTest
  @ValueSource(longs = {500, 100_000})
  void afterItsTimeItHasAll(long trialNanos) {
    begin();
    now += LIMIT.toNanos() - 1;
    window(trialNanos, 400);
    assertEquals(100, share.percent());
    assertTrue(share.has(0xdeadbeef));
  }

  @Test
  void quietLinkIsHandedOverAtOnce() {
    begin();
    now += 17 * FlowShare.WINDOW_NANOS;
    share.look(now, false);
    assertTrue(hasAll(share));
  }

  @Test
  void standstillUnderLoadDoesNotCountAsQuiet() {
    begin();
    now += Duration.ofMillis(400).toNanos();
    share.look(now, true);
    window(500, 400);
    now += Duration.ofMillis(400).toNanos();
    share.look(now, true);
    window(500, 400);
    assertTrue(share.percent() < 10, share.percent() + " %");
  }

  @Test
  void flowsNeverGoBack() {
    begin();
    Random random = new Random(7);
    Set<Integer> over = new HashSet<>();
    for (int i = 0; i < 200_000; i++) {
      now += random.nextInt(30_000);
      int flow = random.nextInt(5000) * 0x01234567;
      share.look(now, random.nextBoolean());
      boolean has = share.has(flow);
      assertTrue(has || !over.contains(flow));
      if (has) {
        over.add(flow);
        share.trialTook(random.nextInt(200_000));
      } else {
        share.fallbackTook(random.nextInt(1000));
      }
    }
    assertTrue(over.size() > 10, "some went over");
  }

  @Test
  void nobodyWaitsForAWorkThreadWithoutPackets() {
    begin();
    assertFalse(all.isPending(now));
    share.look(now, true);
    assertTrue(all.isPending(now));
    assertFalse(all.isPending(now + LIMIT.toNanos()));
  }
}
