package dev.sluice.plugin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.wire.Allocation;
import dev.sluice.wire.Frames;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class FlowHashTest {
  private static final String A = "02:00:00:00:00:0a";
  private static final String B = "02:00:00:00:00:0b";
  private static final String A4 = "10.1.2.3";
  private static final String B4 = "192.168.0.9";
  private static final String A6 = "fd00::a";
  private static final String B6 = "2001:db8::b";
  private static final int[] OPTIONS = {7, 7, 4, 0, 0, 0, 0, 0};
  private static final int[] EIGHT_BYTES = {0, 1, 4, 0, 0, 0, 0};
  private static final int FLOWS = 10_000;

  private final FlowHash hash = new FlowHash();

  static Stream<List<Frames>> directions() {
    return Stream.of(
        List.of(there().ipv4(A4, B4).tcp(5, 2404, 2), back().ipv4(B4, A4).tcp(2404, 5, 18)),
        List.of(there().ipv4(A4, B4).udp(5, 2405), back().ipv4(B4, A4).udp(2405, 5).hex("00")),
        List.of(there().ipv4(A4, A4).udp(5, 6), back().ipv4(A4, A4).udp(6, 5)),
        List.of(there().ipv4(A4, B4).icmp(8, 0, 1), back().ipv4(B4, A4).icmp(0, 0, 1)),
        List.of(there().ipv4(A4, B4).protocol(50), back().ipv4(B4, A4).protocol(50)),
        List.of(there().ipv6(A6, B6).tcp(5, 2404, 2), back().ipv6(B6, A6).tcp(2404, 5, 18)),
        List.of(there().ipv6(A6, B6).icmp(128, 0, 1), back().ipv6(B6, A6).icmp(129, 0, 1)),
        List.of(there().arp(1, A, A4, "00:00:00:00:00:00", B4), back().arp(2, B, B4, A, A4)),
        List.of(there().etherType(0x88b8).hex("0001"), back().etherType(0x88b8).hex("0002")));
  }

  @ParameterizedTest
  @MethodSource("directions")
  void bothDirectionsGetTheSameNumber(List<Frames> directions) {
    for (int instance = 0; instance < 50; instance++) {
      FlowHash other = new FlowHash();
      assertEquals(
          other.hash(new FramePacket(directions.get(0))),
          other.hash(new FramePacket(directions.get(1))));
    }
  }

  @Test
  void tagsOptionsAndExtensionHeadersDoNotCount() {
    int four = of(there().ipv4(A4, B4).tcp(5, 2404, 2));
    assertEquals(four, of(there().vlan(7).ipv4(A4, B4).tcp(5, 2404, 2)));
    assertEquals(four, of(there().vlan(7).vlan(8).ipv4(A4, B4).tcp(5, 2404, 2)));
    assertEquals(four, of(there().ipv4(A4, B4, OPTIONS).tcp(5, 2404, 16).hex("0011")));
    int six = of(there().ipv6(A6, B6).udp(5, 6));
    assertEquals(six, of(there().vlan(7).ipv6(A6, B6).extension(60, EIGHT_BYTES).udp(5, 6)));
  }

  @Test
  void everyPartOfAFlowCounts() {
    List<Frames> flows =
        List.of(
            there().ipv4(A4, B4).tcp(5, 2404, 2),
            there().ipv4(A4, B4).udp(5, 2404),
            there().ipv4(A4, B4).tcp(6, 2404, 2),
            there().ipv4(A4, B4).tcp(5, 2405, 2),
            there().ipv4(A4, B4).tcp(2404, 5, 2),
            there().ipv4("10.1.2.4", B4).tcp(5, 2404, 2),
            there().ipv4(A4, "192.168.1.9").tcp(5, 2404, 2),
            there().ipv4(A4, B4).protocol(50),
            there().ipv4(A4, B4).protocol(51),
            there().ipv6(A6, B6).tcp(5, 2404, 2),
            there().ipv6("fd00:1::a", B6).tcp(5, 2404, 2),
            there().ipv6(A6, "2001:db8::1:b").tcp(5, 2404, 2),
            there().arp(1, A, A4, B, B4),
            there().etherType(0x88b8),
            there().etherType(0x88ba),
            Frames.ethernet(A, "02:00:00:00:00:0c").etherType(0x88b8));
    Set<Integer> numbers = new HashSet<>();
    flows.forEach(flow -> numbers.add(of(flow)));
    assertEquals(flows.size(), numbers.size());
  }

  @Test
  void seedDecidesAndDefaultIsRandom() {
    FramePacket packet = new FramePacket(there().ipv4(A4, B4).tcp(5, 2404, 2));
    assertEquals(new FlowHash(7).hash(packet), new FlowHash(7).hash(packet));
    assertNotEquals(new FlowHash(7).hash(packet), new FlowHash(8).hash(packet));
    assertNotEquals(new FlowHash().hash(packet), new FlowHash().hash(packet));
  }

  @Test
  void portsOfOneTerminalSpreadEvenly() {
    assertSpreadsEvenly(i -> there().ipv4(A4, B4).tcp(1024 + i, 2404, 2));
  }

  @Test
  void terminalsOfOneNetworkSpreadEvenly() {
    assertSpreadsEvenly(i -> there().ipv4("10.20." + i / 250 + "." + i % 250, B4).tcp(2404, 5, 2));
  }

  @Test
  void ipv6TerminalsSpreadEvenly() {
    assertSpreadsEvenly(i -> there().ipv6("fd00::" + Integer.toHexString(i), B6).udp(2405, 2405));
  }

  @Test
  void ethernetAddressesSpreadEvenly() {
    assertSpreadsEvenly(i ->
        Frames.ethernet("02:00:00:00:%02x:%02x".formatted(i >>> 8, i & 0xff), B).etherType(0x88b8));
  }

  /// Chi square over every number of WorkThreads, for fixed seeds: the bound is the mean plus six
  /// standard deviations, so that a bad spread fails and a mere unlucky one does not.
  private static void assertSpreadsEvenly(IntFunction<Frames> flow) {
    List<FramePacket> packets =
        Stream.iterate(0, i -> i + 1)
            .limit(FLOWS)
            .map(i -> new FramePacket(flow.apply(i)))
            .toList();
    for (long seed = 1; seed <= 5; seed++) {
      FlowHash seeded = new FlowHash(seed);
      int[] hashes = packets.stream().mapToInt(seeded::hash).toArray();
      for (int threads = 2; threads <= 64; threads++) {
        double bound = threads - 1 + 6 * Math.sqrt(2.0 * (threads - 1));
        double chiSquare = chiSquare(hashes, threads);
        String what = "seed " + seed + ", threads " + threads + ": " + chiSquare;
        assertTrue(chiSquare < bound, what);
      }
    }
  }

  private static double chiSquare(int[] hashes, int threads) {
    int[] counts = new int[threads];
    for (int h : hashes) {
      counts[Integer.remainderUnsigned(h, threads)]++;
    }
    double expected = (double) hashes.length / threads;
    double sum = 0;
    for (int count : counts) {
      sum += (count - expected) * (count - expected) / expected;
    }
    return sum;
  }

  @Test
  void fragmentsHashOnAddressesAlone() {
    byte[] first = there().ipv4(A4, B4).udp(5, 6).hex("0011").bytes();
    byte[] second = there().ipv4(A4, B4).udp(7, 8).hex("0011").bytes();
    first[20] = 0x20;
    second[20] = 0x00;
    second[21] = 0x01;
    assertEquals(hash.hash(new FramePacket(first)), hash.hash(new FramePacket(second)));
  }

  @Test
  void malformedPacketsHashOnEthernetAddresses() {
    byte[] lying = there().ipv4(A4, B4).udp(5, 6).bytes();
    lying[14] = 0x44;
    byte[] other = there().ipv4(B4, B4).udp(7, 6).bytes();
    other[14] = 0x44;
    assertEquals(hash.hash(new FramePacket(lying)), hash.hash(new FramePacket(other)));
    assertEquals(0, hash.hash(new FramePacket(new byte[13])));
  }

  @Test
  void hashingAllocatesNothing() {
    List<FramePacket> packets = directions().map(List::getFirst).map(FramePacket::new).toList();
    int runs = 100_000;
    int[] sink = new int[1];
    long bytes =
        Allocation.bytes(
            runs,
            () -> {
              for (int i = 0; i < packets.size(); i++) {
                sink[0] += hash.hash(packets.get(i));
              }
            });
    assertTrue(bytes < runs / 100, () -> bytes + " bytes in " + runs + " runs");
    assertNotEquals(0, sink[0]);
  }

  private int of(Frames frame) {
    return hash.hash(new FramePacket(frame));
  }

  private static Frames there() {
    return Frames.ethernet(A, B);
  }

  private static Frames back() {
    return Frames.ethernet(B, A);
  }
}
