package dev.sluice.runtime.iec104;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class LinkStateTest {
  private static final long MILLI = 1_000_000;

  private final LinkState state = new LinkState(new LinkTiming(3, 2, 100, 50, 200), 0);

  @Test
  void windowFillsAtKAndOpensWithAnAcknowledgement() {
    for (int number = 0; number < 3; number++) {
      assertFalse(state.windowIsFull());
      assertEquals(number, state.nextSendNumber(0));
    }
    assertTrue(state.windowIsFull());
    assertTrue(state.acknowledgementArrived(1, 0));
    assertFalse(state.windowIsFull());
    assertEquals(2, state.outstanding());
  }

  @Test
  void acknowledgementOfWhatWasNeverSentIsRefused() {
    assertFalse(state.acknowledgementArrived(1, 0));
    assertEquals(0, state.nextSendNumber(0));
    assertTrue(state.acknowledgementArrived(1, 0));
    assertFalse(state.acknowledgementArrived(0, 0));
    assertFalse(state.acknowledgementArrived(2, 0));
    assertFalse(state.acknowledgementArrived(32_767, 0));
  }

  @Test
  void numbersWrapAt32768() {
    for (int number = 0; number < Apdu.SEQUENCE_MODULUS; number++) {
      assertEquals(number, state.nextSendNumber(0));
      assertTrue(state.informationArrived(number, 0));
      assertTrue(state.acknowledgementArrived((number + 1) % Apdu.SEQUENCE_MODULUS, 0));
    }
    assertEquals(0, state.nextSendNumber(0));
    assertTrue(state.informationArrived(0, 0));
  }

  @Test
  void gapAndRepetitionOfSendNumbersAreRefused() {
    assertFalse(state.informationArrived(1, 0));
    assertTrue(state.informationArrived(0, 0));
    assertFalse(state.informationArrived(0, 0));
  }

  @Test
  void acknowledgementIsDueAfterWFramesOrT2() {
    assertTrue(state.informationArrived(0, 10 * MILLI));
    assertFalse(state.acknowledgementIsDue());
    assertEquals(LinkState.Due.NOTHING, state.due(59 * MILLI));
    assertEquals(LinkState.Due.ACKNOWLEDGE, state.due(60 * MILLI));
    assertTrue(state.informationArrived(1, 20 * MILLI));
    assertTrue(state.acknowledgementIsDue());
    state.acknowledged();
    assertFalse(state.acknowledgementIsDue());
    assertEquals(LinkState.Due.NOTHING, state.due(60 * MILLI));
  }

  @Test
  void silenceIsTestedAfterT3AndFailsT1Later() {
    assertEquals(LinkState.Due.NOTHING, state.due(199 * MILLI));
    assertEquals(LinkState.Due.TEST, state.due(200 * MILLI));
    state.testSent(200 * MILLI);
    assertEquals(LinkState.Due.NOTHING, state.due(299 * MILLI));
    assertEquals(LinkState.Due.FAIL, state.due(300 * MILLI));
    state.testConfirmed();
    state.frameArrived(290 * MILLI);
    assertEquals(LinkState.Due.NOTHING, state.due(300 * MILLI));
  }

  @Test
  void unacknowledgedInformationFailsAfterT1() {
    assertEquals(0, state.nextSendNumber(0));
    assertEquals(1, state.nextSendNumber(60 * MILLI));
    assertEquals(LinkState.Due.FAIL, state.due(100 * MILLI));
    assertTrue(state.acknowledgementArrived(1, 90 * MILLI));
    assertEquals(LinkState.Due.NOTHING, state.due(189 * MILLI));
    assertEquals(LinkState.Due.FAIL, state.due(190 * MILLI));
  }

  @Test
  void unconfirmedStartFailsAfterT1() {
    state.startSent(0);
    assertEquals(LinkState.Due.FAIL, state.due(100 * MILLI));
    state.startConfirmed();
    assertEquals(LinkState.Due.NOTHING, state.due(100 * MILLI));
  }

  @Test
  void timingOutsideItsRangesIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> new LinkTiming(0, 1, 2, 1, 1));
    assertThrows(IllegalArgumentException.class, () -> new LinkTiming(32_768, 1, 2, 1, 1));
    assertThrows(IllegalArgumentException.class, () -> new LinkTiming(12, 13, 2, 1, 1));
    assertThrows(IllegalArgumentException.class, () -> new LinkTiming(12, 8, 10, 10, 1));
    assertThrows(IllegalArgumentException.class, () -> new LinkTiming(12, 8, 2, 1, 0));
  }
}
