package dev.sluice.wire;

import static dev.sluice.wire.Fitting.AT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ChecksumTest {
  // Frames whose checksums Wireshark 4.0 has found to be right.
  private static final String UDP4 =
      "02000000000202000000000108004500001f1234400040115bedc0a800010a010203c3500965000b2253112233";
  private static final String TCP4 =
      "0200000000020200000000018100006408004600003012344000400658e6c0a800010a01020301010100c350"
          + "0964fedcba98000000006002faf04a5e0000020405b4";
  private static final String ICMP4 =
      "0200000000020200000000010800450000211234400040015bfbc0a800010a01020308002890000100026162"
          + "630a0b";
  private static final String UDP6 =
      "02000000000202000000000186dd60000000000c1140fd00000000000000000000000000000120010db80000"
          + "000000000000000000ffc3500965000cc30011223344";
  private static final String TCP6 =
      "02000000000202000000000186dd6000000000220040fd00000000000000000000000000000120010db80000"
          + "000000000000000000ff0600010400000000c35009640000000100000002501803e8086900006804430000"
          + "00";
  private static final String SOLICITATION =
      "02000000000202000000000186dd6000000000203a40fe800000000000000000000000000001ff0200000000"
          + "000000000001ff00000287007a9700000000fe8000000000000000000000000000020101020000000001";

  @Test
  void sumOfTheRfc1071Example() {
    assertEquals(0x220d, Checksum.of(Fitting.at("0001f203f4f5f6f7"), AT, 8));
  }

  @ParameterizedTest
  @CsvSource({"'', ffff", "00, ffff", "01, feff", "0102, fefd", "010203, fbfd", "ffff, 0000"})
  void shortAndOddRanges(String digits, String expected) {
    MemorySegment memory = Fitting.at(digits);
    int checksum = Checksum.of(memory, AT, memory.byteSize() - AT);
    assertEquals(Integer.parseInt(expected, 16), checksum);
  }

  @Test
  void everyLengthAgreesWithBytewiseAddition() {
    SplittableRandom random = new SplittableRandom(1071);
    for (int bytes = 0; bytes < 300; bytes++) {
      byte[] range = new byte[bytes];
      random.nextBytes(range);
      assertEquals(bytewise(range), Checksum.of(Fitting.at(range), AT, bytes), "bytes " + bytes);
    }
  }

  @Test
  void longestRangeOfOnesDoesNotOverflow() {
    byte[] range = new byte[1 << 20];
    Arrays.fill(range, (byte) 0xff);
    assertEquals(0, Checksum.of(MemorySegment.ofArray(range), 0, range.length));
    assertEquals(0, Checksum.complement(Long.MAX_VALUE / 0xffff * 0xffff));
    assertEquals(0, Checksum.complement(0xffff_ffff_ffff_ffffL));
  }

  @ParameterizedTest
  @CsvSource({
    UDP4 + ", 6",
    TCP4 + ", 16",
    ICMP4 + ", 2",
    UDP6 + ", 6",
    TCP6 + ", 16",
    SOLICITATION + ", 2",
  })
  void knownTransportChecksums(String digits, int field) {
    byte[] frame = Fitting.hex(digits);
    MemorySegment memory = MemorySegment.ofArray(frame);
    Layers layers = parsed(frame);
    int known = Fields.u16(memory, layers.transportAt() + field);
    assertTrue(isRight(memory, layers));
    assertEquals(known, transport(memory, layers));
    Fields.setU16(memory, layers.transportAt() + field, 0x1234);
    assertFalse(isRight(memory, layers));
    Checksum.updateTransport(
        memory,
        layers.networkAt(),
        layers.transportProtocol(),
        layers.transportAt(),
        layers.endAt());
    assertEquals(known, Fields.u16(memory, layers.transportAt() + field));
  }

  @ParameterizedTest
  @CsvSource({UDP4, TCP4, ICMP4, UDP6, TCP6, SOLICITATION})
  void everySingleWrongBitIsSeen(String digits) {
    byte[] frame = Fitting.hex(digits);
    Layers layers = parsed(frame);
    for (int bit = layers.transportAt() * 8; bit < layers.endAt() * 8; bit++) {
      byte[] wrong = frame.clone();
      wrong[bit / 8] = (byte) (wrong[bit / 8] ^ (1 << bit % 8));
      assertFalse(isRight(MemorySegment.ofArray(wrong), layers), "bit " + bit);
    }
  }

  @Test
  void udpWithoutChecksumIsRightOverIpv4Alone() {
    MemorySegment four = Fitting.at(UDP4).asSlice(AT);
    Udp.setChecksum(four, 34, 0);
    assertTrue(Checksum.isTransportRight(four, 14, Udp.PROTOCOL, 34, 45));
    MemorySegment six = Fitting.at(UDP6).asSlice(AT);
    Udp.setChecksum(six, 54, 0);
    assertFalse(Checksum.isTransportRight(six, 14, Udp.PROTOCOL, 54, 66));
  }

  @Test
  void udpChecksumIsNeverComputedAsZero() {
    // The two payload bytes are the checksum of the rest, so that the whole sums up to zero.
    byte[] frame = Frames.ethernet().ipv4("1.2.3.4", "5.6.7.8").udp(1, 2).hex("0000").bytes();
    MemorySegment memory = MemorySegment.ofArray(frame);
    Fields.setU16(memory, 42, Udp.checksum(memory, 34));
    assertEquals(0xffff, Checksum.transport(memory, 14, Udp.PROTOCOL, 34, 44));
    Checksum.updateTransport(memory, 14, Udp.PROTOCOL, 34, 44);
    assertTrue(Checksum.isTransportRight(memory, 14, Udp.PROTOCOL, 34, 44));
    assertEquals(0xffff, Checksum.neverZero(0));
    assertEquals(1, Checksum.neverZero(1));
  }

  @Test
  void otherProtocolsHaveNoChecksum() {
    MemorySegment memory = Fitting.at(UDP4).asSlice(AT);
    assertThrows(IllegalArgumentException.class, () -> Checksum.transport(memory, 14, 47, 34, 45));
  }

  @Test
  void updateOfTheRfc1624ExampleIsZero() {
    assertEquals(0x0000, Checksum.update16(0xdd2f, 0x5555, 0x3285));
  }

  @Test
  void updatesAgreeWithFullComputation() {
    SplittableRandom random = new SplittableRandom(1624);
    MemorySegment memory = Fitting.stale(40);
    for (int round = 0; round < 100_000; round++) {
      int field = AT + 2 * random.nextInt(19);
      long newest = round % 3 == 0 ? random.nextInt(2) * 0xffff_ffffL : random.nextLong(1L << 32);
      int before = Checksum.of(memory, AT, 40);
      long old = Fields.u32(memory, field);
      Fields.setU32(memory, field, newest);
      int after = Checksum.of(memory, AT, 40);
      assertEquals(after, Checksum.update32(before, old, newest));
      int halves = Checksum.update16(before, (int) (old >>> 16), (int) (newest >>> 16));
      assertEquals(after, Checksum.update16(halves, (int) old & 0xffff, (int) newest & 0xffff));
    }
  }

  @Test
  void updateKeepsAnIpv4HeaderRightWhileTheHopsRunOut() {
    MemorySegment memory = Fitting.at("45000073 00004000 ff11f960 c0a80001 c0a800c7");
    Ipv4.updateChecksum(memory, AT);
    IntStream.range(0, 255).forEach(_ -> decrementHops(memory));
    assertEquals(0, Ipv4.timeToLive(memory, AT));
  }

  private static void decrementHops(MemorySegment memory) {
    int old = Fields.u16(memory, AT + 8);
    Ipv4.setTimeToLive(memory, AT, Ipv4.timeToLive(memory, AT) - 1);
    int next = Fields.u16(memory, AT + 8);
    Ipv4.setChecksum(memory, AT, Checksum.update16(Ipv4.checksum(memory, AT), old, next));
    assertTrue(Ipv4.isChecksumRight(memory, AT));
  }

  private static Layers parsed(byte[] frame) {
    Layers layers = new Layers();
    assertEquals(Layers.Finding.OK, layers.parse(MemorySegment.ofArray(frame), frame.length));
    return layers;
  }

  private static boolean isRight(MemorySegment memory, Layers layers) {
    return Checksum.isTransportRight(
        memory,
        layers.networkAt(),
        layers.transportProtocol(),
        layers.transportAt(),
        layers.endAt());
  }

  private static int transport(MemorySegment memory, Layers layers) {
    return Checksum.transport(
        memory,
        layers.networkAt(),
        layers.transportProtocol(),
        layers.transportAt(),
        layers.endAt());
  }

  private static int bytewise(byte[] range) {
    int sum = 0;
    for (int i = 0; i < range.length; i++) {
      int octet = Byte.toUnsignedInt(range[i]);
      sum += i % 2 == 0 ? octet << 8 : octet;
      sum = (sum & 0xffff) + (sum >>> 16);
    }
    return ~sum & 0xffff;
  }
}
