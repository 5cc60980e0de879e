package dev.sluice.plugins.terminalauth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.plugins.terminalauth.GateFixture.Event;
import dev.sluice.plugins.terminalauth.RecordingSender.Sent;
import dev.sluice.wire.Checksum;
import dev.sluice.wire.Ethernet;
import dev.sluice.wire.Ipv4;
import dev.sluice.wire.Tcp;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/// What becomes of connections when their session ends.
class GateCutTest {
  private static final long TICK = 10_000_000L;

  /// A sent segment in the words of the tables: device, flags, sequence number, acknowledgement.
  static String told(Sent sent) {
    TestPacket packet = sent.packet();
    int at = packet.transportAt();
    int flags = Tcp.flags(packet.memory(), at);
    String letters = ((flags & Tcp.RST) == 0 ? "" : "R") + ((flags & Tcp.ACK) == 0 ? "" : "A");
    return "%s %s %d %d"
        .formatted(
            sent.device().name(),
            letters,
            Tcp.sequence(packet.memory(), at),
            Tcp.acknowledgement(packet.memory(), at));
  }

  private static List<String> told(GateFixture fixture) {
    return fixture.sender.drain().stream().map(GateCutTest::told).toList();
  }

  private static GateFixture open() {
    GateFixture fixture = new GateFixture();
    fixture.begin();
    fixture.open();
    return fixture;
  }

  @Test
  void bothEndsAreResetWithTheNumbersTheyExpect() {
    GateFixture fixture = open();
    fixture.talk("M PA 101 901 20 pass\nT PA 901 121 7 pass\nM A 121 908 0 pass");
    fixture.end();
    fixture.pass(TICK);
    assertEquals(List.of("m0 RA 908 121", "t0 RA 121 908"), told(fixture));
    Map<String, Object> fields = Map.of("terminal", "dtu-1", "session", 1L, "connections", 1);
    assertEquals(List.of(new Event("connections-cut", fields)), fixture.events);
  }

  @Test
  void endWhoseExpectationIsUnsureGetsBothNumbers() {
    GateFixture fixture = open();
    fixture.talk("M PA 101 901 20 pass");
    fixture.end();
    fixture.pass(TICK);
    assertEquals(List.of("m0 RA 901 121", "t0 RA 101 901", "t0 RA 121 901"), told(fixture));
  }

  @Test
  void unansweredDialIsRefusedAndItsServerReset() {
    GateFixture fixture = new GateFixture();
    fixture.begin();
    fixture.talk("M S 100 0 0 pass");
    fixture.end();
    fixture.pass(TICK);
    assertEquals(List.of("m0 RA 0 101", "t0 R 101 0"), told(fixture));
  }

  @Test
  void halfOpenConnectionIsResetAtBothEnds() {
    GateFixture fixture = new GateFixture();
    fixture.begin();
    fixture.talk("M S 100 0 0 pass\nT SA 900 101 0 pass");
    fixture.end();
    fixture.pass(TICK);
    assertEquals(List.of("m0 RA 901 101", "t0 RA 101 901"), told(fixture));
  }

  @Test
  void resetsAreWellFormedAndCarryTagsAndAddresses() {
    GateFixture fixture = new GateFixture();
    fixture.begin(
        new Binding(
            fixture.terminalSide,
            100 << 12 | 7,
            GateFixture.TERMINAL_MAC,
            fixture.terminal.address()));
    byte[] syn = fixture.toTerminal().vlans(100, 7).flags(Tcp.SYN).numbers(100, 0).tcp();
    assertEquals("pass", fixture.fromMaster(syn));
    fixture.end();
    fixture.pass(TICK);
    List<Sent> sent = fixture.sender.drain();
    assertEquals(2, sent.size());
    TestPacket toMaster = sent.get(0).packet();
    TestPacket toTerminal = sent.get(1).packet();
    for (TestPacket packet : List.of(toMaster, toTerminal)) {
      assertTrue(packet.reachesHandlers());
      assertEquals(100 << 12 | 7, packet.vlanKey());
      assertTrue(Ipv4.isChecksumRight(packet.memory(), packet.networkAt()));
      assertTrue(
          Checksum.isTransportRight(
              packet.memory(), packet.networkAt(), 6, packet.transportAt(), packet.endAt()));
    }
    assertEquals(GateFixture.MASTER_MAC, Ethernet.dest(toMaster.memory(), 0));
    assertEquals(GateFixture.TERMINAL_MAC, Ethernet.source(toMaster.memory(), 0));
    assertEquals(GateFixture.TERMINAL_MAC, Ethernet.dest(toTerminal.memory(), 0));
    assertEquals(GateFixture.MASTER_MAC, Ethernet.source(toTerminal.memory(), 0));
    assertEquals(2404, Tcp.destPort(toTerminal.memory(), toTerminal.transportAt()));
    assertEquals(50_000, Tcp.destPort(toMaster.memory(), toMaster.transportAt()));
  }

  @Test
  void resetsOfIpv6AreWellFormed() {
    GateFixture fixture = GateFixture.v6(OptionalLong.of(GateFixture.MASTER_MAC));
    fixture.begin();
    fixture.open();
    fixture.end();
    fixture.pass(TICK);
    List<Sent> sent = fixture.sender.drain();
    assertEquals(
        List.of("m0 RA 901 101", "t0 RA 101 901"), sent.stream().map(GateCutTest::told).toList());
    for (Sent each : sent) {
      TestPacket packet = each.packet();
      assertTrue(packet.reachesHandlers());
      assertTrue(
          Checksum.isTransportRight(
              packet.memory(), packet.networkAt(), 6, packet.transportAt(), packet.endAt()));
    }
  }

  @Test
  void furtherSegmentsAreAnsweredWithExactResetsAtALimitedRate() {
    GateFixture fixture = open();
    fixture.end();
    fixture.pass(TICK);
    told(fixture);
    fixture.pass(11 * TICK);
    fixture.talk("T PA 901 101 7 auth-no-session\nT PA 901 101 7 auth-no-session");
    assertEquals(List.of("t0 R 101 0"), told(fixture));
    fixture.pass(11 * TICK);
    fixture.talk("M PA 101 905 7 auth-no-session");
    assertEquals(List.of("m0 R 905 0"), told(fixture));
    fixture.pass(11 * TICK);
    fixture.talk("M R 101 0 0 auth-no-session");
    assertEquals(List.of(), told(fixture), "a RST is not answered");
    fixture.pass(61 * GateFixture.SECOND);
    fixture.talk("T PA 901 101 7 auth-no-session");
    assertEquals(List.of(), told(fixture), "the connection is forgotten");
  }

  @Test
  void strangersAreNotAnsweredOnACutConnection() {
    GateFixture fixture = open();
    fixture.end();
    fixture.pass(TICK);
    fixture.pass(11 * TICK);
    told(fixture);
    TestFrame data = fixture.toMaster().numbers(901, 101).payload(7);
    byte[] otherHardware = data.hardware(GateFixture.STRANGER_MAC, GateFixture.MASTER_MAC).tcp();
    assertEquals("drop auth-no-session", fixture.fromTerminal(otherHardware));
    assertEquals("drop auth-no-session", fixture.fromTerminal(data.vlans(9).tcp()));
    assertEquals(List.of(), told(fixture));
  }

  @Test
  void segmentBeforeTheTickFindsTheSessionEnded() {
    GateFixture fixture = open();
    fixture.end();
    fixture.talk("M PA 101 901 7 auth-no-session");
    assertEquals(List.of("m0 RA 901 101", "t0 RA 101 901"), told(fixture));
  }

  @Test
  void newSessionDoesNotInheritConnections() {
    GateFixture fixture = open();
    fixture.end();
    fixture.begin();
    fixture.talk("M PA 101 901 7 tcp-no-connection");
    assertEquals(List.of("m0 RA 901 101", "t0 RA 101 901"), told(fixture));
    fixture.talk("M S 5 0 0 pass\nT SA 900 6 0 pass\nM A 6 901 0 pass");
    assertEquals(1, fixture.admission.sessions.get(0).connections().get());
  }

  @Test
  void idleConnectionIsCutAtBothEnds() {
    GateFixture fixture = open();
    fixture.pass(GateFixture.IDLE_NANOS - GateFixture.SECOND);
    assertEquals(List.of(), told(fixture));
    fixture.pass(2 * GateFixture.SECOND);
    assertEquals(List.of("m0 RA 901 101", "t0 RA 101 901"), told(fixture));
    assertEquals(0, fixture.admission.sessions.get(0).connections().get());
  }

  @Test
  void retiredGateCutsWhatItAloneKnows() {
    GateFixture fixture = open();
    fixture.gate.retire();
    assertEquals(List.of("m0 RA 901 101", "t0 RA 101 901"), told(fixture));
    assertEquals(0, fixture.admission.sessions.get(0).connections().get());
  }
}
