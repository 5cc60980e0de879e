package dev.sluice.wire;

import static dev.sluice.wire.Fitting.AT;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

final class Ipv6Test {
  private static final String HEADER =
      "6ab54321 0002 3b ff 20010db8000000018000000000000001 fd00000000000000f000000000000002";

  @Test
  void knownBytesAreRead() {
    MemorySegment memory = Fitting.at(HEADER);
    assertEquals(6, Ipv6.version(memory, AT));
    assertEquals(0xab, Ipv6.trafficClass(memory, AT));
    assertEquals(0x54321, Ipv6.flowLabel(memory, AT));
    assertEquals(2, Ipv6.payloadBytes(memory, AT));
    assertEquals(59, Ipv6.nextHeader(memory, AT));
    assertEquals(255, Ipv6.hopLimit(memory, AT));
    assertEquals(0x2001_0db8_0000_0001L, Ipv6.sourceHigh(memory, AT));
    assertEquals(0x8000_0000_0000_0001L, Ipv6.sourceLow(memory, AT));
    assertEquals(0xfd00_0000_0000_0000L, Ipv6.destHigh(memory, AT));
    assertEquals(0xf000_0000_0000_0002L, Ipv6.destLow(memory, AT));
  }

  @Test
  void valuesWrittenGiveTheSameBytes() {
    MemorySegment memory = Fitting.stale(40);
    Ipv6.setClassAndLabel(memory, AT, 0xab, 0x54321);
    Ipv6.setPayloadBytes(memory, AT, 2);
    Ipv6.setNextHeader(memory, AT, 59);
    Ipv6.setHopLimit(memory, AT, 255);
    Ipv6.setSource(memory, AT, 0x2001_0db8_0000_0001L, 0x8000_0000_0000_0001L);
    Ipv6.setDest(memory, AT, 0xfd00_0000_0000_0000L, 0xf000_0000_0000_0002L);
    Fitting.assertBytes(HEADER, memory);
  }

  @Test
  void everyShorterPrefixIsRefused() {
    Fitting.assertEveryShorterPrefixIsRefused(Ipv6::fits, Fitting.hex(HEADER + "1122"));
  }

  @Test
  void payloadPastTheEndIsRefused() {
    Fitting.assertFitsExactlyWith16(
        Ipv6::fits, Fitting.hex(HEADER + "1122"), 4, payload -> payload <= 2);
  }

  @Test
  void otherVersionsAreRefused() {
    Fitting.assertFitsExactlyWith8(
        Ipv6::fits, Fitting.hex(HEADER + "1122"), 0, octet -> octet >>> 4 == 6);
  }
}
