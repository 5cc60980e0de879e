package dev.sluice.plugins.terminalauth;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.plugin.MemoryTables;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.BlockingQueue;
import org.bouncycastle.tls.ContentType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The protection of records after a handshake.
class SecureLineTest {
  private static final IpAddress ADDRESS = IpAddress.parse("10.0.0.11");
  private static final long NOW = 1_000_000_000_000L;
  private static final byte[] FINISHED = ByteBuffer.allocate(24).put((byte) 20).array();

  private final AuthSite site = new AuthSite();
  private final LineKeys keys = keys(16);
  private final AdmissionState state =
      new AdmissionState(new MemoryTables(), site, TestAuthority.PROVIDER);
  private final BlockingQueue<byte[]> sent = site.mailbox(new AuthSite.Endpoint("10.0.0.11", 4000));
  private SecureLine line = new SecureLine(ADDRESS, TerminalRecord.ofItsOwn(), state);

  private static LineKeys keys(int keyBytes) {
    byte[] block = new byte[2 * (keyBytes + 4)];
    new SplittableRandom(keyBytes).nextBytes(block);
    return new LineKeys(keyBytes, block, new byte[32]);
  }

  @BeforeEach
  void begin() throws Refused {
    HandshakeTrace trace = new HandshakeTrace();
    byte[] finished = RecordCipher.seal(keys.serverKey, keys.serverSalt, 22, 0, FINISHED);
    trace.sent(finished, 0, finished.length);
    trace.received(fromTerminal(ContentType.handshake, 0, FINISHED));
    byte[] forged = fromTerminal(ContentType.handshake, SecureLine.LAST_NUMBER, FINISHED);
    forged[forged.length - 1] ^= 1;
    trace.received(forged);
    begin(line, keys, trace);
  }

  private void begin(SecureLine begun, LineKeys with, HandshakeTrace trace) throws Refused {
    Datagram.Peer peer =
        new Datagram.Peer(
            site.terminalSide, 0xffffff, 0x11, ADDRESS, 4000, IpAddress.parse("10.0.0.1"));
    Datagram hello = new Datagram(peer, 1, 2405, new byte[0], new byte[0]);
    begun.begin(new Sessions.Handshake(hello, trace, with), SecureLine.finished(trace, with), NOW);
  }

  @AfterEach
  void close() {
    site.close();
  }

  private byte[] fromTerminal(int type, long number, byte[] content) {
    return RecordCipher.seal(keys.clientKey, keys.clientSalt, type, number, content);
  }

  private byte[] fromTerminal(long number) {
    return fromTerminal(ContentType.application_data, number, new byte[] {7});
  }

  private boolean opens(byte[] record) {
    return line.open(record) != null;
  }

  private byte @Nullable [] answer() {
    byte[] record = sent.poll();
    return record == null ? null : RecordCipher.open(keys.serverKey, keys.serverSalt, record);
  }

  @Test
  void authenticRecordIsOpened() {
    SecureLine.Message message = line.open(fromTerminal(1));
    assertNotNull(message);
    assertEquals(ContentType.application_data, message.type());
    assertArrayEquals(new byte[] {7}, message.content());
    assertEquals(0, line.discarded());
  }

  @Test
  void recordOfTheHandshakeDoesNotComeAgain() {
    assertFalse(opens(fromTerminal(ContentType.handshake, 0, FINISHED)));
    assertEquals(1, line.discarded());
  }

  @Test
  void recordOfTheHandshakeThatCameAmongForgedOnesDoesNotComeAgain() throws Refused {
    for (int kept = 0; kept < 3; kept++) {
      HandshakeTrace trace = new HandshakeTrace();
      byte[] finished = RecordCipher.seal(keys.serverKey, keys.serverSalt, 22, 0, FINISHED);
      trace.sent(finished, 0, finished.length);
      byte[] forged = fromTerminal(ContentType.handshake, 7, FINISHED);
      forged[forged.length - 1] ^= 1;
      byte[][] records = {fromTerminal(0), fromTerminal(1), fromTerminal(2)};
      for (int i = 0; i < 3; i++) {
        for (int j = 0; j < (i == kept ? 20 : 0); j++) {
          trace.received(forged);
        }
        trace.received(records[i]);
      }
      begin(line, keys, trace);
      for (byte[] record : records) {
        assertFalse(opens(record));
      }
      assertTrue(opens(fromTerminal(3)));
    }
  }

  @Test
  void forgedRecordOfTheHandshakeDoesNotMoveTheWindow() {
    assertTrue(opens(fromTerminal(1)));
  }

  @Test
  void recordComesOnce() {
    assertTrue(opens(fromTerminal(5)));
    assertFalse(opens(fromTerminal(5)));
    assertTrue(opens(fromTerminal(3)));
    assertFalse(opens(fromTerminal(3)));
    assertTrue(opens(fromTerminal(4)));
    assertEquals(2, line.discarded());
  }

  @Test
  void windowIsSixtyFourNumbersWide() {
    assertTrue(opens(fromTerminal(100)));
    assertTrue(opens(fromTerminal(37)));
    assertFalse(opens(fromTerminal(36)));
    assertTrue(opens(fromTerminal(200)));
    assertFalse(opens(fromTerminal(100)), "left behind");
    assertTrue(opens(fromTerminal(199)));
  }

  @Test
  void randomOrderOpensEachOnceAsAModelSays() {
    SplittableRandom random = new SplittableRandom(6347);
    boolean[] seen = new boolean[4000];
    seen[0] = true;
    int highest = 0;
    for (int i = 0; i < 6000; i++) {
      int number = Math.clamp(highest + random.nextInt(-70, 8), 0, seen.length - 1);
      boolean expected = !seen[number] && highest - number < 64;
      assertEquals(expected, opens(fromTerminal(number)), "number " + number);
      seen[number] |= expected;
      highest = Math.max(highest, expected ? number : 0);
    }
    assertTrue(highest > 1000);
  }

  @Test
  void changeOfAnyBitIsNoticed() {
    byte[] record = fromTerminal(9);
    for (int bit = 0; bit < 8 * record.length; bit++) {
      byte[] changed = record.clone();
      changed[bit / 8] ^= (byte) (1 << bit % 8);
      boolean ofLength = bit / 8 == 11 || bit / 8 == 12;
      // The length in the header is what the record was cut out by; the real one is authenticated.
      if (!ofLength) {
        assertFalse(opens(changed), "bit " + bit);
      }
    }
    assertTrue(opens(record));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 12, 13, 14, 21, 28, 36, 37})
  void cutRecordIsDiscarded(int bytes) {
    byte[] record = fromTerminal(9);
    assertTrue(bytes < record.length);
    if (bytes >= Records.HEADER_BYTES) {
      assertFalse(opens(Arrays.copyOf(record, bytes)));
    } else {
      assertEquals(0, Records.of(Arrays.copyOf(record, bytes)).size());
    }
    assertTrue(opens(record));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2, 3, 65_535})
  void otherEpochIsDiscarded(int epoch) {
    byte[] record = fromTerminal(9);
    record[3] = (byte) (epoch >> 8);
    record[4] = (byte) epoch;
    assertFalse(opens(record));
    assertEquals(1, line.discarded());
  }

  @Test
  void recordOfTheOtherDirectionIsNotAuthentic() {
    assertFalse(
        opens(
            RecordCipher.seal(
                keys.serverKey, keys.serverSalt, ContentType.application_data, 9, new byte[3])));
  }

  @Test
  void lastNumbersAreOpened() {
    assertTrue(opens(fromTerminal(SecureLine.LAST_NUMBER - 1)));
    assertTrue(opens(fromTerminal(SecureLine.LAST_NUMBER)));
    assertFalse(opens(fromTerminal(SecureLine.LAST_NUMBER)));
    assertTrue(opens(fromTerminal(SecureLine.LAST_NUMBER - 63)));
    assertFalse(opens(fromTerminal(SecureLine.LAST_NUMBER - 64)));
    assertFalse(opens(fromTerminal(1)));
  }

  @Test
  void noRecordIsSentOnceTheNumbersAreUsedUp() throws Exception {
    HandshakeTrace trace = new HandshakeTrace();
    byte[] finished =
        RecordCipher.seal(
            keys.serverKey, keys.serverSalt, 22, SecureLine.LAST_NUMBER - 2, FINISHED);
    trace.sent(finished, 0, finished.length);
    begin(line, keys, trace);
    line.say("one");
    line.say("two");
    assertTrue(line.isUsedUp());
    line.say("three");
    line.closeNotify();
    assertArrayEquals("one\n".getBytes(US_ASCII), answer());
    assertArrayEquals("two\n".getBytes(US_ASCII), answer());
    assertNull(sent.poll());
  }

  @Test
  void numbersOfSentRecordsGoOnInAnotherView() {
    TerminalRecord record = TerminalRecord.ofItsOwn();
    line = new SecureLine(ADDRESS, record, state);
    HandshakeTrace trace = new HandshakeTrace();
    byte[] finished = RecordCipher.seal(keys.serverKey, keys.serverSalt, 22, 0, FINISHED);
    trace.sent(finished, 0, finished.length);
    try {
      begin(line, keys, trace);
    } catch (Refused e) {
      throw new AssertionError(e);
    }
    for (int i = 1; i <= 10; i++) {
      new SecureLine(ADDRESS, record, state).say("line " + i);
      byte[] datagram = sent.remove();
      assertEquals(i, Records.numberOf(datagram));
      assertEquals(1, Records.epochOf(datagram));
    }
  }

  @Test
  void repeatedFlightIsAnsweredByTheGatewaysAgainWithNewNumbers() {
    line.answerHandshake(FINISHED, NOW);
    byte[] change = sent.remove();
    assertEquals(20, change[0]);
    assertEquals(0, Records.epochOf(change));
    assertEquals(14, change.length);
    byte[] flight = sent.remove();
    assertEquals(1, Records.numberOf(flight));
    assertArrayEquals(FINISHED, RecordCipher.open(keys.serverKey, keys.serverSalt, flight));
    line.answerHandshake(FINISHED, NOW + 1);
    assertNull(sent.poll(), "not at any rate");
    line.answerHandshake(FINISHED, NOW + 300_000_000L);
    assertEquals(2, sent.size());
    sent.clear();
    line.answerHandshake(FINISHED, NOW + 241_000_000_000L);
    assertNull(sent.poll(), "not for ever");
  }

  @Test
  void renegotiationIsRefused() {
    line.answerHandshake(new byte[] {1, 0, 0, 0}, NOW);
    assertArrayEquals(new byte[] {1, 100}, answer());
  }

  @Test
  void otherHandshakeMessagesAreNotAnswered() {
    line.answerHandshake(new byte[0], NOW);
    for (int type = 0; type < 256; type++) {
      if (type != 1 && type != 20) {
        line.answerHandshake(new byte[] {(byte) type, 0}, NOW);
      }
    }
    assertNull(sent.poll());
  }

  @Test
  void wipedLineHearsAndSaysNothing() {
    line.wipe();
    assertFalse(line.isOf(new Datagram.Peer(site.terminalSide, 0, 0, ADDRESS, 0, ADDRESS)));
    line.say("anything");
    assertNull(sent.poll());
  }

  @Test
  void keysThatAreNotTheLibrarysAreNoticed() {
    HandshakeTrace trace = new HandshakeTrace();
    byte[] finished = RecordCipher.seal(keys.clientKey, keys.clientSalt, 22, 0, FINISHED);
    trace.sent(finished, 0, finished.length);
    assertThrows(Refused.class, () -> SecureLine.finished(trace, keys));
    assertThrows(Refused.class, () -> SecureLine.finished(new HandshakeTrace(), keys));
  }
}
