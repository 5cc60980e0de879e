package dev.sluice.plugins.terminalauth;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sluice.plugin.Verdict;
import dev.sluice.wire.Ethernet;
import dev.sluice.wire.Ipv4;
import dev.sluice.wire.Ipv6;
import dev.sluice.wire.Tcp;
import dev.sluice.wire.Udp;
import dev.sluice.wire.Vlan;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Who may send what, and from where, before any look at TCP.
class GateBindingTest {
  private static GateFixture open() {
    GateFixture fixture = new GateFixture();
    fixture.begin();
    fixture.open();
    return fixture;
  }

  private static TestFrame answer(GateFixture fixture) {
    return fixture.toMaster().numbers(901, 101).payload(4);
  }

  private static TestFrame command(GateFixture fixture) {
    return fixture.toTerminal().numbers(101, 901).payload(4);
  }

  @Test
  void nothingOfAListedTerminalPassesWithoutASession() {
    GateFixture fixture = new GateFixture();
    fixture.talk(
        """
        M S 100 0 0 auth-no-session
        T S 100 0 0 auth-no-session
        T PA 901 101 9 auth-no-session
        T SU 901 101 9 auth-no-session\
        """);
    assertEquals("drop auth-no-session", fixture.fromTerminal(fixture.toMaster().udp()));
    assertEquals(List.of(), fixture.sender.drain());
  }

  @Test
  void unlistedAddressesAreNobodys() {
    GateFixture fixture = open();
    byte[] sent = answer(fixture).addresses(GateFixture.STRANGER, GateFixture.MASTER).tcp();
    assertEquals("drop auth-unlisted", fixture.fromTerminal(sent));
    byte[] received = command(fixture).addresses(GateFixture.MASTER, GateFixture.STRANGER).tcp();
    assertEquals("drop auth-unlisted", fixture.fromMaster(received));
    byte[] asMaster = answer(fixture).addresses(GateFixture.MASTER, GateFixture.TERMINAL).tcp();
    assertEquals("drop auth-unlisted", fixture.fromTerminal(asMaster));
  }

  @Test
  void packetsOfTheSessionsAddressComeAsBoundAlone() {
    GateFixture fixture = open();
    Session session = fixture.admission.sessions.get(0);
    byte[] good = answer(fixture).tcp();
    byte[] stranger =
        answer(fixture).hardware(GateFixture.STRANGER_MAC, GateFixture.MASTER_MAC).tcp();
    assertEquals("drop auth-binding-mismatch", fixture.fromTerminal(stranger));
    assertEquals(
        "drop auth-binding-mismatch", fixture.fromTerminal(answer(fixture).vlans(5).tcp()));
    assertEquals(
        "drop auth-binding-mismatch", fixture.fromTerminal(answer(fixture).vlans(0).tcp()));
    TestDevice elsewhere = new TestDevice("t1", 2, 0x0200_0000_00b0L);
    TestDevice.pair(elsewhere, new TestDevice("m1", 3, 0x0200_0000_00b1L));
    assertEquals("drop auth-binding-mismatch", fixture.judged(elsewhere, good).toString());
    assertEquals(4, session.mismatches().sum());
    assertEquals("pass", fixture.fromTerminal(good));
  }

  @Test
  void mastersFramesGoToTheBoundTerminalAlone() {
    GateFixture fixture = open();
    byte[] otherHardware =
        command(fixture).hardware(GateFixture.MASTER_MAC, GateFixture.STRANGER_MAC).tcp();
    assertEquals("drop auth-wrong-destination", fixture.fromMaster(otherHardware));
    byte[] broadcast = command(fixture).hardware(GateFixture.MASTER_MAC, Ethernet.BROADCAST).tcp();
    assertEquals("drop auth-wrong-destination", fixture.fromMaster(broadcast));
    assertEquals("drop auth-binding-mismatch", fixture.fromMaster(command(fixture).vlans(5).tcp()));
    byte[] otherMaster =
        command(fixture).hardware(GateFixture.STRANGER_MAC, GateFixture.TERMINAL_MAC).tcp();
    assertEquals("drop auth-wrong-master", fixture.fromMaster(otherMaster));
    byte[] otherAddress =
        command(fixture).addresses(GateFixture.STRANGER, GateFixture.TERMINAL).tcp();
    assertEquals("drop auth-flow-not-allowed", fixture.fromMaster(otherAddress));
    assertEquals(0, fixture.admission.sessions.get(0).mismatches().sum());
    assertEquals("pass", fixture.fromMaster(command(fixture).tcp()));
  }

  @Test
  void terminalsFramesGoToMastersAlone() {
    GateFixture fixture = open();
    for (long dest : new long[] {GateFixture.STRANGER_MAC, Ethernet.BROADCAST, 0}) {
      byte[] frame = answer(fixture).hardware(GateFixture.TERMINAL_MAC, dest).tcp();
      assertEquals("drop auth-wrong-destination", fixture.fromTerminal(frame));
    }
    byte[] elsewhere = answer(fixture).addresses(GateFixture.TERMINAL, GateFixture.STRANGER).tcp();
    assertEquals("drop auth-flow-not-allowed", fixture.fromTerminal(elsewhere));
    byte[] own = answer(fixture).addresses(GateFixture.TERMINAL, GateFixture.OWN).tcp();
    assertEquals("drop auth-flow-not-allowed", fixture.fromTerminal(own));
  }

  @Test
  void whatLiesBehindTheIpPacketDoesNotCross() {
    GateFixture fixture = open();
    byte[] good = answer(fixture).tcp();
    assertEquals(58, good.length);
    for (int bytes : new int[] {59, 60, 61, 1514}) {
      byte[] longer = Arrays.copyOf(good, bytes);
      Arrays.fill(longer, good.length, bytes, (byte) 'x');
      TestPacket packet = new TestPacket(fixture.terminalSide, longer);
      assertEquals(Verdict.PASS, fixture.gate.receive(packet));
      assertArrayEquals(Arrays.copyOf(good, Math.min(bytes, 60)), packet.bytes());
    }
    byte[] large = answer(fixture).payload(100).tcp();
    TestPacket packet = new TestPacket(fixture.terminalSide, Arrays.copyOf(large, 200));
    assertEquals(Verdict.PASS, fixture.gate.receive(packet));
    assertArrayEquals(large, packet.bytes());
  }

  @ParameterizedTest
  @ValueSource(strings = {"88a8", "9100", "8100 88a8", "88a8 88a8", "8100 9100"})
  void tagsThatASwitchMayReadOtherwiseAreDropped(String types) {
    GateFixture fixture = new GateFixture();
    String[] outerFirst = types.split(" ", -1);
    int[] vlans = outerFirst.length == 1 ? new int[] {10} : new int[] {100, 10};
    int key = outerFirst.length == 1 ? 10 << 12 | 0xfff : 100 << 12 | 10;
    fixture.begin(
        new Binding(
            fixture.terminalSide, key, GateFixture.TERMINAL_MAC, fixture.terminal.address()));
    byte[] dial = fixture.toTerminal().vlans(vlans).flags(Tcp.SYN).tcp();
    byte[] called = fixture.toMaster().vlans(vlans).ports(1, GateFixture.AUTH_PORT).udp();
    assertEquals("pass", fixture.fromMaster(dial));
    assertEquals("answered", fixture.fromTerminal(called));
    for (int i = 0; i < outerFirst.length; i++) {
      int type = Integer.parseInt(outerFirst[i], 16);
      Vlan.setTagType(MemorySegment.ofArray(dial), 12 + 4L * i, type);
      Vlan.setTagType(MemorySegment.ofArray(called), 12 + 4L * i, type);
    }
    assertEquals("drop auth-vlan-tag", fixture.fromMaster(dial));
    assertEquals("drop auth-vlan-tag", fixture.fromTerminal(called));
  }

  @Test
  void frameThatAnotherHandlerSentElsewhereDoesNotPass() {
    GateFixture fixture = open();
    TestPacket packet = new TestPacket(fixture.terminalSide, answer(fixture).tcp());
    packet.setEgress(fixture.terminalSide);
    assertEquals("drop auth-flow-not-allowed", fixture.gate.receive(packet).toString());
    TestPacket back = new TestPacket(fixture.masterSide, command(fixture).tcp());
    back.setEgress(fixture.masterSide);
    assertEquals("drop auth-flow-not-allowed", fixture.gate.receive(back).toString());
  }

  @ParameterizedTest
  @ValueSource(ints = {Udp.PROTOCOL, 1, 2, 47, 50, 58, 89, 132, 255})
  void otherProtocolsThanTcpAreDropped(int protocol) {
    GateFixture fixture = open();
    String verdict = "drop auth-protocol-not-allowed";
    assertEquals(verdict, fixture.fromTerminal(fixture.toMaster().udp(protocol)));
    assertEquals(verdict, fixture.fromMaster(fixture.toTerminal().udp(protocol)));
  }

  @ParameterizedTest
  @ValueSource(
      ints = {0x0000, 0x0026, 0x05ff, 0x0842, 0x8100, 0x8847, 0x88b8, 0x88ba, 0x88cc, 0xffff})
  void otherEtherTypesAreDropped(int etherType) {
    GateFixture fixture = open();
    byte[] frame = answer(fixture).tcp();
    Ethernet.setEtherType(MemorySegment.ofArray(frame), 0, etherType);
    assertEquals("drop auth-ethertype", fixture.fromTerminal(frame));
    assertEquals("drop auth-ethertype", fixture.fromMaster(frame));
  }

  @Test
  void framesFromGroupsAreDropped() {
    GateFixture fixture = open();
    for (long source : new long[] {0, Ethernet.BROADCAST, 0x0100_5e00_0001L}) {
      byte[] frame =
          fixture.toMaster().hardware(source, GateFixture.MASTER_MAC).ports(1, 2405).udp();
      assertEquals("drop auth-bad-source", fixture.fromTerminal(frame));
    }
    assertEquals(0, fixture.admission.datagrams.size());
  }

  @Test
  void ipOptionsAreDropped() {
    GateFixture fixture = open();
    byte[] plain = answer(fixture).tcp();
    byte[] frame = new byte[plain.length + 4];
    System.arraycopy(plain, 0, frame, 0, 34);
    Arrays.fill(frame, 34, 38, (byte) 1);
    System.arraycopy(plain, 34, frame, 38, plain.length - 34);
    MemorySegment memory = MemorySegment.ofArray(frame);
    Ipv4.setHeaderBytes(memory, 14, 24);
    Ipv4.setTotalBytes(memory, 14, frame.length - 14);
    Ipv4.updateChecksum(memory, 14);
    assertEquals("drop auth-ip-options", fixture.fromTerminal(frame));
  }

  @Test
  void extensionHeadersAreDropped() {
    GateFixture fixture = GateFixture.v6(OptionalLong.of(GateFixture.MASTER_MAC));
    fixture.begin();
    fixture.open();
    byte[] plain = answer(fixture).tcp();
    byte[] frame = new byte[plain.length + 8];
    System.arraycopy(plain, 0, frame, 0, 54);
    frame[20] = 60;
    frame[54] = Tcp.PROTOCOL;
    frame[56] = 1;
    frame[57] = 4;
    System.arraycopy(plain, 54, frame, 62, plain.length - 54);
    Ipv6.setPayloadBytes(MemorySegment.ofArray(frame), 14, frame.length - 54);
    assertEquals("drop auth-ip-options", fixture.fromTerminal(frame));
    assertEquals("pass", fixture.fromTerminal(plain));
  }

  @Test
  void fragmentThatThePolicyLetsInIsDropped() {
    GateFixture fixture = open();
    byte[] frame = answer(fixture).tcp();
    MemorySegment memory = MemorySegment.ofArray(frame);
    Ipv4.setFragment(memory, 14, false, true, 0);
    Ipv4.updateChecksum(memory, 14);
    assertEquals("drop auth-protocol-not-allowed", fixture.fromTerminal(frame));
  }

  @Test
  void datagramsToTheAuthenticationPortGoToAdmission() {
    GateFixture fixture = new GateFixture();
    byte[] toMaster = fixture.toMaster().ports(4000, 2405).payload("hello").udp();
    assertEquals("answered", fixture.fromTerminal(toMaster));
    byte[] toOwn =
        fixture.toMaster().addresses(GateFixture.TERMINAL, GateFixture.OWN).ports(1, 2405).udp();
    assertEquals("answered", fixture.fromTerminal(toOwn));
    assertArrayEquals(toMaster, fixture.admission.datagrams.get(0));
    fixture.admission.answer = FakeAdmission.REFUSED.verdict();
    assertEquals("drop test-refused", fixture.fromTerminal(toMaster));
    assertEquals(3, fixture.admission.datagrams.size());
  }

  @Test
  void otherDatagramsDoNotReachAdmission() {
    GateFixture fixture = new GateFixture();
    String verdict = "drop auth-no-session";
    assertEquals(verdict, fixture.fromTerminal(fixture.toMaster().ports(2405, 2404).udp()));
    TestFrame elsewhere = fixture.toMaster().addresses(GateFixture.TERMINAL, GateFixture.STRANGER);
    assertEquals(verdict, fixture.fromTerminal(elsewhere.ports(1, 2405).udp()));
    assertEquals(verdict, fixture.fromMaster(fixture.toTerminal().ports(1, 2405).udp()));
    assertEquals(verdict, fixture.fromTerminal(fixture.toMaster().ports(1, 2405).tcp()));
    assertEquals(0, fixture.admission.datagrams.size());
  }

  @Test
  void ipv6IsAsIpv4() {
    GateFixture fixture = GateFixture.v6(OptionalLong.of(GateFixture.MASTER_MAC));
    fixture.talk("M S 100 0 0 auth-no-session\nT PA 901 101 9 auth-no-session");
    byte[] hello = fixture.toMaster().ports(4000, 2405).payload("hello").udp();
    assertEquals("answered", fixture.fromTerminal(hello));
    Session session = fixture.begin();
    fixture.open();
    fixture.talk("M PA 101 901 9 pass\nT PA 901 110 9 pass");
    byte[] stranger =
        answer(fixture).hardware(GateFixture.STRANGER_MAC, GateFixture.MASTER_MAC).tcp();
    assertEquals("drop auth-binding-mismatch", fixture.fromTerminal(stranger));
    assertEquals(1, session.mismatches().sum());
  }

  @Test
  void ipv4AddressInAnIpv6HeaderIsNotThatStation() {
    GateFixture fixture = open();
    IpAddress real = GateFixture.TERMINAL_V6;
    for (TestFrame frame : List.of(answer(fixture), command(fixture))) {
      frame.inIpv6 = true;
      assertEquals("drop auth-bad-address", fixture.fromTerminal(frame.tcp()));
      assertEquals("drop auth-bad-address", fixture.fromMaster(frame.tcp()));
      frame.addresses(real, frame.to);
      assertEquals("drop auth-bad-address", fixture.fromTerminal(frame.tcp()));
    }
  }

  @Test
  void masterBehindARouterIsReachedThroughTheRouter() {
    GateFixture fixture = new GateFixture();
    Terminal far =
        new Terminal(
            "dtu-2",
            fixture.terminal.certificate(),
            GateFixture.STRANGER,
            "t0",
            GateFixture.NO_VLAN,
            fixture.terminal.hardwareAddress(),
            List.of(IpAddress.parse("192.0.2.1")),
            fixture.terminal.tcpPorts(),
            fixture.terminal.direction(),
            1);
    fixture.admission.terminals.add(far);
    TestFrame hello =
        fixture.toMaster().addresses(far.address(), far.masters().get(0)).ports(9, 2405);
    assertEquals("answered", fixture.fromTerminal(hello.udp()));
    long hardware = GateFixture.STRANGER_MAC;
    Binding binding =
        new Binding(fixture.terminalSide, GateFixture.NO_VLAN, hardware, far.address());
    fixture.admission.begin(new Session(9, far, binding, fixture.now));
    byte[] syn =
        fixture
            .toTerminal()
            .hardware(GateFixture.MASTER_MAC, hardware)
            .addresses(far.masters().get(0), far.address())
            .flags(Tcp.SYN)
            .tcp();
    assertEquals("pass", fixture.fromMaster(syn));
    byte[] answer =
        fixture
            .toMaster()
            .hardware(hardware, GateFixture.MASTER_MAC)
            .addresses(far.address(), far.masters().get(0))
            .flags(Tcp.SYN | Tcp.ACK)
            .numbers(900, 1)
            .tcp();
    assertEquals("pass", fixture.fromTerminal(answer));
  }
}
