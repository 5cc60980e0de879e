package dev.sluice.wire;

import static dev.sluice.wire.Fitting.AT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class IcmpTest {
  private static final String HEADER = "83 84 fedc 8001 f002";

  @Test
  void knownBytesAreRead() {
    MemorySegment memory = Fitting.at(HEADER);
    assertEquals(0x83, Icmp.type(memory, AT));
    assertEquals(0x84, Icmp.code(memory, AT));
    assertEquals(0xfedc, Icmp.checksum(memory, AT));
    assertEquals(0x8001, Icmp.identifier(memory, AT));
    assertEquals(0xf002, Icmp.sequence(memory, AT));
    assertEquals(0x83, Icmpv6.type(memory, AT));
    assertEquals(0x84, Icmpv6.code(memory, AT));
    assertEquals(0xfedc, Icmpv6.checksum(memory, AT));
    assertEquals(0x8001, Icmpv6.identifier(memory, AT));
    assertEquals(0xf002, Icmpv6.sequence(memory, AT));
  }

  @Test
  void valuesWrittenGiveTheSameBytes() {
    MemorySegment memory = Fitting.stale(8);
    Icmp.setType(memory, AT, 0x83);
    Icmp.setCode(memory, AT, 0x84);
    Icmp.setChecksum(memory, AT, 0xfedc);
    Icmp.setIdentifier(memory, AT, 0x8001);
    Icmp.setSequence(memory, AT, 0xf002);
    Fitting.assertBytes(HEADER, memory);
  }

  @Test
  void icmpv6ValuesWrittenGiveTheSameBytes() {
    MemorySegment memory = Fitting.stale(8);
    Icmpv6.setType(memory, AT, 0x83);
    Icmpv6.setCode(memory, AT, 0x84);
    Icmpv6.setChecksum(memory, AT, 0xfedc);
    Icmpv6.setIdentifier(memory, AT, 0x8001);
    Icmpv6.setSequence(memory, AT, 0xf002);
    Fitting.assertBytes(HEADER, memory);
  }

  @Test
  void everyShorterPrefixIsRefused() {
    Fitting.assertEveryShorterPrefixIsRefused(Icmp::fits, Fitting.hex(HEADER));
    Fitting.assertEveryShorterPrefixIsRefused(Icmpv6::fits, Fitting.hex(HEADER));
  }

  @Test
  void errorsAreThoseThatQuoteAPacket() {
    int[] errors = IntStream.range(0, 256).filter(Icmp::isError).toArray();
    assertEquals("[3, 5, 11, 12]", Arrays.toString(errors));
    for (int type = 0; type < 256; type++) {
      assertEquals(type < 128, Icmpv6.isError(type), "type " + type);
    }
    assertTrue(Icmpv6.isError(Icmpv6.PACKET_TOO_BIG));
  }
}
