package dev.sluice.wire;

import static dev.sluice.wire.Fitting.AT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

final class EthernetTest {
  private static final String HEADER = "ffe1c0a80102 8200c0a80103 86dd";

  @Test
  void knownBytesAreRead() {
    MemorySegment memory = Fitting.at(HEADER);
    assertEquals(0xffe1_c0a8_0102L, Ethernet.dest(memory, AT));
    assertEquals(0x8200_c0a8_0103L, Ethernet.source(memory, AT));
    assertEquals(Ethernet.TYPE_IPV6, Ethernet.etherType(memory, AT));
  }

  @Test
  void valuesWrittenGiveTheSameBytes() {
    MemorySegment memory = Fitting.stale(14);
    Ethernet.setDest(memory, AT, 0xffe1_c0a8_0102L);
    Ethernet.setSource(memory, AT, 0x8200_c0a8_0103L);
    Ethernet.setEtherType(memory, AT, 0x86dd);
    Fitting.assertBytes(HEADER, memory);
  }

  @Test
  void everyShorterPrefixIsRefused() {
    Fitting.assertEveryShorterPrefixIsRefused(Ethernet::fits, Fitting.hex(HEADER));
  }

  @Test
  void groupBitIsTheLowestOfTheFirstByte() {
    assertTrue(Ethernet.isGroup(Ethernet.BROADCAST));
    assertTrue(Ethernet.isGroup(0x0100_5e00_0001L));
    assertTrue(Ethernet.isGroup(0x3333_0000_0001L));
    assertFalse(Ethernet.isGroup(0x0200_0000_0001L));
    assertFalse(Ethernet.isGroup(0xfeff_ffff_ffffL));
  }
}
