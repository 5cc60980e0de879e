package dev.sluice.runtime.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.wire.Frames;
import dev.sluice.wire.Layers;
import dev.sluice.wire.WireFrames;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class FlowTextTest {
  private static String told(byte[] frame) {
    Layers layers = new Layers();
    MemorySegment memory = MemorySegment.ofArray(frame);
    layers.parse(memory, frame.length);
    return FlowText.of(memory, layers, frame.length);
  }

  @Test
  void framesAreToldByTheirHeaders() {
    List<String> told = WarmUpFrames.all().stream().map(FlowTextTest::told).distinct().toList();
    assertTrue(told.contains("udp 192.0.2.3:40003 > 198.51.100.1:2404"), told::toString);
    assertTrue(told.contains("arp who-has 198.51.100.1 tell 192.0.2.1"), told::toString);
    assertTrue(told.contains("ip fragment 192.0.2.1 > 198.51.100.1"), told::toString);
    assertEquals("ether", told(new byte[5]));
    assertEquals("ether 0x0000", told(new byte[60]));
    assertEquals("malformed ipv4", told(Arrays.copyOf(ip4().udp(1, 2).bytes(), 30)));
  }

  private static String told(Frames frame) {
    return told(frame.bytes());
  }

  private static Frames ip4() {
    return Frames.ethernet().ipv4("10.0.0.1", "10.9.0.2");
  }

  @Test
  void flowsAreNamedByWhatTheyAre() {
    assertEquals("tcp 10.0.0.1:40000 > 10.9.0.2:2404 S", told(ip4().tcp(40_000, 2404, 2)));
    assertEquals("tcp 10.0.0.1:1 > 10.9.0.2:2 FRA", told(ip4().tcp(1, 2, 0x15)));
    assertEquals("tcp 10.0.0.1:1 > 10.9.0.2:2 -", told(ip4().tcp(1, 2, 0)));
    assertEquals("udp 10.0.0.1:53 > 10.9.0.2:1024", told(ip4().udp(53, 1024)));
    assertEquals("icmp 10.0.0.1 > 10.9.0.2 type 8", told(ip4().icmp(8, 0, 1)));
    assertEquals("ip protocol 50 10.0.0.1 > 10.9.0.2", told(ip4().protocol(50).hex("00")));
    assertEquals("ether 0x88cc", told(Frames.ethernet().etherType(0x88cc)));
    assertEquals(
        "vlan 104 vlan 7 udp 10.0.0.1:1 > 10.0.0.2:2",
        told(Frames.ethernet().vlan(104).vlan(7).ipv4("10.0.0.1", "10.0.0.2").udp(1, 2)));
  }

  @Test
  void addressesOfIpv6AreShort() {
    assertEquals(
        "udp [fd00::1]:1 > [fd00:0:1::2]:2",
        told(Frames.ethernet().ipv6("fd00::1", "fd00:0:1::2").udp(1, 2)));
    assertEquals(
        "icmp6 :: > ::1 type 128", told(Frames.ethernet().ipv6("::", "::1").icmp(128, 0, 1)));
    assertEquals(
        "icmp6 1:2:3:4:5:6:7:8 > 1:: type 128",
        told(Frames.ethernet().ipv6("1:2:3:4:5:6:7:8", "1::").icmp(128, 0, 1)));
  }

  /// The JDK makes addresses of IPv4 of these, which would hide a trick from the reader.
  @Test
  void mappedAddressStaysOneOfIpv6() {
    byte[] frame = Frames.ethernet().ipv6("fd00::1", "fd00::2").udp(1, 2).bytes();
    byte[] mapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, 10, 0, 0, 1};
    System.arraycopy(mapped, 0, frame, 14 + 8, mapped.length);
    assertEquals("udp [::ffff:a00:1]:1 > [fd00::2]:2", told(frame));
  }

  @Test
  void arpIsAQuestionOrAReply() {
    String mac = "02:00:00:00:00:01";
    assertEquals(
        "arp who-has 10.0.0.2 tell 10.0.0.1",
        told(Frames.ethernet().arp(1, mac, "10.0.0.1", mac, "10.0.0.2")));
    assertEquals(
        "arp reply 10.0.0.1 to 10.0.0.2",
        told(Frames.ethernet().arp(2, mac, "10.0.0.1", mac, "10.0.0.2")));
  }

  @Test
  void everyPrefixHasAName() {
    for (byte[] frame : WireFrames.all()) {
      for (int length = 0; length <= frame.length; length++) {
        assertFalse(told(Arrays.copyOf(frame, length)).isEmpty());
      }
    }
  }

  @Test
  void aHeadThatEndsAnywhereIsToldAsFarAsItGoes() {
    for (byte[] frame : WarmUpFrames.all()) {
      Layers layers = new Layers();
      layers.parse(MemorySegment.ofArray(frame), frame.length);
      for (int end = 0; end < Math.min(frame.length, 100); end++) {
        MemorySegment head = MemorySegment.ofArray(Arrays.copyOf(frame, end));
        assertFalse(FlowText.of(head, layers, end).isEmpty());
      }
    }
  }

  @Test
  void noiseIsToldAsSomething() {
    Random random = new Random(104);
    List<byte[]> templates = WarmUpFrames.all();
    for (int i = 0; i < 100_000; i++) {
      byte[] frame = templates.get(random.nextInt(templates.size())).clone();
      for (int flips = random.nextInt(12); flips > 0; flips--) {
        frame[random.nextInt(Math.min(frame.length, 60))] = (byte) random.nextInt();
      }
      assertFalse(told(Arrays.copyOf(frame, random.nextInt(frame.length + 1))).isEmpty());
    }
  }
}
