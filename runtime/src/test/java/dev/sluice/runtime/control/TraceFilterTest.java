package dev.sluice.runtime.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.plugin.FramePacket;
import dev.sluice.wire.Frames;
import dev.sluice.wire.WireFrames;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class TraceFilterTest {
  private static final Map<String, FramePacket> PACKETS = packets();

  private static Map<String, FramePacket> packets() {
    Map<String, FramePacket> packets = new TreeMap<>();
    packets.put("tcp4", new FramePacket(ip4().tcp(40_000, 2404, 2)));
    packets.put("udp4", new FramePacket(ip4().udp(53, 1024)));
    packets.put("icmp", new FramePacket(ip4().icmp(8, 0, 1)));
    packets.put("tcp6", new FramePacket(ip6().tcp(40_000, 2404, 2)));
    packets.put("nd", new FramePacket(ip6().icmp(128, 0, 1)));
    packets.put(
        "arp",
        new FramePacket(
            Frames.ethernet()
                .arp(1, "02:00:00:00:00:01", "10.0.0.1", "00:00:00:00:00:00", "10.9.0.2")));
    packets.put(
        "tags",
        new FramePacket(
            Frames.ethernet().vlan(104).vlan(7).ipv4("192.168.0.1", "192.168.0.2").udp(1, 2)));
    packets.put("tag", new FramePacket(Frames.ethernet().vlan(104).etherType(0x88cc)));
    packets.put("lldp", new FramePacket(Frames.ethernet().etherType(0x88cc)));
    return packets;
  }

  private static Frames ip4() {
    return Frames.ethernet().ipv4("10.0.0.1", "10.9.0.2");
  }

  private static Frames ip6() {
    return Frames.ethernet().ipv6("fd00::1", "fd00:1::2");
  }

  private static String matched(String filter) throws FilterException {
    TraceFilter parsed = TraceFilter.parse(filter);
    return PACKETS.entrySet().stream()
        .filter(packet -> parsed.matches(packet.getValue()))
        .map(Map.Entry::getKey)
        .collect(Collectors.joining(" "));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "tcp | tcp4 tcp6",
        "udp | tags udp4",
        "icmp | icmp",
        "icmp6 | nd",
        "arp | arp",
        "ip | icmp tags tcp4 udp4",
        "ip6 | nd tcp6",
        "port 2404 | tcp4 tcp6",
        "src port 2404 | ''",
        "dst port 2404 | tcp4 tcp6",
        "port 1 | tags",
        "port 65535 | ''",
        "host 10.0.0.1 | arp icmp tcp4 udp4",
        "src host 10.0.0.1 | arp icmp tcp4 udp4",
        "dst host 10.0.0.1 | ''",
        "dst host 10.9.0.2 | arp icmp tcp4 udp4",
        "net 10.0.0.0/8 | arp icmp tcp4 udp4",
        "net 10.0.0.77/8 | arp icmp tcp4 udp4",
        "src net 10.9.0.0/16 | ''",
        "net 0.0.0.0/0 | arp icmp tags tcp4 udp4",
        "net 10.0.0.1/32 | arp icmp tcp4 udp4",
        "net 10.0.0.0/31 | arp icmp tcp4 udp4",
        "net 10.0.0.2/31 | ''",
        "host fd00::1 | nd tcp6",
        "net fd00::/8 | nd tcp6",
        "dst net fd00:1::/32 | nd tcp6",
        "src net fd00:1::/32 | ''",
        "net fd00::/127 | nd tcp6",
        "net fd00::2/127 | ''",
        "net ::/0 | nd tcp6",
        "vlan 104 | tag tags",
        "vlan 7 | tags",
        "vlan 0 | ''",
        "in in | arp icmp lldp nd tag tags tcp4 tcp6 udp4",
        "in out | ''",
        "out out and tcp | tcp4 tcp6",
        "not (tcp or udp or vlan 104) | arp icmp lldp nd",
        "not tcp and not udp | arp icmp lldp nd tag",
        "tcp and ip or udp and vlan 104 | tags tcp4",
        "tcp and (ip or udp) | tcp4",
        "(tcp) | tcp4 tcp6",
        "not not tcp | tcp4 tcp6",
        "((tcp)and(ip6)) | tcp6",
        "'' | arp icmp lldp nd tag tags tcp4 tcp6 udp4"
      })
  void filterMatchesExactly(String filter, String names) throws Exception {
    assertEquals(names, matched(filter));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "frob | column 1 has 'frob'; allowed: host, net",
        "TCP | column 1 has 'TCP'",
        "tcp udp | column 5 has 'udp'; allowed: and, or",
        "tcp and | column 8 has the end; allowed: host",
        "and tcp | column 1 has 'and'",
        "tcp or or udp | column 8 has 'or'",
        "not | column 4 has the end",
        "( | column 2 has the end",
        "(tcp | column 5 has the end; allowed: and, or, )",
        "tcp) | column 4 has ')'; allowed: and, or",
        "() | column 2 has ')'",
        "host | column 5 has the end; allowed: an address",
        "host 10.0.0 | column 6 has '10.0.0'; allowed: an address",
        "host 10.0.0.256 | column 6 has '10.0.0.256'",
        "host 010.0.0.1.2 | column 6 has",
        "host 10.0.0.1/8 | column 6 has '10.0.0.1/8'; allowed: an address",
        "host terminal-7 | column 6 has 'terminal-7'",
        "host ::ffff:10.0.0.1 | column 6 has",
        "host fe80::1%eth0 | column 6 has",
        "host : | column 6 has",
        "net 10.0.0.0 | column 5 has '10.0.0.0'; allowed: a network such as",
        "net 10.0.0.0/33 | column 5 has",
        "net 10.0.0.0/ | column 5 has",
        "net 10.0.0.0/-1 | column 5 has",
        "net fd00::/129 | column 5 has",
        "port 65536 | column 6 has '65536'; allowed: a port, 0..65535",
        "port http | column 6 has 'http'",
        "port -1 | column 6 has",
        "src 10.0.0.1 | column 5 has '10.0.0.1'; allowed: host, net, port",
        "src tcp | column 5 has 'tcp'",
        "src | column 4 has the end",
        "vlan | column 5 has the end; allowed: a VLAN, 0..4094",
        "vlan 4095 | column 6 has '4095'",
        "in | column 3 has the end; allowed: the name of a port"
      })
  void wrongFilterIsOneSentenceWithItsColumn(String filter, String part) {
    FilterException wrong = assertThrows(FilterException.class, () -> TraceFilter.parse(filter));
    assertTrue(
        String.valueOf(wrong.getMessage()).startsWith("filter: " + part), wrong.getMessage());
  }

  @Test
  void filterIsBoundedInLengthAndDepth() throws Exception {
    TraceFilter.parse("(".repeat(20) + "tcp" + ")".repeat(20));
    String deep = "(".repeat(21) + "tcp" + ")".repeat(21);
    assertThrows(FilterException.class, () -> TraceFilter.parse(deep));
    assertThrows(FilterException.class, () -> TraceFilter.parse("not ".repeat(100) + "tcp"));
    TraceFilter.parse("tcp or ".repeat(142) + "udp");
    assertThrows(FilterException.class, () -> TraceFilter.parse("tcp or ".repeat(143) + "udp"));
  }

  @Test
  void randomWordsAreParsedOrRefused() {
    List<String> words =
        List.of(
            "tcp",
            "and",
            "or",
            "not",
            "(",
            ")",
            "host",
            "10.0.0.1",
            "net",
            "fd00::/8",
            "port",
            "1",
            "src",
            "dst",
            "vlan",
            "in",
            "\u0000",
            "'",
            "🙂");
    Random random = new Random(104);
    int parsed = 0;
    for (int i = 0; i < 5_000; i++) {
      String filter =
          random
              .ints(random.nextInt(1, 9), 0, words.size())
              .mapToObj(words::get)
              .collect(Collectors.joining(random.nextBoolean() ? " " : "  "));
      try {
        TraceFilter.parse(filter);
        parsed++;
      } catch (FilterException e) {
        assertTrue(String.valueOf(e.getMessage()).startsWith("filter: "), filter);
      }
    }
    assertTrue(parsed > 30, parsed + " parsed");
  }

  /// Everything is asked of every prefix, as of what a handler makes of a frame by shortening it.
  @Test
  void everyPrefixOfEveryFrameIsAnswered() throws Exception {
    TraceFilter filter =
        TraceFilter.parse(
            "port 9999 or host 9.9.9.9 or host ::9 or vlan 99 or (icmp and port 1) or"
                + " src net 9.0.0.0/8 or dst net 9::/16");
    for (byte[] frame : WireFrames.all()) {
      FramePacket cut = new FramePacket(frame);
      for (int length = frame.length; length >= 14; length--) {
        assertFalse(filter.matches(new FramePacket(Arrays.copyOf(frame, length))));
        cut.setLength(length);
        assertFalse(filter.matches(cut));
      }
    }
  }

  @Test
  void randomFramesAreAnswered() throws Exception {
    TraceFilter filter = TraceFilter.parse("not port 1 or host 9.9.9.9 and host ::9 and vlan 99");
    Random random = new Random(2404);
    List<byte[]> honest = WireFrames.all();
    FramePacket packet = new FramePacket(new byte[60]);
    for (int i = 0; i < 20_000; i++) {
      byte[] frame = honest.get(random.nextInt(honest.size())).clone();
      for (int change = 0; change < 4; change++) {
        frame[random.nextInt(frame.length)] = (byte) random.nextInt();
      }
      packet.carry(frame);
      filter.matches(packet);
    }
  }

  @Test
  void matchingAllocatesNothing() throws Exception {
    TraceFilter filter =
        TraceFilter.parse(
            "not (port 9999 or host 9.9.9.9 or net 9::/16 or vlan 99) and (in in or out x)");
    FramePacket packet = Objects.requireNonNull(PACKETS.get("tags"));
    for (int i = 0; i < 50_000; i++) {
      assertTrue(filter.matches(packet));
    }
    var threads =
        (com.sun.management.ThreadMXBean) java.lang.management.ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    int matched = 0;
    for (int i = 0; i < 100_000; i++) {
      matched += filter.matches(packet) ? 1 : 0;
    }
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;
    assertEquals(100_000, matched);
    assertTrue(allocated < 10_000, allocated + " bytes");
  }
}
