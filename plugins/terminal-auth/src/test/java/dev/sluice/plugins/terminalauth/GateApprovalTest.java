package dev.sluice.plugins.terminalauth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.plugin.StateTable;
import dev.sluice.plugin.Verdict;
import dev.sluice.plugins.terminalauth.Admission.Gate;
import dev.sluice.plugins.terminalauth.Admission.Master;
import dev.sluice.wire.Ethernet;
import dev.sluice.wire.Tcp;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/// Which packets of an open connection skip the whole way through session and settings, and that
/// all others are judged as if none ever did.
class GateApprovalTest {
  private static final long OTHER_MASTER_MAC = 0x0200_0000_0002L;

  /// Both directions are approved: the master is at 105, the terminal at 905.
  private static GateFixture approved(GateFixture fixture) {
    fixture.begin();
    fixture.open();
    fixture.talk("M PA 101 901 4 pass\nT PA 901 105 4 pass");
    return fixture;
  }

  private static GateFixture approved() {
    return approved(new GateFixture());
  }

  private static GateFixture approvedWithLearnedMaster() {
    GateFixture fixture = GateFixture.withUnknownMaster();
    Master master = fixture.admission.gate.masters().get(0);
    fixture.neighbours.expect(master, fixture.masterSide, GateFixture.NO_VLAN, fixture.now);
    learn(fixture, GateFixture.MASTER_MAC);
    return approved(fixture);
  }

  private static void learn(GateFixture fixture, long hardware) {
    Master master = fixture.admission.gate.masters().get(0);
    fixture.neighbours.learn(
        master, hardware, fixture.masterSide, GateFixture.NO_VLAN, fixture.now);
  }

  private static TestFrame command(GateFixture fixture) {
    return fixture.toTerminal().flags(Tcp.PSH | Tcp.ACK).numbers(105, 905).payload(4);
  }

  private static TestFrame answer(GateFixture fixture) {
    return fixture.toMaster().flags(Tcp.PSH | Tcp.ACK).numbers(905, 105).payload(4);
  }

  private static void settings(GateFixture fixture, List<Master> masters, TestDevice masterSide) {
    Gate gate = fixture.admission.gate;
    fixture.admission.gate =
        new Gate(
            gate.authPort(),
            List.of(masterSide),
            gate.ownAddress(),
            masters,
            gate.connectionIdleNanos(),
            gate.maxConnections());
    fixture.admission.changed();
  }

  /// Both directions pass, and go the whole way so often together.
  private static void passes(GateFixture fixture, int wholeWays) {
    int before = fixture.admission.sessionQuestions;
    for (int i = 0; i < 3; i++) {
      assertEquals("pass", fixture.fromMaster(command(fixture).tcp()));
      assertEquals("pass", fixture.fromTerminal(answer(fixture).tcp()));
    }
    assertEquals(wholeWays, fixture.admission.sessionQuestions - before);
  }

  private static void goesTheWholeWay(
      GateFixture fixture, String expected, TestDevice ingress, byte[] frame) {
    int before = fixture.admission.sessionQuestions;
    assertEquals(expected, fixture.judged(ingress, frame).toString());
    assertEquals(1, fixture.admission.sessionQuestions - before);
  }

  @Test
  void likePacketsSkipTheWholeWay() {
    passes(approved(), 0);
    passes(approvedWithLearnedMaster(), 0);
    passes(approved(GateFixture.v6(OptionalLong.of(GateFixture.MASTER_MAC))), 0);
  }

  @Test
  void packetsWithAnythingElseInTheirHeadersGoTheWholeWay() {
    GateFixture fixture = approved();
    long stranger = GateFixture.STRANGER_MAC;
    TestDevice below = fixture.terminalSide;
    TestDevice above = fixture.masterSide;
    byte[] sent = answer(fixture).hardware(stranger, GateFixture.MASTER_MAC).tcp();
    goesTheWholeWay(fixture, "drop auth-binding-mismatch", below, sent);
    sent = answer(fixture).vlans(7).tcp();
    goesTheWholeWay(fixture, "drop auth-binding-mismatch", below, sent);
    sent = answer(fixture).hardware(GateFixture.TERMINAL_MAC, stranger).tcp();
    goesTheWholeWay(fixture, "drop auth-wrong-destination", below, sent);
    assertEquals(2, fixture.admission.sessions.get(0).mismatches().sum());
    byte[] received = command(fixture).hardware(stranger, GateFixture.TERMINAL_MAC).tcp();
    goesTheWholeWay(fixture, "drop auth-wrong-master", above, received);
    received = command(fixture).vlans(7).tcp();
    goesTheWholeWay(fixture, "drop auth-binding-mismatch", above, received);
    received = command(fixture).hardware(GateFixture.MASTER_MAC, stranger).tcp();
    goesTheWholeWay(fixture, "drop auth-wrong-destination", above, received);
    passes(fixture, 0);
  }

  @Test
  void packetsByOtherDevicesGoTheWholeWay() {
    GateFixture fixture = approved();
    TestDevice elsewhere = new TestDevice("t1", 2, 0x0200_0000_00b0L);
    TestDevice.pair(elsewhere, fixture.masterSide);
    TestDevice.pair(fixture.terminalSide, fixture.masterSide);
    byte[] sent = answer(fixture).tcp();
    goesTheWholeWay(fixture, "drop auth-binding-mismatch", elsewhere, sent);
    for (boolean up : new boolean[] {true, false}) {
      byte[] frame = up ? sent : command(fixture).tcp();
      TestPacket packet = new TestPacket(up ? fixture.terminalSide : fixture.masterSide, frame);
      packet.setEgress(elsewhere);
      assertEquals("drop auth-flow-not-allowed", fixture.gate.receive(packet).toString());
    }
    passes(fixture, 0);
  }

  @Test
  void groupAddressAsSourceIsRefusedAsEver() {
    GateFixture fixture = approved();
    byte[] frame = answer(fixture).hardware(Ethernet.BROADCAST, GateFixture.MASTER_MAC).tcp();
    assertEquals("drop auth-bad-source", fixture.fromTerminal(frame));
  }

  @Test
  void otherMacOfAMasterBehindARouterIsApprovedAnew() {
    GateFixture fixture = approvedWithLearnedMaster();
    TestFrame other = command(fixture).hardware(OTHER_MASTER_MAC, GateFixture.TERMINAL_MAC);
    goesTheWholeWay(fixture, "pass", fixture.masterSide, other.tcp());
    int before = fixture.admission.sessionQuestions;
    assertEquals("pass", fixture.fromMaster(other.tcp()));
    assertEquals(before, fixture.admission.sessionQuestions);
    passes(fixture, 1);
  }

  @Test
  void nothingPassesWhenTheSessionHasEnded() {
    GateFixture fixture = approved();
    fixture.end();
    goesTheWholeWay(fixture, "drop auth-no-session", fixture.masterSide, command(fixture).tcp());
    goesTheWholeWay(fixture, "drop auth-no-session", fixture.terminalSide, answer(fixture).tcp());
  }

  @Test
  void nextSessionInheritsNoApproval() {
    GateFixture fixture = approved();
    fixture.end();
    long hardware = GateFixture.STRANGER_MAC;
    fixture.begin(
        new Binding(
            fixture.terminalSide, GateFixture.NO_VLAN, hardware, fixture.terminal.address()));
    goesTheWholeWay(
        fixture, "drop auth-binding-mismatch", fixture.terminalSide, answer(fixture).tcp());
    goesTheWholeWay(
        fixture, "drop auth-wrong-destination", fixture.masterSide, command(fixture).tcp());
    byte[] moved = answer(fixture).hardware(hardware, GateFixture.MASTER_MAC).tcp();
    goesTheWholeWay(fixture, "drop tcp-no-connection", fixture.terminalSide, moved);
  }

  @Test
  void nextConnectionOfAnEntryInheritsNoApproval() {
    GateFixture fixture = approved();
    fixture.talk("M R 105 0 0 pass\nM S 5 0 0 pass\nT SA 900 6 0 pass\nM A 6 901 0 pass");
    int before = fixture.admission.sessionQuestions;
    fixture.talk("M PA 6 901 4 pass\nT PA 901 10 4 pass");
    assertEquals(0, fixture.admission.sessionQuestions - before, "approved in the handshake");
    StateTable table = StateTable.local(ConnectionTable.shape(1));
    table.add(new long[5]);
    TcpConnection connection = new TcpConnection(0, table, new TcpEndpoint(), new TcpEndpoint());
    TestPacket packet = new TestPacket(fixture.masterSide, command(fixture).tcp());
    connection.setState(TcpConnection.State.ESTABLISHED);
    connection.approve(packet, false, 0);
    assertTrue(connection.isApproved(packet, false, 0));
    assertFalse(connection.isApproved(packet, true, 0), "the other direction");
    assertFalse(connection.isApproved(packet, false, 1), "another stamp");
    connection.look(3);
    connection.setState(TcpConnection.State.ESTABLISHED);
    assertFalse(connection.isApproved(packet, false, 0));
  }

  @Test
  void changeCostsOnePacketInEachDirection() {
    GateFixture fixture = approved();
    fixture.admission.changed();
    passes(fixture, 2);
    passes(fixture, 0);
  }

  @Test
  void masterThatIsRemovedOrMovedIsRefused() {
    GateFixture fixture = approved();
    settings(fixture, List.of(), fixture.masterSide);
    goesTheWholeWay(
        fixture, "drop auth-wrong-destination", fixture.terminalSide, answer(fixture).tcp());
    Master moved = new Master(fixture.master, OptionalLong.of(OTHER_MASTER_MAC));
    settings(fixture, List.of(moved), fixture.masterSide);
    goesTheWholeWay(fixture, "drop auth-wrong-master", fixture.masterSide, command(fixture).tcp());
  }

  @Test
  void portThatLeadsElsewhereIsRefused() {
    GateFixture fixture = approved();
    settings(fixture, fixture.admission.gate.masters(), new TestDevice("m1", 3, 1));
    goesTheWholeWay(
        fixture, "drop auth-flow-not-allowed", fixture.terminalSide, answer(fixture).tcp());
    assertEquals("drop auth-unlisted", fixture.fromMaster(command(fixture).tcp()));
  }

  @Test
  void masterWhoseLearnedAddressChangesIsNoMoreTheOldOne() {
    GateFixture fixture = approvedWithLearnedMaster();
    learn(fixture, GateFixture.MASTER_MAC);
    passes(fixture, 0);
    learn(fixture, OTHER_MASTER_MAC);
    byte[] old = answer(fixture).tcp();
    goesTheWholeWay(fixture, "drop auth-wrong-destination", fixture.terminalSide, old);
    byte[] fresh = answer(fixture).hardware(GateFixture.TERMINAL_MAC, OTHER_MASTER_MAC).tcp();
    goesTheWholeWay(fixture, "pass", fixture.terminalSide, fresh);
  }

  @Test
  void segmentsAreJudgedApprovedOrNot() {
    GateFixture fixture = approved();
    TestFrame spoilt = answer(fixture);
    spoilt.spoiltTcp = 1;
    assertEquals("drop tcp-bad-checksum", fixture.fromTerminal(spoilt.tcp()));
    spoilt.spoiltTcp = 0;
    spoilt.spoiltIp = 0x100;
    assertEquals("drop auth-ip-bad-checksum", fixture.fromTerminal(spoilt.tcp()));
    int before = fixture.admission.sessionQuestions;
    fixture.talk(
        """
        M PA  9000  905 4 tcp-out-of-window
        T PA   905 9000 4 tcp-ack-out-of-range
        M S    700    0 0 tcp-syn-in-connection
        M S    700    0 4 tcp-data-before-handshake
        T SF   905  105 0 tcp-bad-flags
        T R   9000    0 0 tcp-reset-not-exact
        M PA   105  905 4 pass
        M FA   109  905 0 pass\
        """);
    assertEquals(before, fixture.admission.sessionQuestions);
    fixture.talk("T A 905 110 0 pass\nM R 110 0 0 pass\nT R 905 0 0 pass");
    assertEquals(before + 3, fixture.admission.sessionQuestions, "not established any more");
  }

  @Test
  void paddingIsCutOffApprovedPacketsToo() {
    GateFixture fixture = approved();
    byte[] frame = Arrays.copyOf(answer(fixture).tcp(), 100);
    Arrays.fill(frame, 58, 100, (byte) 0xa5);
    TestPacket packet = new TestPacket(fixture.terminalSide, frame);
    assertEquals(Verdict.PASS, fixture.gate.receive(packet));
    assertEquals(60, packet.length());
    assertEquals(0, packet.bytes()[59]);
  }

  @Test
  void approvedTrafficKeepsSessionAndConnection() {
    GateFixture fixture = approved();
    Session session = fixture.admission.sessions.get(0);
    for (int i = 0; i < 3; i++) {
      fixture.pass(GateFixture.IDLE_NANOS - GateFixture.SECOND);
      passes(fixture, 0);
      assertEquals(fixture.now, session.lastTrafficNanos());
    }
    fixture.pass(GateFixture.IDLE_NANOS + GateFixture.SECOND);
    assertEquals(0, session.connections().get(), "cut");
    fixture.talk("M PA 105 905 4 tcp-no-connection");
  }

  @Test
  void sessionIsToldOfTrafficNowAndThen() {
    GateFixture fixture = approved();
    Session session = fixture.admission.sessions.get(0);
    fixture.pass(Session.TRAFFIC_GRAIN_NANOS);
    passes(fixture, 0);
    long told = fixture.now;
    assertEquals(told, session.lastTrafficNanos());
    fixture.pass(Session.TRAFFIC_GRAIN_NANOS - 1);
    passes(fixture, 0);
    assertEquals(told, session.lastTrafficNanos());
    fixture.pass(1);
    passes(fixture, 0);
    assertEquals(fixture.now, session.lastTrafficNanos());
  }

  @Test
  void twoSessionsThatTalkInOneTickAreBothBusy() {
    GateFixture fixture = approved();
    fixture.end();
    fixture.talk("M PA 105 905 4 auth-no-session");
    Session next = fixture.begin();
    next.traffic(fixture.now - GateFixture.SECOND);
    fixture.talk("M S 5 0 0 pass");
    assertEquals(fixture.now, next.lastTrafficNanos());
  }
}
