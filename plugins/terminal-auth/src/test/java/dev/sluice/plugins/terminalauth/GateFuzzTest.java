package dev.sluice.plugins.terminalauth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.plugin.Verdict;
import dev.sluice.wire.Arp;
import dev.sluice.wire.Checksum;
import dev.sluice.wire.Ethernet;
import dev.sluice.wire.Ipv4;
import dev.sluice.wire.Tcp;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Random changes to good frames: the gate never throws, and nothing passes without a session.
class GateFuzzTest {
  private static final int FRAMES = 60_000;

  private static List<byte[]> seeds(GateFixture fixture) {
    TestFrame question =
        new TestFrame(
            GateFixture.TERMINAL_MAC, Ethernet.BROADCAST, GateFixture.TERMINAL, GateFixture.MASTER);
    TestFrame solicitation =
        new TestFrame(
            GateFixture.TERMINAL_MAC,
            0x3333_ff00_0001L,
            GateFixture.TERMINAL_V6,
            GateFixture.MASTER_V6);
    return List.of(
        fixture.toTerminal().flags(Tcp.SYN).numbers(100, 0).shift(7).tcp(),
        fixture.toMaster().flags(Tcp.SYN | Tcp.ACK).numbers(900, 101).shift(7).tcp(),
        fixture.toTerminal().numbers(101, 901).payload(20).tcp(),
        fixture.toMaster().numbers(901, 121).payload(20).tcp(),
        fixture.toMaster().flags(Tcp.RST).numbers(901, 121).tcp(),
        fixture.toTerminal().flags(Tcp.FIN | Tcp.ACK).numbers(121, 921).tcp(),
        fixture.toMaster().vlans(30, 40).payload(9).tcp(),
        fixture.toMaster().ports(2404, 2405).payload(9).udp(),
        question.arp(Arp.REQUEST, GateFixture.TERMINAL_MAC),
        question.arp(Arp.REPLY, GateFixture.TERMINAL_MAC),
        solicitation.discovery(135, 0, GateFixture.MASTER_V6, 1, GateFixture.TERMINAL_MAC, 255),
        solicitation.discovery(136, 0x60, GateFixture.MASTER_V6, 2, GateFixture.MASTER_MAC, 255));
  }

  private static byte[] mutated(byte[] frame, Random random) {
    byte[] changed = frame.clone();
    for (int changes = 1 + random.nextInt(4); changes > 0; changes--) {
      changed[random.nextInt(changed.length)] = (byte) random.nextInt();
    }
    if (random.nextInt(8) == 0) {
      return Arrays.copyOf(changed, 14 + random.nextInt(changed.length - 14));
    }
    return changed;
  }

  /// Half of the frames get right checksums again, or few would come past that check.
  private static void repair(TestPacket packet) {
    if (packet.etherType() == Ethernet.TYPE_IPV4 && packet.networkAt() > 0) {
      Ipv4.updateChecksum(packet.memory(), packet.networkAt());
    }
    if (packet.transportProtocol() == Tcp.PROTOCOL) {
      Checksum.updateTransport(
          packet.memory(), packet.networkAt(), Tcp.PROTOCOL, packet.transportAt(), packet.endAt());
    }
  }

  private static TestPacket next(GateFixture fixture, List<byte[]> seeds, Random random) {
    byte[] seed = seeds.get(random.nextInt(seeds.size()));
    TestDevice side = random.nextBoolean() ? fixture.terminalSide : fixture.masterSide;
    TestPacket packet = new TestPacket(side, mutated(seed, random));
    if (random.nextBoolean()) {
      repair(packet);
    }
    return packet;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void nothingPassesWithoutASession(long seed) {
    Random random = new Random(seed);
    GateFixture fixture = GateFixture.withUnknownMaster();
    List<byte[]> seeds = seeds(fixture);
    for (int i = 0; i < FRAMES; i++) {
      TestPacket packet = next(fixture, seeds, random);
      Verdict verdict = fixture.gate.receive(packet);
      boolean ends = verdict == Verdict.ANSWERED || verdict.reason() != null;
      assertTrue(ends, () -> verdict + " for " + HexFormat.of().formatHex(packet.bytes()));
      if (i % 1000 == 0) {
        fixture.pass(10_000_000);
      }
    }
    fixture
        .sender
        .drain()
        .forEach(sent -> {
          boolean question = sent.device() == fixture.masterSide;
          long source = Ethernet.source(sent.packet().memory(), 0);
          assertEquals(
              question, source == GateFixture.MASTER_PORT_MAC, "only the gateway's own cross");
        });
  }

  @ParameterizedTest
  @ValueSource(longs = {4, 5, 6})
  void whatPassesWithASessionIsTcpBetweenItsEnds(long seed) {
    Random random = new Random(seed);
    GateFixture fixture = new GateFixture();
    Session session = fixture.begin();
    fixture.open();
    List<byte[]> seeds = seeds(fixture);
    int passed = 0;
    for (int i = 0; i < FRAMES; i++) {
      TestPacket packet = next(fixture, seeds, random);
      Verdict verdict = fixture.gate.receive(packet);
      assertNotNull(verdict);
      if (verdict == Verdict.PASS) {
        passed++;
        assertEquals(Tcp.PROTOCOL, packet.transportProtocol());
        assertEquals(0xffffff, packet.vlanKey());
        boolean up = packet.ingress() == fixture.terminalSide;
        long source = Ipv4.source(packet.memory(), packet.networkAt());
        IpAddress expected = up ? GateFixture.TERMINAL : GateFixture.MASTER;
        assertEquals(expected, IpAddress.v4((int) source));
        long hardware = Ethernet.source(packet.memory(), 0);
        assertEquals(up ? GateFixture.TERMINAL_MAC : GateFixture.MASTER_MAC, hardware);
      }
      if (i % 1000 == 0) {
        fixture.pass(10_000_000);
      }
    }
    assertTrue(passed > 0, "mutation leaves some frames good");
    assertTrue(session.connections().get() <= 4);
  }

  @Test
  void fuzzedIpv6WithoutSessionDoesNotPass() {
    Random random = new Random(7);
    GateFixture fixture = GateFixture.v6(OptionalLong.empty());
    List<byte[]> seeds = seeds(fixture);
    for (int i = 0; i < FRAMES; i++) {
      TestPacket packet = next(fixture, seeds, random);
      assertTrue(fixture.gate.receive(packet) != Verdict.PASS);
    }
  }
}
