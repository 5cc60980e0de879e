package dev.sluice.runtime.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

final class LossLogTest {
  private static final long LOOK_NANOS = 100_000_000;

  private final long begun = System.nanoTime();
  private final LossLog log = LossLog.idle(begun);
  private int looks;

  private void looks(int times, long lost, long stolenMillis) {
    for (int i = 0; i < times; i++) {
      look(new LossLog.Look(lost, stolenMillis, 0, 0));
    }
  }

  private void look(LossLog.Look look) {
    looks++;
    log.note(look, begun + looks * LOOK_NANOS);
  }

  private List<Long> frames() {
    return log.episodes().stream().map(LossLog.Episode::frames).toList();
  }

  @Test
  void whatWasLostBeforeDoesNotCount() {
    looks(5, 700, 0);
    assertEquals(List.of(), frames());
  }

  @Test
  void lossesInARowAreOneEpisode() {
    looks(1, 0, 0);
    looks(1, 10, 0);
    looks(3, 30, 0);
    looks(2, 35, 0);
    assertEquals(List.of(35L), frames());
    assertEquals(200, log.episodes().getFirst().atMillis());
  }

  @Test
  void lossesApartAreTwo() {
    looks(1, 0, 0);
    looks(6, 10, 0);
    looks(1, 11, 0);
    assertEquals(List.of(10L, 1L), frames());
  }

  @Test
  void aFileThatCannotBeReadForAMomentLosesNothing() {
    looks(1, 40, 0);
    looks(1, 0, 0);
    looks(1, 40, 0);
    assertEquals(List.of(), frames());
  }

  @Test
  void timeThatWasStolenShortlyBeforeIsTold() {
    looks(1, 0, 100);
    looks(1, 0, 160);
    looks(1, 5, 160);
    assertEquals(60, log.episodes().getFirst().stolenMillis());
  }

  @Test
  void timeThatWasStolenLongBeforeIsNot() {
    looks(1, 0, 100);
    looks(8, 0, 160);
    looks(1, 5, 160);
    assertEquals(0, log.episodes().getFirst().stolenMillis());
  }

  @Test
  void timeThatIsStolenDuringAnEpisodeAddsUp() {
    looks(1, 0, 100);
    for (int i = 1; i <= 20; i++) {
      looks(1, i, 100 + 10 * i);
    }
    assertEquals(List.of(20L), frames());
    assertEquals(200, log.episodes().getFirst().stolenMillis());
  }

  @Test
  void whatWasSeenOfTheProcessorIsTold() {
    look(new LossLog.Look(0, 0, 30, 9));
    look(new LossLog.Look(0, 0, 30, 50));
    look(new LossLog.Look(5, 0, 45, 8));
    look(new LossLog.Look(6, 0, 50, 60));
    LossLog.Episode episode = log.episodes().getFirst();
    assertEquals(20, episode.withheldMillis());
    assertEquals(60, episode.probeMicros());
    assertEquals(4, log.probes().getTotalCount());
  }

  @Test
  void timeAtAThirdOfTheUsualSpeedAddsUp() {
    for (int i = 0; i < 20; i++) {
      look(new LossLog.Look(0, 0, 0, i % 2 == 0 ? 12 : 13));
    }
    assertEquals(0, log.slowMillis());
    look(new LossLog.Look(0, 0, 0, 30));
    assertEquals(0, log.slowMillis());
    look(new LossLog.Look(0, 0, 0, 50));
    look(new LossLog.Look(0, 0, 0, 55));
    assertEquals(200, log.slowMillis());
  }

  @Test
  void withoutAProbeNothingIsSlow() {
    looks(9, 0, 0);
    assertEquals(0, log.slowMillis());
  }

  @Test
  void theLastFileThatWasPlacedIsToldIfThereWasOne() {
    looks(1, 0, 0);
    looks(6, 3, 0);
    log.placed();
    looks(1, 4, 0);
    assertEquals(-1, log.episodes().getFirst().sincePlacedMillis());
    assertTrue(log.episodes().getLast().sincePlacedMillis() >= 0);
  }

  @Test
  void noMoreEpisodesAreKeptThanMayBe() {
    for (int i = 0; i < 2 * LossLog.MOST; i++) {
      looks(5, i, 0);
    }
    assertEquals(LossLog.MOST, log.episodes().size());
    assertEquals(2 * LossLog.MOST - 1, frames().stream().mapToLong(Long::longValue).sum());
  }
}
