package dev.sluice.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.wire.Layers.Finding;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// Mutated and random frames, each in memory of its own length, so that one byte too far is an
/// exception. What a finding shows is read with every getter of its view.
final class LayersFuzzTest {
  private static final int ROUNDS = 2_000_000;
  private static final int MAX_BYTES = 160;
  private static final long SEED = 20_261_122L;
  private static final int[] TYPES = {0x0800, 0x86dd, 0x0806, 0x8100, 0x88a8, 0x9100, 46};

  private final SplittableRandom random = new SplittableRandom(SEED);
  private final Layers layers = new Layers();
  private final List<byte[]> honest = honestFrames();
  private final Map<Finding, Integer> findings = new EnumMap<>(Finding.class);
  private final int[] transports = new int[256];
  private long read;

  @Test
  void noFrameMakesAViewReachOutOfIt() {
    for (int round = 0; round < ROUNDS; round++) {
      byte[] frame = round % 4 == 0 ? randomFrame() : mutatedFrame();
      try {
        check(frame);
      } catch (RuntimeException | AssertionError e) {
        throw new AssertionError("round " + round + ": " + HexFormat.of().formatHex(frame), e);
      }
    }
    for (Finding finding : Finding.values()) {
      assertTrue(findings.getOrDefault(finding, 0) > ROUNDS / 100, () -> "too few: " + finding);
    }
    for (int protocol : new int[] {1, 6, 17, 58, 59, 50}) {
      assertTrue(transports[protocol] > ROUNDS / 1000, () -> "too few: protocol " + protocol);
    }
    assertTrue(read != 0, "nothing was read");
  }

  private void check(byte[] frame) {
    MemorySegment memory = MemorySegment.ofArray(frame);
    Finding finding = layers.parse(memory, frame.length);
    findings.merge(finding, 1, Integer::sum);
    assertTrue(0 <= layers.vlanTags() && layers.vlanTags() <= 2);
    assertEquals(layers.transportProtocol() == -1, layers.transportAt() == -1);
    assertTrue(layers.endAt() <= frame.length);
    if (finding != Finding.OK) {
      assertEquals(-1, layers.transportProtocol());
      assertEquals(-1, layers.payloadAt());
    }
    if (finding == Finding.MALFORMED) {
      assertEquals(-1, layers.networkAt());
      assertEquals(frame.length, layers.endAt());
      return;
    }
    if (layers.networkAt() != -1) {
      assertEquals(14 + 4 * layers.vlanTags(), layers.networkAt());
      readNetwork(memory, layers.networkAt());
    }
    if (layers.transportAt() != -1) {
      transports[layers.transportProtocol()]++;
      assertTrue(layers.networkAt() + 20 <= layers.transportAt());
      assertTrue(layers.transportAt() <= layers.endAt());
      readTransport(memory, layers.transportAt());
    }
  }

  private void readNetwork(MemorySegment memory, int at) {
    read += Ethernet.dest(memory, 0) + Ethernet.source(memory, 0);
    switch (layers.etherType()) {
      case Ethernet.TYPE_IPV4 -> {
        read += Ipv4.source(memory, at) + Ipv4.dest(memory, at) + Ipv4.identification(memory, at);
        read += Ipv4.optionAt(memory, at, Ipv4.OPTION_LOOSE_SOURCE_ROUTE);
        read += Ipv4.isChecksumRight(memory, at) ? 1 : 0;
      }
      case Ethernet.TYPE_IPV6 -> {
        read +=
            Ipv6.sourceHigh(memory, at) + Ipv6.sourceLow(memory, at) + Ipv6.hopLimit(memory, at);
        read += Ipv6.destHigh(memory, at) + Ipv6.destLow(memory, at) + Ipv6.flowLabel(memory, at);
      }
      default -> {
        read += Arp.senderHardware(memory, at) + Arp.senderProtocol(memory, at);
        read += Arp.targetHardware(memory, at) + Arp.targetProtocol(memory, at);
        read += Arp.operation(memory, at);
      }
    }
  }

  private void readTransport(MemorySegment memory, int at) {
    int end = layers.endAt();
    int protocol = layers.transportProtocol();
    switch (protocol) {
      case Tcp.PROTOCOL -> readTcp(memory, at);
      case Udp.PROTOCOL -> {
        read += Udp.sourcePort(memory, at) + Udp.destPort(memory, at) + Udp.checksum(memory, at);
        assertTrue(at + Udp.datagramBytes(memory, at) <= end);
      }
      case Icmp.PROTOCOL -> read += Icmp.identifier(memory, at) + Icmp.sequence(memory, at);
      case Icmpv6.PROTOCOL -> readNeighborDiscovery(memory, at, end);
      default -> {
        assertEquals(-1, layers.payloadAt());
        return;
      }
    }
    assertTrue(at + 8 <= layers.payloadAt() && layers.payloadAt() <= end);
    int transportEnd = protocol == Udp.PROTOCOL ? at + Udp.datagramBytes(memory, at) : end;
    read += Checksum.transport(memory, layers.networkAt(), protocol, at, transportEnd);
    if (Iec104.fits(memory, layers.payloadAt(), end)) {
      readIec104(memory, layers.payloadAt());
    }
  }

  private void readTcp(MemorySegment memory, int at) {
    read += Tcp.sequence(memory, at) + Tcp.acknowledgement(memory, at) + Tcp.urgent(memory, at);
    read += Tcp.maxSegmentBytes(memory, at) + Tcp.windowShift(memory, at);
    read += Tcp.timestamp(memory, at) + Tcp.timestampEcho(memory, at);
    read += Tcp.isSackPermitted(memory, at) ? 1 : 0;
  }

  private void readNeighborDiscovery(MemorySegment memory, int at, int end) {
    if (!NeighborDiscovery.fits(memory, at, end)) {
      return;
    }
    read += NeighborDiscovery.linkAddress(memory, at, end, 1);
    read += NeighborDiscovery.linkAddress(memory, at, end, 2);
    if (NeighborDiscovery.hasTarget(memory, at)) {
      read += NeighborDiscovery.targetHigh(memory, at) + NeighborDiscovery.targetLow(memory, at);
    }
  }

  private void readIec104(MemorySegment memory, int at) {
    read += Iec104.receiveNumber(memory, at) + (Iec104.isControlLegal(memory, at) ? 1 : 0);
    if (Iec104.kind(memory, at) == Iec104.Kind.I) {
      read += Iec104.typeId(memory, at) + Iec104.commonAddress(memory, at);
      read += Iec104.hasObject(memory, at) ? Iec104.objectAddress(memory, at) : 0;
    }
  }

  private byte[] randomFrame() {
    byte[] frame = new byte[random.nextInt(MAX_BYTES)];
    random.nextBytes(frame);
    if (frame.length >= 16) {
      int type = TYPES[random.nextInt(TYPES.length)];
      frame[12] = (byte) (type >>> 8);
      frame[13] = (byte) type;
      if (type == 0x0800 || type == 0x86dd) {
        frame[14] = type == 0x0800 ? (byte) 0x45 : 0x60;
      }
    }
    return frame;
  }

  private byte[] mutatedFrame() {
    byte[] frame = honest.get(random.nextInt(honest.size())).clone();
    for (int changes = random.nextInt(4); changes > 0; changes--) {
      int at = 12 + random.nextInt(frame.length - 12);
      frame[at] = (byte) (random.nextInt(2) == 0 ? random.nextInt(256) : frame[at] ^ 1);
    }
    int resize = random.nextInt(8);
    if (resize == 0) {
      return Arrays.copyOf(frame, random.nextInt(frame.length + 1));
    }
    return resize == 1 ? Arrays.copyOf(frame, frame.length + random.nextInt(20)) : frame;
  }

  private static List<byte[]> honestFrames() {
    int[] options = {1, 1, 1, 0, 0x83, 7, 4, 10, 0, 0, 1, 0};
    int[] tcpOptions = {2, 4, 5, 180, 4, 2, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8, 1, 3, 3, 7};
    return List.of(
        Frames.ethernet().ipv4("1.2.3.4", "5.6.7.8").udp(1, 2).hex("00112233").bytes(),
        Frames.ethernet()
            .ipv4("1.2.3.4", "5.6.7.8", options)
            .tcp(1, 2404, 0x18)
            .hex("6804070000")
            .hex("00")
            .bytes(),
        Frames.ethernet()
            .vlan(7)
            .ipv4("1.2.3.4", "5.6.7.8")
            .tcp(1, 2404, 2, 1, 0, 9, tcpOptions)
            .hex("680e0c0006002d0106000100d2040081")
            .bytes(),
        Frames.ethernet().vlan(7).vlan(8).ipv4("1.2.3.4", "5.6.7.8").icmp(8, 0, 1).bytes(),
        Frames.ethernet().ipv6("fd00::1", "fd00::2").udp(1, 2).hex("0011").bytes(),
        Frames.ethernet()
            .ipv6("fd00::1", "fd00::2")
            .extension(0, 0, 1, 4, 0, 0, 0, 0)
            .extension(43, 0, 0, 0, 0, 0, 0, 0)
            .extension(51, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
            .tcp(1, 2404, 2)
            .bytes(),
        Frames.ethernet()
            .ipv6("fd00::1", "fd00::2")
            .icmp(135, 0, 0)
            .hex("fe800000000000000000000000000002 0101020000000001 0501000000000000")
            .bytes(),
        Frames.ethernet()
            .ipv6("fd00::1", "fd00::2")
            .extension(60, 0, 1, 4, 0, 0, 0, 0)
            .extension(44, 0, 0, 0, 1, 2, 3, 4)
            .udp(1, 2)
            .bytes(),
        Frames.ethernet().ipv6("fd00::1", "fd00::2").bytes(),
        Frames.ethernet().ipv4("1.2.3.4", "5.6.7.8").protocol(50).hex("00").bytes(),
        Frames.ethernet()
            .arp(1, "02:00:00:00:00:01", "1.2.3.4", "00:00:00:00:00:00", "5.6.7.8")
            .padded(60));
  }
}
