package dev.sluice.runtime.iec104;

import java.util.OptionalLong;

/// Sequence numbers and timers of one link, without the socket: what may be sent, what must be
/// sent, and when the link has failed. Times are [System#nanoTime]. Not thread-safe; the link
/// guards it.
///
/// Source: IEC 60870-5-104, clause 5.
final class LinkState {
  private static final long NANOS_PER_MILLI = 1_000_000;

  private final LinkTiming timing;

  private int sendNumber;
  private int acknowledgedNumber;
  private int receiveNumber;
  private int unacknowledgedReceived;

  /// When the oldest I frame that the peer has not acknowledged was sent.
  private long oldestUnacknowledgedAt;

  private long lastAcknowledgementDueAt;
  private long lastFrameAt;
  private OptionalLong testSentAt = OptionalLong.empty();
  private OptionalLong startSentAt = OptionalLong.empty();

  /// What the clock asks for.
  enum Due {
    NOTHING,
    /// t2 has passed: send an S frame.
    ACKNOWLEDGE,
    /// t3 has passed: send TESTFR act.
    TEST,
    /// t1 has passed: the link has failed.
    FAIL
  }

  LinkState(LinkTiming timing, long now) {
    this.timing = timing;
    this.lastFrameAt = now;
  }

  /// I frames sent and not acknowledged, 0..k.
  int outstanding() {
    return distance(acknowledgedNumber, sendNumber);
  }

  boolean windowIsFull() {
    return timing.k() <= outstanding();
  }

  int receiveNumber() {
    return receiveNumber;
  }

  /// Takes the N(S) of an I frame that is sent now; its N(R) acknowledges what was received.
  int nextSendNumber(long now) {
    if (outstanding() == 0) {
      oldestUnacknowledgedAt = now;
    }
    int number = sendNumber;
    sendNumber = next(sendNumber);
    unacknowledgedReceived = 0;
    return number;
  }

  /// Says that an S frame with [#receiveNumber] is sent.
  void acknowledged() {
    unacknowledgedReceived = 0;
  }

  /// Says that any frame has arrived, for t3.
  void frameArrived(long now) {
    lastFrameAt = now;
  }

  /// Takes in the N(S) of an I frame.
  ///
  /// @return false if it is not the next one: the link has failed
  boolean informationArrived(int number, long now) {
    if (number != receiveNumber) {
      return false;
    }
    receiveNumber = next(receiveNumber);
    if (unacknowledgedReceived++ == 0) {
      lastAcknowledgementDueAt = now + timing.t2Millis() * NANOS_PER_MILLI;
    }
    return true;
  }

  /// Whether w I frames wait for an acknowledgement.
  boolean acknowledgementIsDue() {
    return timing.w() <= unacknowledgedReceived;
  }

  /// Takes in an N(R).
  ///
  /// @return false if it acknowledges what was never sent or was acknowledged before: the link has
  ///   failed
  boolean acknowledgementArrived(int number, long now) {
    if (outstanding() < distance(acknowledgedNumber, number)) {
      return false;
    }
    if (number != acknowledgedNumber) {
      acknowledgedNumber = number;
      oldestUnacknowledgedAt = now;
    }
    return true;
  }

  void startSent(long now) {
    startSentAt = OptionalLong.of(now);
  }

  void startConfirmed() {
    startSentAt = OptionalLong.empty();
  }

  void testSent(long now) {
    testSentAt = OptionalLong.of(now);
  }

  void testConfirmed() {
    testSentAt = OptionalLong.empty();
  }

  /// What must happen at `now`, the gravest first.
  Due due(long now) {
    long t1 = timing.t1Millis() * NANOS_PER_MILLI;
    if ((outstanding() != 0 && t1 <= now - oldestUnacknowledgedAt)
        || (testSentAt.isPresent() && t1 <= now - testSentAt.getAsLong())
        || (startSentAt.isPresent() && t1 <= now - startSentAt.getAsLong())) {
      return Due.FAIL;
    }
    if (unacknowledgedReceived != 0 && lastAcknowledgementDueAt - now <= 0) {
      return Due.ACKNOWLEDGE;
    }
    boolean quiet = timing.t3Millis() * NANOS_PER_MILLI <= now - lastFrameAt;
    return quiet && testSentAt.isEmpty() ? Due.TEST : Due.NOTHING;
  }

  private static int next(int number) {
    return (number + 1) % Apdu.SEQUENCE_MODULUS;
  }

  private static int distance(int from, int to) {
    return Math.floorMod(to - from, Apdu.SEQUENCE_MODULUS);
  }
}
