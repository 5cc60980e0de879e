package dev.sluice.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.wire.Layers.Finding;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class LayersTest {
  private static final String A4 = "10.0.0.1";
  private static final String B4 = "10.0.0.2";
  private static final String A6 = "fd00::1";
  private static final String B6 = "fd00::2";
  private static final int NO_VLAN = 0xffffff;

  private final Layers layers = new Layers();

  @Test
  void untaggedTcpShowsEveryLayer() {
    byte[] frame = Frames.ethernet().ipv4(A4, B4).tcp(1000, 2404, Tcp.SYN).hex("680443").padded(60);
    assertEquals(Finding.OK, parse(frame));
    assertLayers(0, NO_VLAN, 0x0800, 14, 6, 34, 54, 57);
  }

  @Test
  void plainTcpAndUdpOverIpv4GoTheShortWayAndNothingElse() {
    assertTrue(isUsual(Frames.ethernet().ipv4(A4, B4).tcp(1000, 2404, Tcp.ACK).bytes()));
    assertTrue(isUsual(Frames.ethernet().ipv4(A4, B4).udp(1, 2).hex("00").padded(60)));
    assertFalse(isUsual(Frames.ethernet().vlan(1).ipv4(A4, B4).udp(1, 2).bytes()));
    assertFalse(isUsual(Frames.ethernet().ipv6(A6, B6).udp(1, 2).bytes()));
    assertFalse(isUsual(Frames.ethernet().ipv4(A4, B4, 1, 1, 1, 0).udp(1, 2).bytes()));
  }

  private boolean isUsual(byte[] frame) {
    return layers.isUsual(MemorySegment.ofArray(frame), frame.length);
  }

  @Test
  void whatAnotherHasFoundIsTakenOverWhole() {
    Layers other = new Layers();
    byte[] frame = Frames.ethernet().vlan(1).vlan(2).ipv4(A4, B4).udp(1, 2).hex("00").bytes();
    assertEquals(Finding.OK, other.parse(MemorySegment.ofArray(frame), frame.length));
    assertEquals(Finding.MALFORMED, parse(new byte[3]));
    layers.become(other);
    assertLayers(2, (1 << 12) | 2, 0x0800, 22, 17, 42, 50, 51);
    layers.become(new Layers());
    assertLayers(0, NO_VLAN, -1, -1, -1, -1, -1, 0);
  }

  @Test
  void optionsMoveTheTransportLayer() {
    Frames frame =
        Frames.ethernet()
            .ipv4(A4, B4, 1, 1, 1, 0)
            .tcp(1000, 2404, Tcp.SYN, 1, 0, 1000, 2, 4, 5, 180)
            .hex("00");
    assertEquals(Finding.OK, parse(frame.bytes()));
    assertLayers(0, NO_VLAN, 0x0800, 14, 6, 38, 62, 63);
  }

  @Test
  void oneTagIsTheOuter() {
    assertEquals(Finding.OK, parse(Frames.ethernet().vlan(100).ipv4(A4, B4).udp(1, 2).bytes()));
    assertLayers(1, (100 << 12) | 0xfff, 0x0800, 18, 17, 38, 46, 46);
  }

  @Test
  void twoTagsMakeOneKey() {
    byte[] frame =
        Frames.ethernet().vlan(0x88a8, 0xe007).vlan(0x9100, 8).ipv6(A6, B6).udp(1, 2).bytes();
    assertEquals(Finding.OK, parse(frame));
    assertLayers(2, (7 << 12) | 8, 0x86dd, 22, 17, 62, 70, 70);
  }

  @Test
  void thirdTagStaysAsEtherType() {
    byte[] frame = Frames.ethernet().vlan(1).vlan(2).vlan(0x88a8, 3).ipv4(A4, B4).udp(1, 2).bytes();
    assertEquals(Finding.OK, parse(frame));
    assertLayers(2, (1 << 12) | 2, 0x88a8, -1, -1, -1, -1, frame.length);
  }

  @Test
  void reservedVlanIdentifierIsMalformed() {
    byte[] outer = Frames.ethernet().vlan(0xfff).ipv4(A4, B4).udp(1, 2).bytes();
    assertEquals(Finding.MALFORMED, parse(outer));
    byte[] inner = Frames.ethernet().vlan(1).vlan(0xefff).ipv4(A4, B4).udp(1, 2).bytes();
    assertEquals(Finding.MALFORMED, parse(inner));
    assertLayers(1, (1 << 12) | 0xfff, 0x8100, -1, -1, -1, -1, inner.length);
  }

  @Test
  void lengthAndUnknownTypesHaveNoNetworkLayer() {
    for (int type : new int[] {0, 46, 1535, 0x88cc, 0x888e, 0xffff}) {
      assertEquals(Finding.OK, parse(Frames.ethernet().etherType(type).hex("4500").bytes()));
      assertLayers(0, NO_VLAN, type, -1, -1, -1, -1, 16);
    }
  }

  @Test
  void arpIsANetworkLayerWithoutTransport() {
    assertEquals(Finding.OK, parse(arp().padded(60)));
    assertLayers(0, NO_VLAN, 0x0806, 14, -1, -1, -1, 60);
  }

  @Test
  void arpForOtherHardwareIsMalformed() {
    byte[] frame = arp().bytes();
    for (int at = 14; at < 20; at++) {
      byte[] lying = frame.clone();
      lying[at] ^= 0x10;
      assertEquals(Finding.MALFORMED, parse(lying), "byte " + at);
      assertLayers(0, NO_VLAN, 0x0806, -1, -1, -1, -1, 42);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 47, 50, 51, 59, 89, 132, 135, 255})
  void otherProtocolsHaveANumberAndNoPayload(int protocol) {
    assertEquals(Finding.OK, parse(Frames.ethernet().ipv4(A4, B4).protocol(protocol).bytes()));
    assertLayers(0, NO_VLAN, 0x0800, 14, protocol, 34, -1, 34);
  }

  @Test
  void icmpHasEightBytesOfHeader() {
    assertEquals(Finding.OK, parse(Frames.ethernet().ipv4(A4, B4).icmp(8, 0, 1).hex("aa").bytes()));
    assertLayers(0, NO_VLAN, 0x0800, 14, 1, 34, 42, 43);
    assertEquals(Finding.OK, parse(Frames.ethernet().ipv6(A6, B6).icmp(128, 0, 1).bytes()));
    assertLayers(0, NO_VLAN, 0x86dd, 14, 58, 54, 62, 62);
  }

  @Test
  void everyShorterPrefixIsMalformed() {
    Frames[] frames = {
      arp(),
      Frames.ethernet().ipv4(A4, B4).tcp(1, 2, 0).hex("00"),
      Frames.ethernet().vlan(5).ipv4(A4, B4).udp(1, 2).hex("00"),
      Frames.ethernet().vlan(5).vlan(6).ipv6(A6, B6).udp(1, 2).hex("00"),
      Frames.ethernet().ipv4(A4, B4).icmp(8, 0, 1),
      Frames.ethernet().ipv6(A6, B6).extension(0, 0, 1, 4, 0, 0, 0, 0).icmp(128, 0, 1),
      Frames.ethernet().ipv4(A4, B4).protocol(47).hex("0000"),
    };
    for (Frames frame : frames) {
      byte[] whole = frame.bytes();
      assertEquals(Finding.OK, parse(whole));
      IntStream.range(0, whole.length).forEach(length -> assertCut(whole, length));
    }
  }

  private void assertCut(byte[] whole, int length) {
    byte[] cut = Arrays.copyOf(whole, length);
    assertEquals(Finding.MALFORMED, parse(cut), () -> "cut to " + length);
    // The frame's length counts, not the memory behind it.
    assertEquals(Finding.MALFORMED, layers.parse(MemorySegment.ofArray(whole), length));
    assertEquals(-1, layers.networkAt());
    assertEquals(-1, layers.transportProtocol());
    assertEquals(-1, layers.transportAt());
    assertEquals(-1, layers.payloadAt());
    assertEquals(length, layers.endAt());
  }

  @Test
  void shorterThanEthernetShowsNothing() {
    assertEquals(Finding.OK, parse(Frames.ethernet().vlan(7).ipv4(A4, B4).udp(1, 2).bytes()));
    assertEquals(Finding.MALFORMED, parse(new byte[13]));
    assertLayers(0, NO_VLAN, -1, -1, -1, -1, -1, 13);
    assertEquals(Finding.MALFORMED, layers.parse(MemorySegment.ofArray(new byte[0]), 0));
    assertLayers(0, NO_VLAN, -1, -1, -1, -1, -1, 0);
  }

  @Test
  void ipv4FragmentsShowNoTransport() {
    byte[] whole = Frames.ethernet().ipv4(A4, B4).udp(1, 2).hex("0000000000000000").bytes();
    int[] fields = {0x2000, 0x0001, 0x1fff, 0x3fff, 0x6000};
    for (int field : fields) {
      byte[] fragment = with16(whole, 20, field);
      assertEquals(Finding.FRAGMENT, parse(fragment), Integer.toHexString(field));
      assertLayers(0, NO_VLAN, 0x0800, 14, -1, -1, -1, 50);
    }
    for (int field : new int[] {0, 0x4000, 0x8000, 0xc000}) {
      assertEquals(Finding.OK, parse(with16(whole, 20, field)), Integer.toHexString(field));
    }
  }

  @Test
  void ipv6FragmentsShowNoTransportEvenInOnePiece() {
    byte[] atomic =
        Frames.ethernet().ipv6(A6, B6).extension(44, 0, 0, 0, 1, 2, 3, 4).udp(1, 2).bytes();
    assertEquals(Finding.FRAGMENT, parse(atomic));
    assertLayers(0, NO_VLAN, 0x86dd, 14, -1, -1, -1, 70);
    byte[] behindOptions =
        Frames.ethernet()
            .ipv6(A6, B6)
            .extension(0, 0, 1, 4, 0, 0, 0, 0)
            .extension(44, 0, 0, 9, 1, 2, 3, 4)
            .udp(1, 2)
            .bytes();
    assertEquals(Finding.FRAGMENT, parse(behindOptions));
  }

  @Test
  void lyingFragmentIsMalformed() {
    byte[] fragment = with16(Frames.ethernet().ipv4(A4, B4).udp(1, 2).bytes(), 20, 0x2000);
    assertEquals(Finding.MALFORMED, parse(with16(fragment, 16, 29)));
  }

  @Test
  void everyTotalLengthButTheRightOnesIsMalformed() {
    // A datagram of 8 bytes in a frame padded to 60: 28 up to the frame's 46 bytes are honest.
    byte[] frame = Frames.ethernet().ipv4(A4, B4).udp(1, 2).padded(60);
    for (int total = 0; total < 65_536; total++) {
      Finding expected = 28 <= total && total <= 46 ? Finding.OK : Finding.MALFORMED;
      assertEquals(expected, parse(with16(frame, 16, total)), "total length " + total);
    }
  }

  @Test
  void everyPayloadLengthButTheRightOnesIsMalformed() {
    byte[] frame = Frames.ethernet().ipv6(A6, B6).udp(1, 2).padded(70);
    for (int payload = 0; payload < 65_536; payload++) {
      Finding expected = 8 <= payload && payload <= 16 ? Finding.OK : Finding.MALFORMED;
      assertEquals(expected, parse(with16(frame, 18, payload)), "payload length " + payload);
    }
  }

  @Test
  void jumbogramIsMalformed() {
    byte[] frame =
        Frames.ethernet()
            .ipv6(A6, B6)
            .extension(0, 0, 0xc2, 4, 0, 1, 0, 0)
            .udp(1, 2)
            .hex("00")
            .bytes();
    assertEquals(Finding.MALFORMED, parse(with16(frame, 18, 0)));
    byte[] udpOfNoLength = Frames.ethernet().ipv4(A4, B4).udp(1, 2).bytes();
    assertEquals(Finding.MALFORMED, parse(with16(udpOfNoLength, 38, 0)));
  }

  @Test
  void everyUdpLengthButTheRightOnesIsMalformed() {
    byte[] frame = Frames.ethernet().ipv4(A4, B4).udp(1, 2).hex("00112233").bytes();
    for (int bytes = 0; bytes < 65_536; bytes++) {
      Finding expected = 8 <= bytes && bytes <= 12 ? Finding.OK : Finding.MALFORMED;
      assertEquals(expected, parse(with16(frame, 38, bytes)), "UDP length " + bytes);
    }
  }

  @Test
  void everyDataOffsetButTheRightOnesIsMalformed() {
    byte[] frame = Frames.ethernet().ipv4(A4, B4).tcp(1, 2, 0).hex("0011223344").bytes();
    for (int words = 0; words < 16; words++) {
      byte[] lying = frame.clone();
      lying[46] = (byte) (words << 4);
      Finding expected = words == 5 || words == 6 ? Finding.OK : Finding.MALFORMED;
      assertEquals(expected, parse(lying), "data offset " + words);
    }
  }

  @Test
  void everyVersionAndHeaderLengthButTheRightOnesIsMalformed() {
    byte[] frame = Frames.ethernet().ipv4(A4, B4).protocol(47).hex("0011223344").bytes();
    for (int octet = 0; octet < 256; octet++) {
      byte[] lying = frame.clone();
      lying[14] = (byte) octet;
      Finding expected = octet == 0x45 || octet == 0x46 ? Finding.OK : Finding.MALFORMED;
      assertEquals(expected, parse(lying), "first byte " + octet);
    }
  }

  @Test
  void etherTypeAndVersionMustAgree() {
    byte[] six = Frames.ethernet().ipv6(A6, B6).udp(1, 2).bytes();
    assertEquals(Finding.MALFORMED, parse(with16(six, 12, 0x0800)));
    byte[] four = Frames.ethernet().ipv4(A4, B4).udp(1, 2).payload(new byte[40]).bytes();
    assertEquals(Finding.MALFORMED, parse(with16(four, 12, 0x86dd)));
  }

  private Finding parse(byte[] frame) {
    return layers.parse(MemorySegment.ofArray(frame), frame.length);
  }

  private static Frames arp() {
    return Frames.ethernet().arp(1, "02:00:00:00:00:01", A4, "00:00:00:00:00:00", B4);
  }

  private static byte[] with16(byte[] frame, int at, int value) {
    byte[] copy = frame.clone();
    copy[at] = (byte) (value >>> 8);
    copy[at + 1] = (byte) value;
    return copy;
  }

  private void assertLayers(
      int tags, int key, int type, int network, int protocol, int transport, int payload, int end) {
    assertEquals(tags, layers.vlanTags(), "tags");
    assertEquals(key, layers.vlanKey(), "key");
    assertEquals(type, layers.etherType(), "type");
    assertEquals(network, layers.networkAt(), "network");
    assertEquals(protocol, layers.transportProtocol(), "protocol");
    assertEquals(transport, layers.transportAt(), "transport");
    assertEquals(payload, layers.payloadAt(), "payload");
    assertEquals(end, layers.endAt(), "end");
  }
}
