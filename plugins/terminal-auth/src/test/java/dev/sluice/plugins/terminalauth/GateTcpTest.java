package dev.sluice.plugins.terminalauth;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sluice.plugins.terminalauth.RecordingSender.Sent;
import dev.sluice.plugins.terminalauth.Terminal.Direction;
import dev.sluice.wire.Tcp;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What passes between a terminal and a master with a live session, segment by segment.
class GateTcpTest {
  private static GateFixture live() {
    GateFixture fixture = new GateFixture();
    fixture.begin();
    return fixture;
  }

  private static GateFixture open() {
    GateFixture fixture = live();
    fixture.open();
    return fixture;
  }

  @Test
  void handshakeDataBothWaysAndOrderlyClosePass() {
    live()
        .talk(
            """
            M S    100    0   0 pass
            T SA   900  101   0 pass
            M A    101  901   0 pass
            M PA   101  901  16 pass
            T PA   901  117  30 pass
            M A    117  931   0 pass
            M FA   117  931   0 pass
            T A    931  118   0 pass
            T PA   931  118   5 pass
            M A    118  936   0 pass
            T FA   936  118   0 pass
            M A    118  937   0 pass
            T FA   936  118   0 pass
            M A    118  937   0 pass\
            """);
  }

  @Test
  void dataMayComeWithTheAcknowledgementThatCompletesTheHandshake() {
    live().talk("M S 100 0 0 pass\nT SA 900 101 0 pass\nM PA 101 901 6 pass\nT A 901 107 0 pass");
  }

  @Test
  void bothEndsMayCloseAtOnce() {
    open()
        .talk(
            """
            M FA   101  901   0 pass
            T FA   901  101   0 pass
            M A    102  902   0 pass
            T A    902  102   0 pass
            M A    102  902   0 pass\
            """);
  }

  @Test
  void terminalThatDialsIsItsMirror() {
    GateFixture fixture = new GateFixture(Direction.TERMINAL_DIALS);
    fixture.begin();
    fixture.talk(
        """
        T S    100    0   0 pass
        M SA   900  101   0 pass
        T A    101  901   0 pass
        T PA   101  901  16 pass
        M A    901  117   0 pass\
        """);
  }

  @Test
  void nobodyDialsTheOtherWay() {
    live().talk("T S 100 0 0 tcp-wrong-direction");
    GateFixture dials = new GateFixture(Direction.TERMINAL_DIALS);
    dials.begin();
    dials.talk("M S 100 0 0 tcp-wrong-direction");
  }

  @Test
  void bothEndsDiallingAtOnceIsNoHandshake() {
    live().talk("M S 100 0 0 pass\nT S 900 0 0 tcp-wrong-direction");
  }

  @Test
  void otherPortsAreClosed() {
    GateFixture fixture = live();
    byte[] syn = fixture.toTerminal().ports(50_000, 22).flags(Tcp.SYN).tcp();
    assertEquals("drop auth-flow-not-allowed", fixture.fromMaster(syn));
  }

  @Test
  void nothingPassesBeforeTheHandshake() {
    live()
        .talk(
            """
            M A    101  901   0 tcp-no-connection
            M PA   101  901  16 tcp-no-connection
            T SA   900  101   0 tcp-no-connection
            T R    900    0   0 tcp-no-connection
            M S    100    0   8 tcp-data-before-handshake
            M S    100    0   0 pass
            M PA   101  901   8 tcp-data-before-handshake
            T PA   900  101   8 tcp-data-before-handshake
            T A    900  101   0 tcp-out-of-window
            T SA   900  102   0 tcp-out-of-window
            T SA   900  101   0 pass
            T PA   901  101   8 tcp-data-before-handshake
            M A    101  902   0 tcp-out-of-window
            M A    102  901   0 tcp-out-of-window
            M PA   101  900   8 tcp-data-before-handshake
            M A    101  901   0 pass
            T PA   901  101   8 pass\
            """);
  }

  @Test
  void lostHandshakeSegmentsMayBeRepeated() {
    live()
        .talk(
            """
            M S    100    0   0 pass
            M S    100    0   0 pass
            T SA   900  101   0 pass
            T SA   900  101   0 pass
            M S    100    0   0 pass
            T SA   901  101   0 tcp-syn-in-connection
            M A    101  901   0 pass
            T SA   900  101   0 pass
            M A    101  901   0 pass\
            """);
  }

  @Test
  void dialThatWasNotAnsweredMayBeginAnew() {
    live()
        .talk(
            """
            M S    100    0   0 pass
            M S    500    0   0 pass
            T SA   900  101   0 tcp-out-of-window
            T SA   900  501   0 pass
            M A    501  901   0 pass\
            """);
  }

  @Test
  void refusedDialPassesAndMayBeRepeated() {
    live()
        .talk(
            """
            M S    100    0   0 pass
            T RA     0  102   0 tcp-reset-not-exact
            T R    101    0   0 tcp-reset-not-exact
            T RA     0  101   0 pass
            M S    700    0   0 pass
            T RA     0  701   0 pass\
            """);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 100, 0x7fff_fff0L, 0xffff_fff0L, 0xffff_ffffL})
  void numbersWrap(long first) {
    GateFixture fixture = live();
    long other = 0xffff_fffeL;
    fixture.talk(
        "M S %d 0 0 pass%nT SA %d %d 0 pass%nM A %d %d 0 pass"
            .formatted(first, other, first + 1, first + 1, other + 1));
    for (long sent = first + 1; sent < first + 40_000; sent += 500) {
      fixture.talk(
          "M PA %d %d 500 pass%nT A %d %d 0 pass"
              .formatted(sent, other + 1, other + 1, sent + 500));
    }
    fixture.talk("M PA %d %d 500 tcp-out-of-window".formatted(first + 1, other + 1));
  }

  @Test
  void segmentsOutsideTheWindowAreDropped() {
    open()
        .talk(
            """
            M PA   101  901 1000 pass
            M PA  1101  901    1 pass
            M PA  1102  901    1 tcp-out-of-window
            M PA  5000  901    1 tcp-out-of-window
            M PA 2147484000 901 1 tcp-out-of-window
            M PA 4294960000 901 1 tcp-out-of-window
            T A    901 1102    0 pass
            M PA  1102  901 1000 pass
            T A    901 2102    0 pass
            M PA  1102  901 1000 pass
            M PA  1100  901    1 tcp-out-of-window\
            """);
  }

  @Test
  void retransmissionsAndKeepAlivesPass() {
    open()
        .talk(
            """
            M PA   101  901  20 pass
            M PA   101  901  20 pass
            T A    901  121   0 pass
            M A    120  901   0 pass
            T A    901  121   0 pass
            M A    120  901   1 pass
            T A    900  121   0 pass
            M PA   101  901  20 pass\
            """);
  }

  @Test
  void closedWindowLetsItsProbeThrough() {
    open()
        .talk(
            """
            T A    901  101   0 w=0 pass
            M PA   101  901 1000 pass
            T A    901 1101   0 w=0 pass
            M A   1101  901   1 pass
            M A   1102  901   1 tcp-out-of-window\
            """);
  }

  @Test
  void windowsAreScaledIfBothEndsOffer() {
    live()
        .talk(
            """
            M S    100    0   0 s=7 pass
            T SA   900  101   0 s=5 w=1000 pass
            M A    101  901   0 w=1000 pass
            T A    901  101   0 w=1000 pass
            M PA 32101  901   1 pass
            M PA 32102  901   1 tcp-out-of-window
            T PA 128901  101   1 pass
            T PA 128902  101   1 tcp-out-of-window\
            """);
  }

  @Test
  void windowsAreNotScaledIfOneEndOffersAlone() {
    live()
        .talk(
            """
            M S    100    0   0 s=7 pass
            T SA   900  101   0 w=1000 pass
            M A    101  901   0 w=1000 pass
            T PA  1901  101   1 pass
            T PA  1902  101   1 tcp-out-of-window\
            """);
  }

  @Test
  void windowInSynIsNeverScaled() {
    live()
        .talk(
            """
            M S    100    0   0 s=14 w=1000 pass
            T SA   900  101   0 s=14 w=1000 pass
            M PA   101  901 1000 w=0 pass
            M PA  1102  901   1 tcp-out-of-window\
            """);
  }

  @Test
  void acknowledgementsOfTheUnsentOrLongGoneAreDropped() {
    open()
        .talk(
            """
            M PA   101  901  20 pass
            T PA   901  122   1 tcp-ack-out-of-range
            T PA   901 2147483900 1 tcp-ack-out-of-range
            T PA   901  121   1 pass
            T PA   902  101   1 pass
            T PA   902 4294966000 1 tcp-ack-out-of-range
            T A    903  121   0 pass\
            """);
  }

  @Test
  void onlyExactResetsPass() {
    open()
        .talk(
            """
            M PA   101  901  20 pass
            T R    900    0   0 tcp-reset-not-exact
            T R    902    0   0 tcp-reset-not-exact
            T RA  1500  121   0 tcp-reset-not-exact
            M R    102    0   0 tcp-reset-not-exact
            M R    120    0   0 tcp-reset-not-exact
            T PA   901  121   5 pass
            T R    901    0   0 pass\
            """);
    open().talk("M PA 101 901 20 pass\nM R 121 0 0 pass");
    open().talk("M PA 101 901 20 pass\nM R 101 0 0 pass");
  }

  @Test
  void resetMayBeRepeatedAndTheFlowOpenedAgain() {
    open()
        .talk(
            """
            M R    101    0   0 pass
            T PA   901  101   5 pass
            M R    101    0   0 pass
            M S     50    0   0 pass
            T SA  3000   51   0 pass\
            """);
  }

  @Test
  void noSynCarriesDataHoweverOftenItIsRepeated() {
    live()
        .talk(
            """
            M S    100    0   0 pass
            M S    100    0 900 tcp-data-before-handshake
            T SA   900  101   8 tcp-data-before-handshake
            T SA   900  101   0 pass
            M S    100    0   8 tcp-data-before-handshake
            M A    101  901   0 pass
            T SA   900  101 900 tcp-data-before-handshake
            T SA   900  101   0 pass\
            """);
  }

  @Test
  void noResetCarriesData() {
    open().talk("T R 901 0 900 tcp-bad-flags\nM RA 101 901 1 tcp-bad-flags\nM R 101 0 0 pass");
  }

  @Test
  void whoHasResetAConnectionSendsNothingMoreOnIt() {
    GateFixture fixture = open();
    fixture.talk(
        """
        T PA   901  101  10 pass
        T R    911    0   0 pass
        T PA   911  101  10 tcp-no-connection
        T PA   901  101  10 tcp-no-connection
        M A    101  911   0 pass
        T R    911    0   0 pass
        T A    911  101   0 tcp-no-connection\
        """);
    assertEquals(0, fixture.admission.sessions.get(0).connections().get());
  }

  @Test
  void nothingFollowsADialThatWasRefused() {
    live()
        .talk(
            """
            M S    100    0   0 pass
            T RA     0  101   0 pass
            M PA   101    0   1 tcp-no-connection
            T PA     0  101   1 tcp-no-connection
            T RA     0  101   0 pass\
            """);
  }

  @Test
  void connectionThatIsOverIsForgottenHoweverMuchItIsUsed() {
    GateFixture reset = open();
    reset.talk("T R 901 0 0 pass");
    for (int i = 0; i < 3; i++) {
      reset.talk("M A 101 901 0 pass");
      reset.pass(3 * GateFixture.SECOND);
    }
    reset.pass(2 * GateFixture.SECOND);
    reset.talk("M A 101 901 0 tcp-no-connection");
    GateFixture closed = open();
    closed.talk("M FA 101 901 0 pass\nT FA 901 102 0 pass\nM A 102 902 0 pass");
    for (int i = 0; i < 6; i++) {
      closed.talk("T FA 901 102 0 pass");
      closed.pass(10 * GateFixture.SECOND);
    }
    closed.pass(GateFixture.SECOND);
    closed.talk("T FA 901 102 0 tcp-no-connection");
  }

  @Test
  void synWithinAConnectionIsDroppedAndChallenged() {
    GateFixture fixture = open();
    fixture.talk("M PA 101 901 20 pass\nT A 901 121 0 pass\nM S 7000 0 0 tcp-syn-in-connection");
    List<Sent> sent = fixture.sender.drain();
    assertEquals(1, sent.size());
    assertEquals("m0 A 901 121", GateCutTest.told(sent.get(0)));
    fixture.talk("M S 7000 0 0 tcp-syn-in-connection");
    assertEquals(List.of(), fixture.sender.drain(), "the challenges are limited in rate");
    // The master has started anew: it answers the challenge with an exact RST, and dials again.
    fixture.talk("M R 121 0 0 pass\nM S 7000 0 0 pass");
  }

  @Test
  void blindSynFromTheServerIsDropped() {
    open().talk("T S 901 0 0 tcp-syn-in-connection\nT SA 5 101 0 tcp-syn-in-connection");
  }

  @Test
  void nothingFollowsAFin() {
    open()
        .talk(
            """
            M FA   101  901   0 pass
            M PA   102  901   5 tcp-out-of-window
            M FA   101  901   0 pass
            T PA   901  102   5 pass\
            """);
  }

  @Test
  void flowIsReusedAfterAnOrderlyCloseWithAHigherNumberAlone() {
    GateFixture fixture = open();
    fixture.talk(
        """
        M FA   101  901   0 pass
        T FA   901  102   0 pass
        M A    102  902   0 pass
        M S     99    0   0 tcp-syn-in-connection
        M S   9000    0   0 pass
        T SA  4000 9001   0 pass
        M A   9001 4001   0 pass\
        """);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"-", "FPU", "F", "P", "U", "SF", "SR", "SFRPAU", "SAR", "FRA", "FS", "SU", "SP"})
  void flagsOfScannersAreDropped(String flags) {
    live().talk("M %s 100 0 0 tcp-bad-flags".formatted(flags));
    open().talk("M %s 101 901 0 tcp-bad-flags".formatted(flags));
  }

  @Test
  void wrongChecksumsAreDropped() {
    GateFixture fixture = open();
    TestFrame data = fixture.toTerminal().numbers(101, 901).payload(10);
    data.spoiltTcp = 1;
    assertEquals("drop tcp-bad-checksum", fixture.fromMaster(data.tcp()));
    data.spoiltTcp = 0;
    data.spoiltIp = 0x100;
    assertEquals("drop auth-ip-bad-checksum", fixture.fromMaster(data.tcp()));
    data.spoiltIp = 0;
    assertEquals("pass", fixture.fromMaster(data.tcp()));
  }

  @Test
  void terminalHasNoMoreConnectionsThanItMay() {
    GateFixture fixture = live();
    for (int port = 1; port <= 4; port++) {
      assertEquals("pass", dial(fixture, port));
    }
    assertEquals("drop auth-connections-limit", dial(fixture, 5));
    // A dial that nobody answers is forgotten after half a minute.
    fixture.pass(31 * GateFixture.SECOND);
    assertEquals("pass", dial(fixture, 5));
  }

  @Test
  void tableHasRoomAgainWhenConnectionsAreOver() {
    GateFixture fixture =
        new GateFixture(
            GateFixture.TERMINAL,
            GateFixture.MASTER,
            Direction.TERMINAL_LISTENS,
            OptionalLong.of(GateFixture.MASTER_MAC),
            2,
            8);
    fixture.begin();
    assertEquals("pass", dial(fixture, 1));
    assertEquals("pass", dial(fixture, 2));
    assertEquals("drop auth-connections-full", dial(fixture, 3));
    byte[] refusal =
        fixture.toMaster().ports(2404, 1).flags(Tcp.RST | Tcp.ACK).numbers(0, 101).tcp();
    assertEquals("pass", fixture.fromTerminal(refusal));
    assertEquals("pass", dial(fixture, 3));
    assertEquals("drop auth-connections-full", dial(fixture, 4));
  }

  @Test
  void connectionsThatAreOverDoNotCount() {
    GateFixture fixture = live();
    Session session = fixture.admission.sessions.get(0);
    fixture.open();
    assertEquals(1, session.connections().get());
    fixture.talk("M FA 101 901 0 pass\nT FA 901 102 0 pass\nM A 102 902 0 pass");
    assertEquals(0, session.connections().get());
    fixture.pass(61 * GateFixture.SECOND);
    fixture.talk("M A 102 902 0 tcp-no-connection");
    assertEquals(0, session.connections().get());
  }

  @Test
  void trafficIsReportedToTheSession() {
    GateFixture fixture = open();
    Session session = fixture.admission.sessions.get(0);
    fixture.pass(GateFixture.SECOND);
    fixture.talk("M PA 2000 901 1 tcp-out-of-window");
    assertEquals(fixture.now - GateFixture.SECOND, session.lastTrafficNanos());
    fixture.talk("M PA 101 901 1 pass");
    assertEquals(fixture.now, session.lastTrafficNanos());
  }

  private static String dial(GateFixture fixture, int port) {
    byte[] syn = fixture.toTerminal().ports(port, 2404).flags(Tcp.SYN).numbers(100, 0).tcp();
    return fixture.fromMaster(syn);
  }
}
