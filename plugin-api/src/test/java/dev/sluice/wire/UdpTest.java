package dev.sluice.wire;

import static dev.sluice.wire.Fitting.AT;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

final class UdpTest {
  private static final String DATAGRAM = "c350 0965 000b fedc 112233";

  @Test
  void knownBytesAreRead() {
    MemorySegment memory = Fitting.at(DATAGRAM);
    assertEquals(50_000, Udp.sourcePort(memory, AT));
    assertEquals(2405, Udp.destPort(memory, AT));
    assertEquals(11, Udp.datagramBytes(memory, AT));
    assertEquals(0xfedc, Udp.checksum(memory, AT));
  }

  @Test
  void valuesWrittenGiveTheSameBytes() {
    MemorySegment memory = Fitting.stale(8);
    Udp.setSourcePort(memory, AT, 50_000);
    Udp.setDestPort(memory, AT, 2405);
    Udp.setDatagramBytes(memory, AT, 11);
    Udp.setChecksum(memory, AT, 0xfedc);
    Fitting.assertBytes("c350 0965 000b fedc", memory);
  }

  @Test
  void everyShorterPrefixIsRefused() {
    Fitting.assertEveryShorterPrefixIsRefused(Udp::fits, Fitting.hex(DATAGRAM));
  }

  @Test
  void lyingLengthIsRefused() {
    Fitting.assertFitsExactlyWith16(
        Udp::fits, Fitting.hex(DATAGRAM), 4, bytes -> 8 <= bytes && bytes <= 11);
  }
}
