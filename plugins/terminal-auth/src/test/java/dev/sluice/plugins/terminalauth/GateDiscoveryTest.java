package dev.sluice.plugins.terminalauth;

import static dev.sluice.wire.NeighborDiscovery.ADVERTISEMENT;
import static dev.sluice.wire.NeighborDiscovery.FLAG_OVERRIDE;
import static dev.sluice.wire.NeighborDiscovery.FLAG_SOLICITED;
import static dev.sluice.wire.NeighborDiscovery.OPTION_SOURCE_ADDRESS;
import static dev.sluice.wire.NeighborDiscovery.OPTION_TARGET_ADDRESS;
import static dev.sluice.wire.NeighborDiscovery.SOLICITATION;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.plugins.terminalauth.RecordingSender.Sent;
import dev.sluice.wire.Checksum;
import dev.sluice.wire.Ethernet;
import dev.sluice.wire.Icmpv6;
import dev.sluice.wire.Ipv6;
import dev.sluice.wire.NeighborDiscovery;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// IPv6 neighbour discovery: what is answered, what is learned, what is dropped.
class GateDiscoveryTest {
  private static final IpAddress NONE = IpAddress.parse("::");
  private static final IpAddress ALL_NODES = IpAddress.parse("ff02::1");
  private static final IpAddress MASTERS_GROUP = IpAddress.parse("ff02::1:ff00:1");
  private static final IpAddress TERMINALS_GROUP = IpAddress.parse("ff02::1:ff00:10");
  private static final IpAddress STRANGER = IpAddress.parse("2001:db8::66");
  private static final int HOPS = 255;

  private static GateFixture configured() {
    return GateFixture.v6(OptionalLong.of(GateFixture.MASTER_MAC));
  }

  private static byte[] solicitation(
      long hardware, IpAddress from, IpAddress to, IpAddress target, int hops) {
    return new TestFrame(hardware, 0x3333_0000_0001L, from, to)
        .discovery(SOLICITATION, 0, target, OPTION_SOURCE_ADDRESS, hardware, hops);
  }

  /// A solicitation that has addresses of IPv4 in the form of IPv6.
  private static byte[] mapped(long hardware, IpAddress from, IpAddress target) {
    TestFrame frame = new TestFrame(hardware, 0x3333_0000_0001L, from, MASTERS_GROUP);
    frame.inIpv6 = true;
    return frame.discovery(SOLICITATION, 0, target, OPTION_SOURCE_ADDRESS, hardware, HOPS);
  }

  private static byte[] asksForMaster() {
    return solicitation(
        GateFixture.TERMINAL_MAC,
        GateFixture.TERMINAL_V6,
        MASTERS_GROUP,
        GateFixture.MASTER_V6,
        HOPS);
  }

  private static byte[] advertisement(
      long hardware, IpAddress from, IpAddress target, int flags, long said) {
    return new TestFrame(hardware, 0x3333_0000_0001L, from, ALL_NODES)
        .discovery(ADVERTISEMENT, flags, target, OPTION_TARGET_ADDRESS, said, HOPS);
  }

  /// A sent message: device, what it says, its addresses, with all that makes it valid checked.
  private static String told(Sent sent) {
    TestPacket packet = sent.packet();
    assertTrue(packet.reachesHandlers());
    int at = packet.transportAt();
    int network = packet.networkAt();
    assertEquals(Icmpv6.PROTOCOL, packet.transportProtocol());
    assertEquals(HOPS, Ipv6.hopLimit(packet.memory(), network));
    assertTrue(NeighborDiscovery.fits(packet.memory(), at, packet.endAt()));
    assertTrue(
        Checksum.isTransportRight(packet.memory(), network, Icmpv6.PROTOCOL, at, packet.endAt()));
    long said =
        NeighborDiscovery.linkAddress(packet.memory(), at, packet.endAt(), OPTION_TARGET_ADDRESS);
    IpAddress from =
        new IpAddress(
            Ipv6.sourceHigh(packet.memory(), network), Ipv6.sourceLow(packet.memory(), network));
    IpAddress to =
        new IpAddress(
            Ipv6.destHigh(packet.memory(), network), Ipv6.destLow(packet.memory(), network));
    IpAddress target =
        new IpAddress(
            NeighborDiscovery.targetHigh(packet.memory(), at),
            NeighborDiscovery.targetLow(packet.memory(), at));
    return "%s %d %s %s>%s %s>%s flags %x"
        .formatted(
            sent.device().name(),
            Icmpv6.type(packet.memory(), at),
            target + (said < 0 ? "" : " is " + Long.toHexString(said)),
            from,
            to,
            Long.toHexString(Ethernet.source(packet.memory(), 0)),
            Long.toHexString(Ethernet.dest(packet.memory(), 0)),
            NeighborDiscovery.flags(packet.memory(), at));
  }

  private static List<String> told(GateFixture fixture) {
    return fixture.sender.drain().stream().map(GateDiscoveryTest::told).toList();
  }

  @Test
  void listedTerminalLearnsTheMasterBeforeItsSession() {
    GateFixture fixture = configured();
    assertEquals("answered", fixture.fromTerminal(asksForMaster()));
    assertEquals(
        List.of(
            "t0 136 2001:db8:0:0:0:0:0:1 is 20000000001 "
                + "2001:db8:0:0:0:0:0:1>2001:db8:0:0:0:0:0:10 20000000001>20000000010 flags 60"),
        told(fixture));
  }

  @Test
  void unknownMasterIsAskedOnItsSideAndAnsweredAtTheNextTry() {
    GateFixture fixture = GateFixture.v6(OptionalLong.empty());
    assertEquals("drop auth-master-not-resolved", fixture.fromTerminal(asksForMaster()));
    assertEquals("drop auth-master-not-resolved", fixture.fromTerminal(asksForMaster()));
    assertEquals(
        List.of(
            "m0 135 2001:db8:0:0:0:0:0:1 0:0:0:0:0:0:0:0>ff02:0:0:0:0:1:ff00:1 "
                + "200000000a1>3333ff000001 flags 0"),
        told(fixture));
    byte[] answer =
        advertisement(
            GateFixture.MASTER_MAC,
            GateFixture.MASTER_V6,
            GateFixture.MASTER_V6,
            FLAG_OVERRIDE,
            GateFixture.MASTER_MAC);
    assertEquals("answered", fixture.fromMaster(answer));
    assertEquals("answered", fixture.fromTerminal(asksForMaster()));
    assertEquals(1, told(fixture).size());
  }

  @Test
  void masterLearnsATerminalWithALiveSessionAlone() {
    GateFixture fixture = configured();
    byte[] asked =
        solicitation(
            GateFixture.MASTER_MAC,
            GateFixture.MASTER_V6,
            TERMINALS_GROUP,
            GateFixture.TERMINAL_V6,
            HOPS);
    assertEquals("drop auth-no-session", fixture.fromMaster(asked));
    fixture.begin();
    assertEquals("answered", fixture.fromMaster(asked));
    assertEquals(
        List.of(
            "m0 136 2001:db8:0:0:0:0:0:10 is 20000000010 "
                + "2001:db8:0:0:0:0:0:10>2001:db8:0:0:0:0:0:1 20000000010>20000000001 flags 60"),
        told(fixture));
    fixture.end();
    assertEquals("drop auth-no-session", fixture.fromMaster(asked));
    byte[] stranger =
        solicitation(
            GateFixture.STRANGER_MAC, STRANGER, TERMINALS_GROUP, GateFixture.TERMINAL_V6, HOPS);
    assertEquals("drop auth-arp-not-registered", fixture.fromMaster(stranger));
    assertEquals(List.of(), told(fixture));
  }

  @Test
  void othersLearnNothing() {
    GateFixture fixture = configured();
    long own = GateFixture.TERMINAL_MAC;
    IpAddress terminal = GateFixture.TERMINAL_V6;
    IpAddress master = GateFixture.MASTER_V6;
    IpAddress linkLocal = IpAddress.parse("fe80::10");
    String[] expected = {
      "auth-unlisted",
      "auth-unlisted",
      "auth-arp-probe",
      "auth-arp-probe",
      "auth-arp-not-registered",
      "auth-arp-spoof",
      "auth-address-malformed",
      "auth-address-malformed",
      "auth-bad-address",
      "auth-address-malformed"
    };
    byte[][] frames = {
      solicitation(own, STRANGER, MASTERS_GROUP, master, HOPS),
      solicitation(own, linkLocal, MASTERS_GROUP, master, HOPS),
      solicitation(own, NONE, TERMINALS_GROUP, terminal, HOPS),
      solicitation(own, NONE, MASTERS_GROUP, master, HOPS),
      solicitation(own, terminal, MASTERS_GROUP, STRANGER, HOPS),
      solicitation(own, master, MASTERS_GROUP, master, HOPS),
      solicitation(own, terminal, MASTERS_GROUP, master, 254),
      solicitation(own, terminal, MASTERS_GROUP, ALL_NODES, HOPS),
      mapped(own, GateFixture.TERMINAL, GateFixture.MASTER),
      mapped(own, terminal, GateFixture.MASTER),
    };
    for (int i = 0; i < frames.length; i++) {
      assertEquals("drop " + expected[i], fixture.fromTerminal(frames[i]));
    }
    assertEquals(List.of(), told(fixture));
  }

  @Test
  void damagedMessagesAreDropped() {
    GateFixture fixture = configured();
    byte[] good = asksForMaster();
    for (int at = 54; at < good.length; at++) {
      byte[] damaged = good.clone();
      damaged[at] ^= 0x20;
      String verdict = fixture.fromTerminal(damaged);
      boolean dropped =
          List.of("drop auth-address-malformed", "drop auth-icmpv6").contains(verdict);
      assertTrue(dropped, at + ": " + verdict);
    }
    assertEquals(List.of(), told(fixture));
  }

  @Test
  void claimsOfABoundAddressFromElsewhereAreCounted() {
    GateFixture fixture = configured();
    Session session = fixture.begin();
    byte[] claim =
        advertisement(
            GateFixture.STRANGER_MAC,
            GateFixture.TERMINAL_V6,
            GateFixture.TERMINAL_V6,
            FLAG_OVERRIDE,
            GateFixture.STRANGER_MAC);
    assertEquals("drop auth-arp-spoof", fixture.fromTerminal(claim));
    assertEquals(1, session.mismatches().sum());
    byte[] asMaster =
        advertisement(
            GateFixture.TERMINAL_MAC,
            GateFixture.MASTER_V6,
            GateFixture.MASTER_V6,
            FLAG_OVERRIDE,
            GateFixture.TERMINAL_MAC);
    assertEquals("drop auth-arp-spoof", fixture.fromTerminal(asMaster));
    byte[] lie =
        advertisement(
            GateFixture.TERMINAL_MAC,
            GateFixture.TERMINAL_V6,
            GateFixture.TERMINAL_V6,
            FLAG_SOLICITED,
            GateFixture.STRANGER_MAC);
    assertEquals("drop auth-arp-spoof", fixture.fromTerminal(lie));
    byte[] own =
        advertisement(
            GateFixture.TERMINAL_MAC,
            GateFixture.TERMINAL_V6,
            GateFixture.TERMINAL_V6,
            FLAG_OVERRIDE,
            GateFixture.TERMINAL_MAC);
    assertEquals("drop auth-arp-announcement", fixture.fromTerminal(own));
    assertEquals(1, session.mismatches().sum());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 128, 129, 130, 131, 133, 134, 137, 143})
  void theRestOfIcmpv6IsDropped(int type) {
    GateFixture fixture = configured();
    fixture.begin();
    TestFrame frame = fixture.toMaster();
    byte[] bytes = frame.discovery(type, 0, GateFixture.MASTER_V6, 1, frame.source, HOPS);
    assertEquals("drop auth-icmpv6", fixture.fromTerminal(bytes));
    assertEquals("drop auth-icmpv6", fixture.fromMaster(bytes));
    assertEquals(List.of(), told(fixture));
  }
}
