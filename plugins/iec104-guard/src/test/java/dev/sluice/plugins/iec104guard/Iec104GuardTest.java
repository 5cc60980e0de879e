package dev.sluice.plugins.iec104guard;

import static dev.sluice.plugins.iec104guard.Talk.COMMAND;
import static dev.sluice.plugins.iec104guard.Talk.CONFIRMATION;
import static dev.sluice.plugins.iec104guard.Talk.INTERROGATION;
import static dev.sluice.plugins.iec104guard.Talk.STARTDT;
import static dev.sluice.plugins.iec104guard.Talk.SUPERVISORY;
import static dev.sluice.plugins.iec104guard.Talk.TESTFR;
import static dev.sluice.plugins.iec104guard.Talk.TIMED_COMMAND;
import static dev.sluice.plugins.iec104guard.Talk.bytes;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.sluice.plugin.SettingsException;
import dev.sluice.plugin.Verdict;
import dev.sluice.wire.Tcp;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class Iec104GuardTest {
  private static final String PASS = "pass";
  private static final String BLOCKED = "drop iec104-command-blocked";
  private static final String BROKEN = "drop iec104-not-parsable";
  private static final String OUT_OF_ORDER = "drop iec104-out-of-order";

  @ParameterizedTest
  @ValueSource(
      strings = {
        STARTDT,
        TESTFR,
        SUPERVISORY,
        INTERROGATION,
        CONFIRMATION,
        // Single point, spontaneous; 253 bytes behind the length; the smallest I frame.
        "680e0000000001010300010001000001",
        "680a0000000001000300ffff"
      })
  void whatIsNotBlockedPasses(String apdu) {
    boolean answer = apdu.equals(CONFIRMATION);
    assertEquals(answer ? BLOCKED : PASS, Talk.opened().toPort(1000, bytes(apdu)));
    assertEquals(PASS, Talk.opened().fromPort(5000, bytes(apdu)));
    assertEquals(PASS, new Talk().fromPort(77, bytes(apdu)));
  }

  @ParameterizedTest
  @ValueSource(strings = {COMMAND, TIMED_COMMAND})
  void blockedCommandsAreDroppedWhereverTheyStand(String command) {
    List<byte[]> segments =
        List.of(
            bytes(command),
            bytes(STARTDT, command),
            bytes(command, SUPERVISORY),
            bytes(INTERROGATION, SUPERVISORY, command, TESTFR),
            bytes(INTERROGATION, command.substring(0, 14)));
    for (byte[] segment : segments) {
      assertEquals(BLOCKED, Talk.opened().toPort(1000, segment));
      assertEquals(BLOCKED, Talk.opened().toPort(1000, segment));
    }
    assertEquals(
        BLOCKED, new Talk().toPort(5, bytes(command)), "also on a flow of which it knows nothing");
    Talk v6 = new Talk();
    v6.isV6 = true;
    v6.open();
    assertEquals(BLOCKED, v6.toPort(1000, bytes(command)));
    assertEquals(PASS, v6.toPort(1000, bytes(INTERROGATION)));
  }

  @Test
  void blockedCommandStaysBlockedWhenItIsRepeated() {
    Talk talk = Talk.opened();
    assertEquals(PASS, talk.toPort(1000, bytes(STARTDT)));
    for (int i = 0; i < 5; i++) {
      assertEquals(BLOCKED, talk.toPort(1006, bytes(COMMAND)));
    }
    assertEquals(OUT_OF_ORDER, talk.toPort(1022, bytes(TESTFR)));
    assertEquals(PASS, talk.fromPort(5000, bytes(TESTFR)));
  }

  @Test
  void masterThatIsAtThePortIsGuardedToo() {
    assertEquals(BLOCKED, Talk.opened().fromPort(5000, bytes(COMMAND)));
    String deactivation = COMMAND.replace("2d0106", "2d0108");
    assertEquals(BLOCKED, Talk.opened().fromPort(5000, bytes(deactivation)));
    for (int cause : new int[] {7, 9, 10, 44, 45, 46, 47, 0x47, 0x87}) {
      String answer = COMMAND.replace("2d0106", "2d01%02x".formatted(cause));
      assertEquals(PASS, Talk.opened().fromPort(5000, bytes(answer)));
      assertEquals(BLOCKED, Talk.opened().toPort(1000, bytes(answer)));
    }
  }

  @Test
  void commandThatIsCutAtAnyByteNeverArrivesWhole() {
    for (String command : List.of(COMMAND, TIMED_COMMAND)) {
      byte[] stream = bytes(INTERROGATION, command, TESTFR);
      for (int cut = 1; cut < stream.length; cut++) {
        Talk talk = Talk.opened();
        String first = talk.toPort(1000, Arrays.copyOf(stream, cut));
        boolean typeIsInFirst = cut > 16 + 6;
        assertEquals(typeIsInFirst ? BLOCKED : PASS, first, "cut at " + cut);
        byte[] rest = Arrays.copyOfRange(stream, cut, stream.length);
        String second = talk.toPort(1000 + cut, rest);
        assertEquals(typeIsInFirst ? OUT_OF_ORDER : BLOCKED, second, "cut at " + cut);
      }
    }
  }

  @Test
  void harmlessApdusMayBeCutAtAnyTwoBytes() {
    byte[] stream = bytes(STARTDT, INTERROGATION, SUPERVISORY, CONFIRMATION);
    Talk talk = new Talk();
    for (int one = 1; one < stream.length - 1; one++) {
      for (int two = one + 1; two < stream.length; two++) {
        talk.open();
        assertEquals(PASS, talk.fromPort(5000, Arrays.copyOf(stream, one)));
        assertEquals(PASS, talk.fromPort(5000 + one, Arrays.copyOfRange(stream, one, two)));
        byte[] rest = Arrays.copyOfRange(stream, two, stream.length);
        assertEquals(PASS, talk.fromPort(5000 + two, rest));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "00",
        "69",
        "474554202f",
        "6803",
        "680000",
        "68fe",
        "68ff00",
        // S and U frames that are longer than 6 bytes, I frames shorter than 12.
        "680501000000",
        "680507000000",
        "680400000000",
        "68090000000001000300ff",
        "68040700000000",
        "680407000000ff",
        "680407000000680407000000670407000000",
        // 0x68 inside, but not where an APDU begins.
        "0068040700000000"
      })
  void garbageIsDropped(String hex) {
    assertEquals(BROKEN, Talk.opened().toPort(1000, bytes(hex)));
    assertEquals(BROKEN, Talk.opened().fromPort(5000, bytes(hex)));
    assertEquals(BROKEN, new Talk().toPort(1000, bytes(hex)));
  }

  @Test
  void flowOfWhichNothingIsKnownBeginsWithWholeApdus() {
    byte[] stream = bytes(INTERROGATION, SUPERVISORY, CONFIRMATION);
    for (int from = 0; from < 16; from++) {
      String verdict = new Talk().fromPort(from, Arrays.copyOfRange(stream, from, stream.length));
      assertEquals(from == 0 ? PASS : BROKEN, verdict, "from " + from);
    }
    for (int to = 1; to < stream.length; to++) {
      boolean whole = to == 16 || to == 22;
      String verdict = new Talk().fromPort(0, Arrays.copyOf(stream, to));
      assertEquals(whole ? PASS : BROKEN, verdict, "to " + to);
    }
    Talk talk = new Talk();
    assertEquals(PASS, talk.toPort(0, bytes(SUPERVISORY)));
    assertEquals(PASS, talk.toPort(6, Arrays.copyOf(bytes(INTERROGATION), 9)));
    assertEquals(PASS, talk.toPort(15, Arrays.copyOfRange(bytes(INTERROGATION), 9, 16)));
  }

  @Test
  void flowThatBeganWithARepeatedSegmentBeginsAgainWhereTheStationIs() {
    Talk talk = new Talk();
    assertEquals(PASS, talk.toPort(1000, bytes(STARTDT)));
    assertEquals(OUT_OF_ORDER, talk.toPort(1022, bytes(TESTFR)));
    talk.acknowledge(1006);
    assertEquals(OUT_OF_ORDER, talk.toPort(1022, bytes(TESTFR)));
    talk.acknowledge(1022);
    assertEquals(BLOCKED, talk.toPort(1022, bytes(COMMAND)));
    assertEquals(PASS, talk.toPort(1022, bytes(TESTFR)));
    assertEquals(BROKEN, talk.toPort(1006, bytes(INTERROGATION)), "what lies before stays out");
  }

  @Test
  void acknowledgementMovesNothingInAFlowSeenFromItsSyn() {
    Talk talk = Talk.opened();
    assertEquals(PASS, talk.toPort(1000, bytes(INTERROGATION.substring(0, 20))));
    talk.acknowledge(5_000_000);
    assertEquals(BROKEN, talk.toPort(1010, bytes(INTERROGATION)));
    assertEquals(PASS, talk.toPort(1010, bytes(INTERROGATION.substring(20))));
  }

  @Test
  void repeatedSegmentsPassAsTheyWere() {
    Talk talk = Talk.opened();
    byte[] stream = bytes(STARTDT, INTERROGATION, SUPERVISORY);
    assertEquals(PASS, talk.toPort(1000, Arrays.copyOf(stream, 10)));
    assertEquals(PASS, talk.toPort(1010, Arrays.copyOfRange(stream, 10, 22)));
    assertEquals(PASS, talk.toPort(1000, Arrays.copyOf(stream, 10)));
    assertEquals(PASS, talk.toPort(1010, Arrays.copyOfRange(stream, 10, 22)));
    assertEquals(PASS, talk.toPort(1000, Arrays.copyOf(stream, 22)), "both in one");
    assertEquals(PASS, talk.toPort(1010, Arrays.copyOfRange(stream, 10, 28)), "with news");
    assertEquals(PASS, talk.toPort(1022, Arrays.copyOfRange(stream, 22, 28)));
    assertEquals(PASS, talk.toPort(1028, bytes(TESTFR)));
    assertEquals(BROKEN, talk.toPort(1003, Arrays.copyOfRange(stream, 3, 28)), "another start");
    assertEquals(BROKEN, talk.toPort(1000, Arrays.copyOf(stream, 8)), "another end");
  }

  @Test
  void repeatedBytesMustNotMoveTheApdus() {
    byte[] first = bytes(INTERROGATION);
    byte[] second = bytes(SUPERVISORY, TESTFR);
    byte[] moved = bytes("681a000000006401060001000000001400000000000000000000000000");
    Talk talk = Talk.opened();
    assertEquals(PASS, talk.toPort(1000, first));
    assertEquals(PASS, talk.toPort(1016, second));
    assertEquals(BROKEN, talk.toPort(1000, Arrays.copyOf(moved, 16)));
    assertEquals(BROKEN, talk.toPort(1000, Arrays.copyOf(moved, 28)));
    assertEquals(BLOCKED, talk.toPort(1000, bytes(COMMAND)));
    assertEquals(BROKEN, talk.toPort(1016, bytes(SUPERVISORY, COMMAND)));
    assertEquals(PASS, talk.toPort(1000, bytes(INTERROGATION, SUPERVISORY, TESTFR, STARTDT)));
  }

  @Test
  void lastByteMayBeRepeatedToKeepTheConnectionAlive() {
    Talk talk = Talk.opened();
    assertEquals(PASS, talk.toPort(1000, bytes(STARTDT)));
    assertEquals(PASS, talk.toPort(1005, new byte[1]));
    assertEquals(PASS, talk.toPort(1006, bytes(INTERROGATION.substring(0, 10))));
    assertEquals(BROKEN, talk.toPort(1010, new byte[1]), "not in the middle of an APDU");
  }

  @Test
  void segmentsAfterAGapAreDroppedUntilItIsFilled() {
    Talk talk = Talk.opened();
    assertEquals(OUT_OF_ORDER, talk.toPort(1006, bytes(TESTFR)));
    assertEquals(PASS, talk.toPort(1000, bytes(STARTDT)));
    assertEquals(PASS, talk.toPort(1006, bytes(TESTFR)));
  }

  @Test
  void numbersWrap() {
    Talk talk = new Talk();
    int sequence = -40;
    for (int i = 0; i < 20; i++) {
      assertEquals(PASS, talk.toPort(sequence, bytes(STARTDT)));
      assertEquals(PASS, talk.toPort(sequence, bytes(STARTDT)));
      sequence += 6;
    }
    assertEquals(BLOCKED, talk.toPort(sequence, bytes(COMMAND)));
  }

  @Test
  void placesAreForgottenButNotTheLastOnes() {
    Talk talk = Talk.opened();
    for (int i = 0; i < 100; i++) {
      assertEquals(PASS, talk.toPort(1000 + 6 * i, bytes(TESTFR)));
    }
    assertEquals(PASS, talk.toPort(1000 + 6 * 75, bytes(TESTFR)));
    assertEquals(BROKEN, talk.toPort(1000 + 6 * 10, bytes(TESTFR)));
  }

  @Test
  void segmentsWithoutPayloadPass() {
    Talk talk = new Talk();
    for (int flags : new int[] {Tcp.SYN, Tcp.ACK, Tcp.FIN | Tcp.ACK, Tcp.RST}) {
      assertEquals(PASS, talk.judged(segment(talk, flags)).toString());
    }
  }

  private static TestPacket segment(Talk talk, int flags, byte... payload) {
    return talk.segment(Talk.MASTER_PORT, Talk.PORT, flags, 1000, payload);
  }

  @Test
  void payloadThatTheStationMayReadOtherwiseIsDropped() {
    Talk talk = Talk.opened();
    byte[] payload = bytes(STARTDT);
    for (int flag : new int[] {Tcp.URG, Tcp.SYN, Tcp.RST}) {
      assertEquals(BROKEN, talk.judged(segment(talk, Tcp.ACK | flag, payload)).toString());
    }
    assertEquals(PASS, talk.judged(segment(talk, Tcp.ACK | Tcp.FIN, payload)).toString());
  }

  @Test
  void newConnectionOnTheSamePortsBeginsAnew() {
    Talk talk = Talk.opened();
    assertEquals(PASS, talk.toPort(1000, bytes(INTERROGATION.substring(0, 20))));
    assertEquals(PASS, talk.judged(segment(talk, Tcp.SYN)).toString());
    assertEquals(PASS, talk.toPort(1001, bytes(INTERROGATION)));
  }

  @Test
  void repeatedSynDoesNotMoveTheApdus() {
    // The master is at the port, and a terminal that has dialled takes bytes it has for repeated.
    Talk talk = Talk.opened();
    assertEquals(PASS, talk.fromPort(5000, bytes(INTERROGATION, TESTFR)));
    assertEquals(PASS, talk.judged(talk.answerDial(4999, 1000)).toString());
    byte[] hiding = bytes("6824000000000101030001000000" + "00".repeat(8), COMMAND);
    assertEquals(BROKEN, talk.fromPort(5000, Arrays.copyOf(hiding, 22)));
    assertEquals(BLOCKED, talk.fromPort(5022, bytes(COMMAND)));
    assertEquals(PASS, talk.fromPort(5022, bytes(STARTDT)));
  }

  @Test
  void repeatedSynDoesNotMoveTheApdusOfAConnectionThatWasOpenBefore() {
    Talk talk = new Talk();
    assertEquals(PASS, talk.fromPort(5022, bytes(TESTFR)));
    assertEquals(PASS, talk.judged(talk.answerDial(4999, 1000)).toString());
    assertEquals(BROKEN, talk.fromPort(5000, bytes(INTERROGATION)));
    assertEquals(PASS, talk.fromPort(5028, bytes(TESTFR)));
  }

  @Test
  void forgottenFlowIsNotPickedUpAgain() {
    Talk talk = Talk.opened();
    assertEquals(PASS, talk.toPort(1000, bytes(INTERROGATION.substring(0, 24))));
    talk.guard.tick(System.nanoTime() + 700_000_000_000L);
    for (int port = 1; port <= 20_000; port++) {
      talk.judged(talk.segment(port, Talk.PORT, Tcp.SYN, 0, new byte[0]));
    }
    talk.guard.tick(System.nanoTime() + 1_400_000_000_000L);
    String verdict = talk.toPort(1012, bytes(TESTFR));
    assertEquals(BROKEN, verdict, "the station takes these bytes for the end of the APDU before");
    assertEquals(BROKEN, talk.toPort(1018, bytes(TESTFR)));
  }

  @Test
  void otherPortsAndProtocolsAreNotItsBusiness() {
    Talk talk = new Talk();
    byte[] payload = bytes(COMMAND);
    TestPacket other = talk.segment(50_000, 2405, Tcp.ACK, 0, payload);
    assertEquals(PASS, talk.judged(other).toString());
    Talk moved = new Talk(Map.of("port", "2405"));
    assertEquals(BLOCKED, moved.judged(other).toString());
    assertEquals(PASS, moved.toPort(0, payload));
  }

  @Test
  void blockedTypesAreThoseOfTheSettings() {
    Talk talk = new Talk(Map.of("blocked-types", "100, 0,255"));
    assertEquals(PASS, talk.toPort(0, bytes(COMMAND)));
    assertEquals(BLOCKED, talk.toPort(16, bytes(INTERROGATION)));
    assertEquals(BLOCKED, talk.toPort(16, bytes("680a0000000000000300ffff")));
    assertEquals(BLOCKED, talk.toPort(16, bytes("680a00000000ff000300ffff")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "blocked-types|256|type identifications 0..255 with commas between",
        "blocked-types|-1|type identifications 0..255 with commas between",
        "blocked-types|C_SC_NA_1|type identifications 0..255 with commas between",
        "port|0|1..65535",
        "port|65536|1..65535",
        "port|iec|a whole number, 1..65535"
      })
  void wrongSettingsAreRefusedByName(String key, String value, String allowed) {
    SettingsException refused =
        assertThrows(SettingsException.class, () -> new Iec104Guard(Map.of(key, value)));
    assertEquals(
        "iec104.guard: " + key + " = " + value + ": allowed: " + allowed, refused.getMessage());
  }

  @Test
  void unknownSettingIsRefused() {
    SettingsException refused =
        assertThrows(SettingsException.class, () -> new Iec104Guard(Map.of("blocked-type", "45")));
    String message =
        "iec104.guard: blocked-type = 45: unknown key; known keys: blocked-types, port";
    assertEquals(message, refused.getMessage());
  }

  @Test
  void anotherVersionGoesOnInTheMidstOfAnApdu() {
    byte[] command = bytes(COMMAND);
    byte[] harmless = bytes(INTERROGATION);
    for (int cut = 1; cut < command.length; cut++) {
      Talk talk = Talk.opened();
      boolean hasType = cut > 6;
      String blocked = "drop iec104-command-blocked";
      assertEquals(hasType ? blocked : PASS, talk.toPort(1000, Arrays.copyOf(command, cut)));
      talk.swap(System.nanoTime());
      byte[] rest = Arrays.copyOfRange(command, cut, command.length);
      assertEquals(hasType ? "drop iec104-out-of-order" : blocked, talk.toPort(1000 + cut, rest));
      Talk other = Talk.opened();
      assertEquals(PASS, other.toPort(1000, Arrays.copyOf(harmless, cut)));
      other.swap(System.nanoTime());
      byte[] others = Arrays.copyOfRange(harmless, cut, harmless.length);
      assertEquals(PASS, other.toPort(1000 + cut, others));
    }
  }

  @Test
  void anotherVersionIsNotLenientAnew() {
    Talk talk = Talk.opened();
    long later = System.nanoTime() + 700_000_000_000L;
    talk.guard.tick(later);
    TestPacket unknown = talk.segment(31_000, Talk.PORT, Tcp.ACK, 0, bytes(TESTFR));
    assertEquals("drop iec104-not-parsable", talk.judged(unknown).toString());
    talk.swap(later);
    assertEquals("drop iec104-not-parsable", talk.judged(unknown).toString());
  }

  @Test
  void fullTableDropsNewFlowsAndKeepsTheOld() {
    Talk talk = Talk.opened();
    boolean full = false;
    for (int port = 1; port <= 20_000; port++) {
      TestPacket packet = talk.segment(port, Talk.PORT, Tcp.ACK, 0, bytes(TESTFR));
      full |= talk.judged(packet).toString().equals("drop iec104-flows-full");
    }
    assertTrue(full);
    assertEquals(PASS, talk.toPort(1000, bytes(TESTFR)));
    talk.guard.tick(System.nanoTime() + 700_000_000_000L);
    TestPacket fresh = talk.segment(30_000, Talk.PORT, Tcp.SYN, 0, new byte[0]);
    assertEquals(PASS, talk.judged(fresh).toString());
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void noCutLetsACommandThroughNorStopsAnythingElse(long seed) {
    Random random = new Random(seed);
    List<String> kinds = List.of(STARTDT, TESTFR, SUPERVISORY, INTERROGATION, COMMAND);
    Talk talk = new Talk();
    for (int round = 0; round < 3000; round++) {
      int bound = random.nextBoolean() ? kinds.size() : kinds.size() - 1;
      String[] apdus =
          IntStream.range(0, 1 + random.nextInt(12))
              .mapToObj(i -> kinds.get(random.nextInt(bound)))
              .toArray(String[]::new);
      byte[] stream = bytes(apdus);
      int typeOfCommand = firstCommand(apdus);
      talk.open();
      int at = 0;
      String verdict = PASS;
      while (at < stream.length && verdict.equals(PASS)) {
        int next = Math.min(stream.length, at + 1 + random.nextInt(40));
        verdict = talk.toPort(1000 + at, Arrays.copyOfRange(stream, at, next));
        boolean hasCommand = typeOfCommand < next;
        assertEquals(hasCommand ? BLOCKED : PASS, verdict);
        at = next;
      }
    }
  }

  /// Where the type of the first command is, or past any stream.
  private static int firstCommand(String... apdus) {
    int at = 0;
    for (String apdu : apdus) {
      if (apdu.equals(COMMAND)) {
        return at + 6;
      }
      at += apdu.length() / 2;
    }
    return Integer.MAX_VALUE;
  }

  @Test
  void randomBytesNeverThrow() {
    Random random = new Random(9);
    Talk talk = new Talk();
    for (int i = 0; i < 100_000; i++) {
      byte[] payload = new byte[random.nextInt(60)];
      random.nextBytes(payload);
      if (payload.length > 2 && random.nextBoolean()) {
        payload[0] = 0x68;
        payload[1] = (byte) (payload.length - 2);
      }
      String verdict = talk.toPort(random.nextInt(200), payload);
      assertTrue(List.of(PASS, BLOCKED, BROKEN, OUT_OF_ORDER).contains(verdict));
    }
  }

  @Test
  void nothingIsAllocatedForAPacket() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    Talk talk = Talk.opened();
    TestPacket packet =
        segment(talk, Tcp.ACK, bytes(INTERROGATION, SUPERVISORY, TESTFR, INTERROGATION));
    int payloadBytes = packet.endAt() - packet.payloadAt();
    int sequence = 1000;
    long allocated = Long.MAX_VALUE;
    // The first rounds run interpreted, where even a view may box; what counts is where it ends.
    for (int round = 0; round < 20 && allocated > 0; round++) {
      long before = threads.getCurrentThreadAllocatedBytes();
      int passed = 0;
      for (int i = 0; i < 100_000; i++) {
        Tcp.setSequence(packet.memory(), packet.transportAt(), sequence);
        passed += talk.guard.receive(packet) == Verdict.PASS ? 1 : 0;
        sequence += payloadBytes;
      }
      allocated = threads.getCurrentThreadAllocatedBytes() - before;
      assertEquals(100_000, passed);
    }
    assertEquals(0, allocated);
  }
}
