package dev.sluice.plugins.rulefirewall;

import static dev.sluice.plugins.rulefirewall.Firewall.DEFAULT;
import static dev.sluice.plugins.rulefirewall.Firewall.PASS;
import static dev.sluice.plugins.rulefirewall.Firewall.RULE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.sluice.plugin.FramePacket;
import dev.sluice.plugin.NamedDevice;
import dev.sluice.plugin.SettingsException;
import dev.sluice.wire.Allocation;
import dev.sluice.wire.Frames;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RuleFirewallTest {
  private static Frames tcp(String source, int sourcePort, String dest, int destPort) {
    return ip(Frames.ethernet(), source, dest).tcp(sourcePort, destPort, 0x18);
  }

  private static Frames ip(Frames frame, String source, String dest) {
    return source.contains(":") ? frame.ipv6(source, dest) : frame.ipv4(source, dest);
  }

  @Test
  void withoutSettingsNothingPasses() throws SettingsException {
    Firewall none = new Firewall(Map.of());
    assertEquals(DEFAULT, none.judge(tcp("10.0.0.1", 1, "10.0.0.2", 2)));
    assertEquals(DEFAULT, none.judge(Frames.ethernet().etherType(0x88b8).payload(new byte[46])));
  }

  @Test
  void defaultMayBeToPass() throws SettingsException {
    Firewall open = new Firewall(Map.of("default", "pass", "rule.1", "drop udp"));
    assertEquals(PASS, open.judge(tcp("10.0.0.1", 1, "10.0.0.2", 2)));
    assertEquals(RULE, open.judge(Frames.ethernet().ipv4("10.0.0.1", "10.0.0.2").udp(1, 2)));
  }

  @Test
  void firstRuleThatMatchesDecides() {
    Frames frame = tcp("10.0.0.1", 1000, "10.0.0.2", 22);
    assertEquals(RULE, Firewall.of("drop tcp to any port 22", "pass any").judge(frame));
    assertEquals(PASS, Firewall.of("pass any", "drop tcp to any port 22").judge(frame));
    assertEquals(PASS, Firewall.of("drop udp", "pass tcp", "drop any").judge(frame));
  }

  @Test
  void rulesStandInTheOrderOfTheirNumbersNotOfTheFile() throws SettingsException {
    Firewall firewall = new Firewall(Map.of("rule.10", "drop any", "rule.9", "pass any"));
    assertEquals(PASS, firewall.judge(tcp("10.0.0.1", 1, "10.0.0.2", 2)));
  }

  @Test
  void nameOfARuleIsTheReason() {
    Frames frame = tcp("10.0.0.1", 1, "10.0.0.2", 2);
    assertEquals("drop rule-firewall-no-ssh", Firewall.of("drop tcp name no-ssh").judge(frame));
    String longest = "a".repeat(48);
    assertEquals(
        "drop rule-firewall-" + longest, Firewall.of("drop tcp name " + longest).judge(frame));
  }

  @ParameterizedTest
  @CsvSource({
    "10.0.0.0/8,      10.0.0.0,          9.255.255.255",
    "10.0.0.0/8,      10.255.255.255,    11.0.0.0",
    "10.0.0.5,        10.0.0.5,          10.0.0.4",
    "10.0.0.5/32,     10.0.0.5,          10.0.0.6",
    "10.0.0.4/31,     10.0.0.5,          10.0.0.6",
    "128.0.0.0/1,     255.255.255.255,   127.255.255.255",
    "0.0.0.0/0,       255.255.255.255,   ::1",
    "::/0,            ff02::1,           10.0.0.1",
    "fd00::/64,       fd00::ffff:ffff:ffff:ffff, fd00:0:0:1::",
    "fd00::/65,       fd00::7fff:ffff:ffff:ffff, fd00::8000:0:0:0",
    "fd00::/63,       fd00:0:0:1::,      fd00:0:0:2::",
    "fd00::1,         fd00::1,           fd00::2",
    "fd00::1/128,     fd00::1,           fd00:0:0:1::1",
    "8000::/1,        ffff::,            7fff::"
  })
  void prefixesEndWhereTheyEnd(String range, String within, String outside) {
    String inner = within.contains(":") ? "fd00::99" : "10.9.9.9";
    String outer = outside.contains(":") ? "fd00::99" : "10.9.9.9";
    Firewall from = Firewall.of("pass tcp from " + range);
    assertEquals(PASS, from.judge(tcp(within, 1, inner, 2)));
    assertEquals(DEFAULT, from.judge(tcp(outside, 1, outer, 2)));
    Firewall to = Firewall.of("pass tcp to " + range);
    assertEquals(PASS, to.judge(tcp(inner, 1, within, 2)));
    assertEquals(DEFAULT, to.judge(tcp(outer, 1, outside, 2)));
  }

  @Test
  void addressOfIpv4IsNoneOfIpv6WithTheSameBits() {
    Firewall firewall = Firewall.of("pass tcp from 10.0.0.1");
    assertEquals(DEFAULT, firewall.judge(tcp("::a00:1", 1, "fd00::1", 2)));
  }

  @ParameterizedTest
  @CsvSource({
    "0,0,1",
    "65535,65535,65534",
    "22,22,23",
    "1000-1999,1000,999",
    "1000-1999,1999,2000"
  })
  void portRangesEndWhereTheyEnd(String range, int within, int outside) {
    Firewall source = Firewall.of("pass tcp from any port " + range);
    assertEquals(PASS, source.judge(tcp("10.0.0.1", within, "10.0.0.2", 7)));
    assertEquals(DEFAULT, source.judge(tcp("10.0.0.1", outside, "10.0.0.2", within)));
    Firewall dest = Firewall.of("pass tcp to any port " + range);
    assertEquals(PASS, dest.judge(tcp("fd00::1", 7, "fd00::2", within)));
    assertEquals(DEFAULT, dest.judge(tcp("fd00::1", within, "fd00::2", outside)));
  }

  @Test
  void portsOfUdpAreNotThoseOfTcp() {
    Firewall firewall = Firewall.of("pass udp to any port 53");
    assertEquals(PASS, firewall.judge(Frames.ethernet().ipv4("1.0.0.1", "1.0.0.2").udp(9, 53)));
    assertEquals(DEFAULT, firewall.judge(tcp("1.0.0.1", 9, "1.0.0.2", 53)));
  }

  @Test
  void protocolsAreToldApart() {
    Frames icmp = Frames.ethernet().ipv4("1.0.0.1", "1.0.0.2").icmp(8, 0, 0);
    Frames icmpv6 = Frames.ethernet().ipv6("fd00::1", "fd00::2").icmp(128, 0, 0);
    Frames gre = Frames.ethernet().ipv4("1.0.0.1", "1.0.0.2").protocol(47).payload(new byte[8]);
    Frames arp =
        Frames.ethernet().arp(1, "02:00:00:00:00:01", "1.0.0.1", "00:00:00:00:00:00", "1.0.0.2");
    Frames goose = Frames.ethernet().etherType(0x88b8).payload(new byte[46]);
    List<Frames> frames = List.of(icmp, icmpv6, gre, arp, goose);
    List<String> rules = List.of("icmp", "icmpv6", "47", "arp", "ethertype 0x88b8");
    for (int rule = 0; rule < rules.size(); rule++) {
      Firewall firewall = Firewall.of("pass " + rules.get(rule));
      for (int frame = 0; frame < frames.size(); frame++) {
        String expected = rule == frame ? PASS : DEFAULT;
        assertEquals(expected, firewall.judge(frames.get(frame)), rules.get(rule) + " " + frame);
      }
    }
    assertEquals(PASS, Firewall.of("pass 58").judge(icmpv6));
    assertEquals(PASS, Firewall.of("pass ipv4").judge(gre));
    assertEquals(DEFAULT, Firewall.of("pass ipv6").judge(gre));
    assertEquals(PASS, Firewall.of("pass ipv6").judge(icmpv6));
  }

  @Test
  void protocolBehindExtensionHeadersCounts() {
    Frames frame =
        Frames.ethernet()
            .ipv6("fd00::1", "fd00::2")
            .extension(0, 0, 1, 4, 0, 0, 0, 0)
            .tcp(9, 22, 0x18);
    assertEquals(RULE, Firewall.of("drop tcp to any port 22", "pass any").judge(frame));
  }

  @Test
  void vlansAreComparedWhole() {
    Frames untagged = tcp("1.0.0.1", 1, "1.0.0.2", 2);
    Frames ten = Frames.ethernet().vlan(10).ipv4("1.0.0.1", "1.0.0.2").tcp(1, 2, 0x18);
    Frames zero = Frames.ethernet().vlan(0).ipv4("1.0.0.1", "1.0.0.2").tcp(1, 2, 0x18);
    Frames two =
        Frames.ethernet().vlan(0x88a8, 100).vlan(10).ipv4("1.0.0.1", "1.0.0.2").tcp(1, 2, 0x18);
    List<Frames> frames = List.of(untagged, ten, zero, two);
    List<String> rules = List.of("none", "10", "0", "100.10");
    for (int rule = 0; rule < rules.size(); rule++) {
      for (int frame = 0; frame < frames.size(); frame++) {
        Firewall firewall = Firewall.of("pass tcp vlan " + rules.get(rule));
        String expected = rule == frame ? PASS : DEFAULT;
        assertEquals(expected, firewall.judge(frames.get(frame)), rules.get(rule) + " " + frame);
        assertEquals(PASS, Firewall.of("pass tcp").judge(frames.get(frame)));
      }
    }
  }

  @Test
  void portThatAFrameCameInByIsComparedByName() {
    Firewall firewall = Firewall.of("pass tcp in eth1", "drop any in eth2 name from-two");
    byte[] frame = tcp("1.0.0.1", 1, "1.0.0.2", 2).bytes();
    for (int again = 0; again < 2; again++) {
      assertEquals(PASS, firewall.judge(frame, new NamedDevice("eth1", 0)));
      assertEquals(
          "drop rule-firewall-from-two", firewall.judge(frame, new NamedDevice("eth2", 1)));
      assertEquals(DEFAULT, firewall.judge(frame, new NamedDevice("eth3", 2)));
      assertEquals(PASS, firewall.judge(frame, new NamedDevice("eth1", 4000)));
    }
  }

  @Test
  void everyFrameThatIsCutShortMeetsTheDefault() {
    List<Frames> frames =
        List.of(
            tcp("10.0.0.1", 1, "10.0.0.2", 22),
            tcp("fd00::1", 1, "fd00::2", 22),
            Frames.ethernet().vlan(10).vlan(20).ipv4("10.0.0.1", "10.0.0.2").udp(1, 2),
            Frames.ethernet()
                .arp(1, "02:00:00:00:00:01", "1.0.0.1", "00:00:00:00:00:00", "1.0.0.2"));
    Firewall firewall = Firewall.of("pass any");
    for (Frames frame : frames) {
      byte[] whole = frame.bytes();
      assertEquals(PASS, firewall.judge(whole));
      for (int length = 0; length < whole.length; length++) {
        assertEquals(DEFAULT, firewall.judge(Arrays.copyOf(whole, length)), "bytes " + length);
      }
    }
  }

  @Test
  void fragmentsMeetTheDefault() {
    byte[] frame = tcp("10.0.0.1", 1, "10.0.0.2", 22).bytes();
    frame[14 + 6] = 0x20;
    assertEquals(DEFAULT, Firewall.of("pass any").judge(frame));
    assertEquals(DEFAULT, Firewall.of("drop tcp name tcp").judge(frame));
  }

  @Test
  void noiseNeverMakesItThrow() {
    Firewall firewall =
        Firewall.of(
            "drop tcp in eth1 vlan 10 from 10.0.0.0/8 port 1-1000 to any port 22",
            "drop udp from fd00::/8",
            "drop ethertype 0x88b8");
    Random random = new Random(7);
    byte[][] seeds = {
      tcp("10.0.0.1", 1, "10.0.0.2", 22).bytes(), tcp("fd00::1", 1, "fd00::2", 22).bytes()
    };
    for (int i = 0; i < 100_000; i++) {
      byte[] frame = seeds[i % 2].clone();
      for (int flips = random.nextInt(6); flips >= 0; flips--) {
        frame[random.nextInt(frame.length)] = (byte) random.nextInt();
      }
      assertNotEquals(PASS, firewall.judge(Arrays.copyOf(frame, random.nextInt(frame.length + 1))));
    }
  }

  @Test
  void packetsAllocateNothing() {
    Firewall firewall =
        Firewall.of(
            "drop tcp in eth2",
            "drop udp from 10.0.0.0/8 to any port 53",
            "drop tcp from fd00::/8 port 22",
            "drop tcp to any port 22 name no-ssh");
    FramePacket[] packets = {
      new FramePacket(tcp("10.0.0.1", 1, "10.0.0.2", 22)),
      new FramePacket(tcp("fd01::1", 22, "fd00::2", 1)),
      new FramePacket(Frames.ethernet().etherType(0x88b8).payload(new byte[46]))
    };
    int[] next = {0};
    long bytes =
        Allocation.bytes(
            100_000, () -> firewall.handler.receive(packets[next[0]++ % packets.length]));
    assertEquals(0, bytes);
  }
}
