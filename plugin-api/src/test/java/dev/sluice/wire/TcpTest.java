package dev.sluice.wire;

import static dev.sluice.wire.Fitting.AT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class TcpTest {
  private static final String PLAIN = "c350 0964 fedcba98 89abcdef 50 18 faf0 f00d 8001";

  // What a Linux host sends first: MSS, SACK permitted, timestamps, no operation, window scale.
  private static final String SYN =
      "c350 0964 fedcba98 00000000 a0 02 faf0 f00d 0000"
          + "020405b4 0402 080af123456700000000 01 030307";

  @Test
  void knownBytesAreRead() {
    MemorySegment memory = Fitting.at(PLAIN);
    assertEquals(50_000, Tcp.sourcePort(memory, AT));
    assertEquals(2404, Tcp.destPort(memory, AT));
    assertEquals(0xfedc_ba98L, Tcp.sequence(memory, AT));
    assertEquals(0x89ab_cdefL, Tcp.acknowledgement(memory, AT));
    assertEquals(20, Tcp.headerBytes(memory, AT));
    assertEquals(Tcp.ACK | Tcp.PSH, Tcp.flags(memory, AT));
    assertEquals(64_240, Tcp.window(memory, AT));
    assertEquals(0xc350_0964, Tcp.ports(memory, AT));
    assertEquals(0xfedc_ba98_89ab_cdefL, Tcp.numbers(memory, AT));
    assertEquals(0x18_faf0, Tcp.flagsAndWindow(memory, AT));
    assertEquals(0xf00d, Tcp.checksum(memory, AT));
    assertEquals(0x8001, Tcp.urgent(memory, AT));
  }

  @Test
  void optionsOfASynAreRead() {
    MemorySegment memory = Fitting.at(SYN);
    assertEquals(40, Tcp.headerBytes(memory, AT));
    assertEquals(1460, Tcp.maxSegmentBytes(memory, AT));
    assertTrue(Tcp.isSackPermitted(memory, AT));
    assertEquals(0xf123_4567L, Tcp.timestamp(memory, AT));
    assertEquals(0, Tcp.timestampEcho(memory, AT));
    assertEquals(7, Tcp.windowShift(memory, AT));
    assertEquals(AT + 26, Tcp.optionAt(memory, AT, Tcp.OPTION_TIMESTAMPS));
  }

  @Test
  void headerWithoutOptionsHasNone() {
    MemorySegment memory = Fitting.at(PLAIN + "020405b4");
    assertEquals(Tcp.ABSENT, Tcp.maxSegmentBytes(memory, AT));
    assertFalse(Tcp.isSackPermitted(memory, AT));
    assertEquals(Tcp.ABSENT, Tcp.timestamp(memory, AT));
    assertEquals(Tcp.ABSENT, Tcp.timestampEcho(memory, AT));
    assertEquals(Tcp.ABSENT, Tcp.windowShift(memory, AT));
  }

  @ParameterizedTest
  @CsvSource({
    "02040000, 0",
    "0204ffff, 65535",
    "01010204, -2", // the option is longer than the list
    "02000000, -2", // length 0 would never end
    "02010000, -2",
    "02030000, -2", // no MSS of 3 bytes
    "01010102, -2", // no room for a length
    "00020400, -1", // behind the end of the list
    "01010101, -1",
    "fe040000, -1", // another option
    "fe050000, -2", // another option, lying
  })
  void maxSegmentOption(String options, int answer) {
    MemorySegment memory = Fitting.at(PLAIN.replace("50 18", "60 18") + options);
    assertEquals(answer, Tcp.maxSegmentBytes(memory, AT));
  }

  @Test
  void optionOfAnotherLengthIsBroken() {
    String head = PLAIN.replace("50 18", "60 18");
    assertEquals(Tcp.BROKEN, Tcp.windowShift(Fitting.at(head + "03040700"), AT));
    assertEquals(Tcp.BROKEN, Tcp.timestamp(Fitting.at(head + "08040000"), AT));
    assertEquals(Tcp.BROKEN, Tcp.timestampEcho(Fitting.at(head + "08040000"), AT));
    assertFalse(Tcp.isSackPermitted(Fitting.at(head + "04030000"), AT));
  }

  @Test
  void valuesWrittenGiveTheSameBytes() {
    MemorySegment memory = Fitting.stale(20);
    Tcp.setSourcePort(memory, AT, 50_000);
    Tcp.setDestPort(memory, AT, 2404);
    Tcp.setSequence(memory, AT, 0xfedc_ba98L);
    Tcp.setAcknowledgement(memory, AT, 0x89ab_cdefL);
    Tcp.setHeaderBytes(memory, AT, 20);
    Tcp.setFlags(memory, AT, Tcp.ACK | Tcp.PSH);
    Tcp.setWindow(memory, AT, 64_240);
    Tcp.setChecksum(memory, AT, 0xf00d);
    Tcp.setUrgent(memory, AT, 0x8001);
    Fitting.assertBytes(PLAIN, memory);
    Tcp.setHeaderBytes(memory, AT, 60);
    assertEquals(60, Tcp.headerBytes(memory, AT));
  }

  @Test
  void everyShorterPrefixIsRefused() {
    Fitting.assertEveryShorterPrefixIsRefused(Tcp::fits, Fitting.hex(PLAIN));
    Fitting.assertEveryShorterPrefixIsRefused(Tcp::fits, Fitting.hex(SYN));
  }

  @Test
  void lyingDataOffsetIsRefused() {
    Fitting.assertFitsExactlyWith8(
        Tcp::fits,
        Fitting.hex(PLAIN + "0000000000"),
        12,
        octet -> octet >>> 4 == 5 || octet >>> 4 == 6);
  }
}
