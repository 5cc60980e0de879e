package dev.sluice.plugins.terminalauth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.plugins.terminalauth.GateFixture.Event;
import dev.sluice.plugins.terminalauth.RecordingSender.Sent;
import dev.sluice.wire.Arp;
import dev.sluice.wire.Ethernet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// ARP: what is answered, what is learned, what is dropped.
class GateAddressTest {
  private static final IpAddress NONE = IpAddress.v4(0);

  /// A sent ARP packet: device, operation, sender's hardware and address, target's.
  private static List<String> told(GateFixture fixture) {
    return fixture.sender.drain().stream().map(GateAddressTest::told).toList();
  }

  private static String told(Sent sent) {
    TestPacket packet = sent.packet();
    assertTrue(packet.reachesHandlers());
    assertEquals(Ethernet.TYPE_ARP, packet.etherType());
    int at = packet.networkAt();
    assertEquals(Ethernet.source(packet.memory(), 0), Arp.senderHardware(packet.memory(), at));
    return "%s %s %s %s -> %s %s"
        .formatted(
            sent.device().name(),
            Arp.operation(packet.memory(), at) == Arp.REQUEST ? "who-has" : "is-at",
            Long.toHexString(Arp.senderHardware(packet.memory(), at)),
            IpAddress.v4((int) Arp.senderProtocol(packet.memory(), at)),
            Long.toHexString(Ethernet.dest(packet.memory(), 0)),
            IpAddress.v4((int) Arp.targetProtocol(packet.memory(), at)));
  }

  private static TestFrame terminal(IpAddress from, IpAddress to) {
    return new TestFrame(GateFixture.TERMINAL_MAC, Ethernet.BROADCAST, from, to);
  }

  private static byte[] question(IpAddress from, IpAddress to) {
    return terminal(from, to).arp(Arp.REQUEST, GateFixture.TERMINAL_MAC);
  }

  private static byte[] master(int operation, IpAddress from, IpAddress to, long hardware) {
    return new TestFrame(hardware, Ethernet.BROADCAST, from, to).arp(operation, hardware);
  }

  @Test
  void listedTerminalLearnsTheMasterBeforeItsSession() {
    GateFixture fixture = new GateFixture();
    byte[] asked = question(GateFixture.TERMINAL, GateFixture.MASTER);
    assertEquals("answered", fixture.fromTerminal(asked));
    assertEquals(List.of("t0 is-at 20000000001 10.0.0.1 -> 20000000010 10.0.0.10"), told(fixture));
  }

  @Test
  void ownAddressIsAnsweredWithThePortsHardwareAddress() {
    GateFixture fixture = new GateFixture();
    byte[] asked = question(GateFixture.TERMINAL, GateFixture.OWN);
    assertEquals("answered", fixture.fromTerminal(asked));
    assertEquals(
        List.of("t0 is-at 200000000a0 10.0.0.254 -> 20000000010 10.0.0.10"), told(fixture));
  }

  @Test
  void unknownMasterIsAskedOnItsSideAndAnsweredAtTheNextTry() {
    GateFixture fixture = GateFixture.withUnknownMaster();
    byte[] asked = question(GateFixture.TERMINAL, GateFixture.MASTER);
    assertEquals("drop auth-master-not-resolved", fixture.fromTerminal(asked));
    assertEquals("drop auth-master-not-resolved", fixture.fromTerminal(asked));
    assertEquals(List.of("m0 who-has 200000000a1 0.0.0.0 -> ffffffffffff 10.0.0.1"), told(fixture));
    fixture.pass(GateFixture.SECOND);
    assertEquals("drop auth-master-not-resolved", fixture.fromTerminal(asked));
    assertEquals(1, told(fixture).size(), "it is asked again after a second");
    byte[] answer = master(Arp.REPLY, GateFixture.MASTER, NONE, GateFixture.MASTER_MAC);
    assertEquals("answered", fixture.fromMaster(answer));
    assertEquals("answered", fixture.fromTerminal(asked));
    assertEquals(List.of("t0 is-at 20000000001 10.0.0.1 -> 20000000010 10.0.0.10"), told(fixture));
  }

  @Test
  void tagsOfTheQuestionAreInAnswerAndForwardQuestion() {
    GateFixture fixture = GateFixture.withUnknownMaster();
    Terminal tagged =
        new Terminal(
            "dtu-2",
            fixture.terminal.certificate(),
            GateFixture.STRANGER,
            "t0",
            30 << 12 | 40,
            fixture.terminal.hardwareAddress(),
            fixture.terminal.masters(),
            fixture.terminal.tcpPorts(),
            fixture.terminal.direction(),
            1);
    fixture.admission.terminals.add(tagged);
    TestFrame asked = terminal(GateFixture.STRANGER, GateFixture.MASTER).vlans(30, 40);
    byte[] frame = asked.arp(Arp.REQUEST, GateFixture.TERMINAL_MAC);
    assertEquals("drop auth-master-not-resolved", fixture.fromTerminal(frame));
    assertEquals(30 << 12 | 40, fixture.sender.drain().get(0).packet().vlanKey());
    TestFrame answer =
        new TestFrame(GateFixture.MASTER_MAC, Ethernet.BROADCAST, GateFixture.MASTER, NONE);
    byte[] untagged = answer.arp(Arp.REPLY, GateFixture.MASTER_MAC);
    assertEquals("drop auth-arp-not-asked", fixture.fromMaster(untagged));
    byte[] other = answer.vlans(30).arp(Arp.REPLY, GateFixture.MASTER_MAC);
    assertEquals("drop auth-arp-not-asked", fixture.fromMaster(other));
    byte[] same = answer.vlans(30, 40).arp(Arp.REPLY, GateFixture.MASTER_MAC);
    assertEquals("answered", fixture.fromMaster(same));
    assertEquals("answered", fixture.fromTerminal(frame));
    assertEquals(30 << 12 | 40, fixture.sender.drain().get(0).packet().vlanKey());
  }

  @Test
  void othersLearnNothing() {
    GateFixture fixture = new GateFixture();
    String[] facts = {
      "10.0.0.66 10.0.0.1  auth-unlisted",
      "10.0.0.66 10.0.0.10 auth-unlisted",
      "10.0.0.10 10.0.0.66 auth-arp-not-registered",
      "0.0.0.0   10.0.0.1  auth-arp-probe",
      "0.0.0.0   10.0.0.10 auth-arp-probe",
      "10.0.0.10 10.0.0.10 auth-arp-announcement",
      "10.0.0.1  10.0.0.1  auth-arp-spoof",
      "10.0.0.1  10.0.0.10 auth-arp-spoof",
      "10.0.0.254 10.0.0.1 auth-arp-spoof",
    };
    for (String fact : facts) {
      String[] words = fact.split(" +", -1);
      byte[] asked = question(IpAddress.parse(words[0]), IpAddress.parse(words[1]));
      assertEquals("drop " + words[2], fixture.fromTerminal(asked), fact);
    }
    byte[] reply =
        terminal(GateFixture.TERMINAL, GateFixture.MASTER).arp(Arp.REPLY, GateFixture.TERMINAL_MAC);
    assertEquals("drop auth-arp-not-asked", fixture.fromTerminal(reply));
    assertEquals(List.of(), told(fixture));
  }

  @Test
  void terminalIsAnsweredWhereTheRegistryHasItAlone() {
    GateFixture fixture = new GateFixture();
    byte[] tagged =
        terminal(GateFixture.TERMINAL, GateFixture.MASTER)
            .vlans(9)
            .arp(Arp.REQUEST, GateFixture.TERMINAL_MAC);
    assertEquals("drop auth-binding-mismatch", fixture.fromTerminal(tagged));
    TestDevice elsewhere = new TestDevice("t1", 2, 1);
    TestDevice.pair(elsewhere, new TestDevice("m1", 3, 2));
    byte[] asked = question(GateFixture.TERMINAL, GateFixture.MASTER);
    assertEquals("drop auth-binding-mismatch", fixture.judged(elsewhere, asked).toString());
    assertEquals(List.of(), told(fixture));
  }

  @Test
  void claimsOfABoundAddressFromElsewhereAreCounted() {
    GateFixture fixture = new GateFixture();
    Session session = fixture.begin();
    TestFrame claim =
        new TestFrame(
            GateFixture.STRANGER_MAC,
            Ethernet.BROADCAST,
            GateFixture.TERMINAL,
            GateFixture.TERMINAL);
    byte[] gratuitous = claim.arp(Arp.REQUEST, GateFixture.STRANGER_MAC);
    assertEquals("drop auth-arp-spoof", fixture.fromTerminal(gratuitous));
    byte[] reply = claim.arp(Arp.REPLY, GateFixture.STRANGER_MAC);
    assertEquals("drop auth-arp-spoof", fixture.fromTerminal(reply));
    assertEquals(2, session.mismatches().sum());
    assertEquals("answered", fixture.fromTerminal(question(GateFixture.TERMINAL, fixture.master)));
  }

  @Test
  void hardwareAddressInsideMustBeThatOutside() {
    GateFixture fixture = GateFixture.withUnknownMaster();
    byte[] lie =
        terminal(GateFixture.TERMINAL, GateFixture.MASTER)
            .arp(Arp.REQUEST, GateFixture.STRANGER_MAC);
    assertEquals("drop auth-arp-spoof", fixture.fromTerminal(lie));
    fixture.fromTerminal(question(GateFixture.TERMINAL, GateFixture.MASTER));
    for (long hardware : new long[] {Ethernet.BROADCAST, 0, 0x0100_5e00_0001L}) {
      byte[] group = master(Arp.REPLY, GateFixture.MASTER, NONE, hardware);
      assertEquals("drop auth-arp-spoof", fixture.fromMaster(group));
    }
  }

  @Test
  void masterLearnsATerminalWithALiveSessionAlone() {
    GateFixture fixture = new GateFixture();
    byte[] asked =
        master(Arp.REQUEST, GateFixture.MASTER, GateFixture.TERMINAL, GateFixture.MASTER_MAC);
    assertEquals("drop auth-no-session", fixture.fromMaster(asked));
    fixture.begin();
    assertEquals("answered", fixture.fromMaster(asked));
    assertEquals(List.of("m0 is-at 20000000010 10.0.0.10 -> 20000000001 10.0.0.1"), told(fixture));
    fixture.end();
    assertEquals("drop auth-no-session", fixture.fromMaster(asked));
    byte[] stranger =
        master(Arp.REQUEST, GateFixture.STRANGER, GateFixture.TERMINAL, GateFixture.STRANGER_MAC);
    assertEquals("drop auth-arp-not-registered", fixture.fromMaster(stranger));
    byte[] other =
        master(Arp.REQUEST, GateFixture.MASTER, GateFixture.STRANGER, GateFixture.MASTER_MAC);
    assertEquals("drop auth-arp-not-registered", fixture.fromMaster(other));
    byte[] forged =
        master(Arp.REQUEST, GateFixture.MASTER, GateFixture.TERMINAL, GateFixture.STRANGER_MAC);
    assertEquals("drop auth-arp-spoof", fixture.fromMaster(forged));
    assertEquals(List.of(), told(fixture));
  }

  @Test
  void masterThatAsksForItsTerminalIsLearned() {
    GateFixture fixture = GateFixture.withUnknownMaster();
    fixture.begin();
    byte[] asked =
        master(Arp.REQUEST, GateFixture.MASTER, GateFixture.TERMINAL, GateFixture.MASTER_MAC);
    assertEquals("answered", fixture.fromMaster(asked));
    fixture.open();
  }

  @Test
  void masterIsNeverLearnedOnTheTerminalsSide() {
    GateFixture fixture = GateFixture.withUnknownMaster();
    byte[] asked = question(GateFixture.TERMINAL, GateFixture.MASTER);
    fixture.fromTerminal(asked);
    byte[] forged = master(Arp.REPLY, GateFixture.MASTER, NONE, GateFixture.STRANGER_MAC);
    assertEquals("drop auth-arp-spoof", fixture.fromTerminal(forged));
    assertEquals("drop auth-master-not-resolved", fixture.fromTerminal(asked));
  }

  @Test
  void packetsWaitForTheMasterToBeKnownAndAskForIt() {
    GateFixture fixture = GateFixture.withUnknownMaster();
    fixture.begin();
    fixture.talk("M S 100 0 0 pass\nT SA 900 101 0 auth-wrong-destination");
    assertEquals(List.of("m0 who-has 200000000a1 0.0.0.0 -> ffffffffffff 10.0.0.1"), told(fixture));
    fixture.fromMaster(master(Arp.REPLY, GateFixture.MASTER, NONE, GateFixture.MASTER_MAC));
    fixture.talk("T SA 900 101 0 pass");
  }

  @Test
  void changeOfALearnedAddressIsReportedOncePerSecond() {
    GateFixture fixture = GateFixture.withUnknownMaster();
    fixture.fromTerminal(question(GateFixture.TERMINAL, GateFixture.MASTER));
    fixture.fromMaster(master(Arp.REPLY, GateFixture.MASTER, NONE, GateFixture.MASTER_MAC));
    fixture.pass(2 * GateFixture.SECOND);
    assertEquals(List.of(), fixture.events);
    fixture.fromMaster(
        master(Arp.REQUEST, GateFixture.MASTER, GateFixture.MASTER, GateFixture.STRANGER_MAC));
    fixture.pass(2 * GateFixture.SECOND);
    Map<String, Object> fields =
        Map.of(
            "master", "10.0.0.1",
            "device", "m0",
            "from", "02:00:00:00:00:01",
            "to", "02:00:00:00:00:66");
    assertEquals(List.of(new Event("master-hardware-address-changed", fields)), fixture.events);
    fixture.pass(2 * GateFixture.SECOND);
    assertEquals(1, fixture.events.size());
  }

  @Test
  void knownMasterIsAskedAgainAfterAMinute() {
    GateFixture fixture = GateFixture.withUnknownMaster();
    byte[] asked = question(GateFixture.TERMINAL, GateFixture.MASTER);
    fixture.fromTerminal(asked);
    fixture.fromMaster(master(Arp.REPLY, GateFixture.MASTER, NONE, GateFixture.MASTER_MAC));
    told(fixture);
    fixture.pass(61 * GateFixture.SECOND);
    assertEquals("answered", fixture.fromTerminal(asked));
    assertEquals(
        List.of(
            "m0 who-has 200000000a1 0.0.0.0 -> ffffffffffff 10.0.0.1",
            "t0 is-at 20000000001 10.0.0.1 -> 20000000010 10.0.0.10"),
        told(fixture));
  }

  @Test
  void otherOperationsAreMalformed() {
    GateFixture fixture = new GateFixture();
    for (int operation : new int[] {0, 3, 4, 8, 9, 0xffff}) {
      byte[] frame =
          terminal(GateFixture.TERMINAL, GateFixture.MASTER)
              .arp(operation, GateFixture.TERMINAL_MAC);
      assertEquals("drop auth-address-malformed", fixture.fromTerminal(frame));
    }
  }
}
