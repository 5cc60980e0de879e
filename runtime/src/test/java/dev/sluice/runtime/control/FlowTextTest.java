package dev.sluice.runtime.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.sluice.plugin.FramePacket;
import dev.sluice.wire.Frames;
import dev.sluice.wire.WireFrames;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

final class FlowTextTest {
  private static String of(Frames frame) {
    FramePacket packet = new FramePacket(frame);
    return FlowText.of(packet.memory(), packet.length());
  }

  private static Frames ip4() {
    return Frames.ethernet().ipv4("10.0.0.1", "10.9.0.2");
  }

  @Test
  void flowsAreNamedByWhatTheyAre() {
    assertEquals("tcp 10.0.0.1:40000 > 10.9.0.2:2404 S", of(ip4().tcp(40_000, 2404, 2)));
    assertEquals("tcp 10.0.0.1:1 > 10.9.0.2:2 FRA", of(ip4().tcp(1, 2, 0x15)));
    assertEquals("tcp 10.0.0.1:1 > 10.9.0.2:2 -", of(ip4().tcp(1, 2, 0)));
    assertEquals("udp 10.0.0.1:53 > 10.9.0.2:1024", of(ip4().udp(53, 1024)));
    assertEquals("icmp 10.0.0.1 > 10.9.0.2 type 8", of(ip4().icmp(8, 0, 1)));
    assertEquals("ip protocol 50 10.0.0.1 > 10.9.0.2", of(ip4().protocol(50).hex("00")));
    assertEquals("ether 0x88cc", of(Frames.ethernet().etherType(0x88cc)));
    assertEquals(
        "vlan 104 vlan 7 udp 10.0.0.1:1 > 10.0.0.2:2",
        of(Frames.ethernet().vlan(104).vlan(7).ipv4("10.0.0.1", "10.0.0.2").udp(1, 2)));
  }

  @Test
  void addressesOfIpv6AreShort() {
    assertEquals(
        "udp [fd00::1]:1 > [fd00:0:1::2]:2",
        of(Frames.ethernet().ipv6("fd00::1", "fd00:0:1::2").udp(1, 2)));
    assertEquals(
        "icmp6 :: > ::1 type 128", of(Frames.ethernet().ipv6("::", "::1").icmp(128, 0, 1)));
    assertEquals(
        "icmp6 1:2:3:4:5:6:7:8 > 1:: type 128",
        of(Frames.ethernet().ipv6("1:2:3:4:5:6:7:8", "1::").icmp(128, 0, 1)));
  }

  @Test
  void arpIsAQuestionOrAReply() {
    String mac = "02:00:00:00:00:01";
    assertEquals(
        "arp who-has 10.0.0.2 tell 10.0.0.1",
        of(Frames.ethernet().arp(1, mac, "10.0.0.1", mac, "10.0.0.2")));
    assertEquals(
        "arp reply 10.0.0.1 to 10.0.0.2",
        of(Frames.ethernet().arp(2, mac, "10.0.0.1", mac, "10.0.0.2")));
  }

  @Test
  void everyPrefixHasAName() {
    for (byte[] frame : WireFrames.all()) {
      for (int length = 0; length <= frame.length; length++) {
        byte[] prefix = Arrays.copyOf(frame, length);
        assertFalse(FlowText.of(MemorySegment.ofArray(prefix), length).isEmpty());
      }
    }
    assertEquals("malformed ether", FlowText.of(MemorySegment.ofArray(new byte[0]), 0));
  }
}
