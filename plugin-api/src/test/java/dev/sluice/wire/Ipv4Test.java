package dev.sluice.wire;

import static dev.sluice.wire.Fitting.AT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class Ipv4Test {
  private static final String PLAIN = "4500001c 00004000 401106af c0a80001 c0a800c7";
  private static final String DATAGRAM = "0001000200080000";

  // Header of 28 bytes: no operation, loose source route of one hop.
  private static final String ROUTED =
      "47b8001e abcd6001 ff060000 f0000001 f0000002 01 83 07 04 0a000001 1122";

  @Test
  void knownBytesAreRead() {
    MemorySegment memory = Fitting.at(ROUTED);
    assertEquals(4, Ipv4.version(memory, AT));
    assertEquals(28, Ipv4.headerBytes(memory, AT));
    assertEquals(0xb8, Ipv4.service(memory, AT));
    assertEquals(30, Ipv4.totalBytes(memory, AT));
    assertEquals(0xabcd, Ipv4.identification(memory, AT));
    assertTrue(Ipv4.dontFragment(memory, AT));
    assertTrue(Ipv4.moreFragments(memory, AT));
    assertEquals(8, Ipv4.fragmentOffsetBytes(memory, AT));
    assertEquals(255, Ipv4.timeToLive(memory, AT));
    assertEquals(6, Ipv4.protocol(memory, AT));
    assertEquals(0xf000_0001L, Ipv4.source(memory, AT));
    assertEquals(0xf000_0002L, Ipv4.dest(memory, AT));
    assertEquals(0xf000_0001_f000_0002L, Ipv4.addresses(memory, AT));
    assertEquals(AT + 21, Ipv4.optionAt(memory, AT, Ipv4.OPTION_LOOSE_SOURCE_ROUTE));
    assertEquals(Ipv4.ABSENT, Ipv4.optionAt(memory, AT, Ipv4.OPTION_STRICT_SOURCE_ROUTE));
  }

  @Test
  void valuesWrittenGiveTheSameBytes() {
    MemorySegment memory = Fitting.stale(20);
    Ipv4.setHeaderBytes(memory, AT, 20);
    Ipv4.setService(memory, AT, 0xb8);
    Ipv4.setTotalBytes(memory, AT, 65_535);
    Ipv4.setIdentification(memory, AT, 0xabcd);
    Ipv4.setFragment(memory, AT, true, true, 65_528);
    Ipv4.setTimeToLive(memory, AT, 255);
    Ipv4.setProtocol(memory, AT, 132);
    Ipv4.setChecksum(memory, AT, 0xfedc);
    Ipv4.setSource(memory, AT, 0xf000_0001L);
    Ipv4.setDest(memory, AT, 0xf000_0002L);
    Fitting.assertBytes("45b8ffff abcd7fff ff84fedc f0000001 f0000002", memory);
  }

  @Test
  void everyShorterPrefixIsRefused() {
    Fitting.assertEveryShorterPrefixIsRefused(Ipv4::fits, Fitting.hex(PLAIN + DATAGRAM));
    Fitting.assertEveryShorterPrefixIsRefused(Ipv4::fits, Fitting.hex(ROUTED));
  }

  @Test
  void lyingTotalLengthIsRefused() {
    byte[] packet = Fitting.hex(PLAIN + DATAGRAM + "0000");
    Fitting.assertFitsExactlyWith16(Ipv4::fits, packet, 2, total -> 20 <= total && total <= 30);
    byte[] routed = Fitting.hex(ROUTED);
    Fitting.assertFitsExactlyWith16(Ipv4::fits, routed, 2, total -> 28 <= total && total <= 30);
  }

  @Test
  void lyingHeaderLengthAndOtherVersionsAreRefused() {
    byte[] packet = Fitting.hex(PLAIN + DATAGRAM);
    Fitting.assertFitsExactlyWith8(Ipv4::fits, packet, 0, octet -> 0x45 <= octet && octet <= 0x47);
  }

  @ParameterizedTest
  @CsvSource({
    "0000, false, false, 0, false",
    "4000, true, false, 0, false",
    "8000, false, false, 0, false",
    "2000, false, true, 0, true",
    "0001, false, false, 8, true",
    "1fff, false, false, 65528, true",
    "3fff, false, true, 65528, true",
  })
  void fragmentField(String field, boolean dont, boolean more, int offsetBytes, boolean fragment) {
    MemorySegment memory = Fitting.at(PLAIN);
    memory.set(Fields.U16, AT + 6, (short) HexFormat.fromHexDigits(field));
    assertEquals(dont, Ipv4.dontFragment(memory, AT));
    assertEquals(more, Ipv4.moreFragments(memory, AT));
    assertEquals(offsetBytes, Ipv4.fragmentOffsetBytes(memory, AT));
    assertEquals(fragment, Ipv4.isFragment(memory, AT));
  }

  @Test
  void headerChecksumIsVerifiedAndWritten() {
    // A header whose right checksum is known: b861.
    MemorySegment memory = Fitting.at("45000073 00004000 4011b861 c0a80001 c0a800c7");
    assertEquals(0xb861, Ipv4.checksum(memory, AT));
    assertTrue(Ipv4.isChecksumRight(memory, AT));
    for (int octet = 0; octet < 20; octet++) {
      byte[] broken = Fitting.hex("45000073 00004000 4011b861 c0a80001 c0a800c7");
      broken[octet] = (byte) (broken[octet] ^ (octet == 0 ? 0x10 : 0x01));
      assertFalse(Ipv4.isChecksumRight(Fitting.at(broken), AT), "byte " + octet);
    }
    Ipv4.setChecksum(memory, AT, 0x1234);
    Ipv4.updateChecksum(memory, AT);
    assertEquals(0xb861, Ipv4.checksum(memory, AT));
  }

  @Test
  void headerChecksumCoversOptions() {
    MemorySegment memory = Fitting.at(ROUTED);
    Ipv4.updateChecksum(memory, AT);
    assertTrue(Ipv4.isChecksumRight(memory, AT));
    Fields.setU8(memory, AT + 27, 2);
    assertFalse(Ipv4.isChecksumRight(memory, AT));
  }

  @ParameterizedTest
  @CsvSource({
    "94000000, BROKEN", // router alert of length 0
    "94010000, BROKEN", // of length 1
    "94050000, BROKEN", // longer than the header
    "01010194, BROKEN", // no room for a length
    "94040000, 20",
    "01019402, 22",
    "00940400, ABSENT", // behind the end of the list
    "01010101, ABSENT",
    "07040000, ABSENT",
  })
  void optionList(String options, String answer) {
    MemorySegment memory = Fitting.at("46000018 00000000 40110000 c0a80001 c0a800c7" + options);
    int expected =
        switch (answer) {
          case "BROKEN" -> Ipv4.BROKEN;
          case "ABSENT" -> Ipv4.ABSENT;
          default -> AT + Integer.parseInt(answer);
        };
    assertEquals(expected, Ipv4.optionAt(memory, AT, 0x94));
  }
}
