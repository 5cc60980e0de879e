package dev.sluice.wire;

import static dev.sluice.wire.Fitting.AT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

final class ArpTest {
  private static final String REPLY =
      "0001 0800 06 04 0002 f20000000001 c0a80001 f20000000002 fe000002";

  @Test
  void knownBytesAreRead() {
    MemorySegment memory = Fitting.at(REPLY);
    assertEquals(Arp.REPLY, Arp.operation(memory, AT));
    assertEquals(0xf200_0000_0001L, Arp.senderHardware(memory, AT));
    assertEquals(0xc0a8_0001L, Arp.senderProtocol(memory, AT));
    assertEquals(0xf200_0000_0002L, Arp.targetHardware(memory, AT));
    assertEquals(0xfe00_0002L, Arp.targetProtocol(memory, AT));
  }

  @Test
  void valuesWrittenGiveTheSameBytes() {
    MemorySegment memory = Fitting.stale(28);
    Arp.setTypes(memory, AT);
    Arp.setOperation(memory, AT, Arp.REPLY);
    Arp.setSenderHardware(memory, AT, 0xf200_0000_0001L);
    Arp.setSenderProtocol(memory, AT, 0xc0a8_0001L);
    Arp.setTargetHardware(memory, AT, 0xf200_0000_0002L);
    Arp.setTargetProtocol(memory, AT, 0xfe00_0002L);
    Fitting.assertBytes(REPLY, memory);
  }

  @Test
  void everyShorterPrefixIsRefused() {
    Fitting.assertEveryShorterPrefixIsRefused(Arp::fits, Fitting.hex(REPLY));
  }

  @Test
  void otherTypesAndAddressLengthsAreRefused() {
    byte[] whole = Fitting.hex(REPLY);
    Fitting.assertFitsExactlyWith16(Arp::fits, whole, 0, type -> type == 1);
    Fitting.assertFitsExactlyWith16(Arp::fits, whole, 2, type -> type == 0x0800);
    Fitting.assertFitsExactlyWith8(Arp::fits, whole, 4, bytes -> bytes == 6);
    Fitting.assertFitsExactlyWith8(Arp::fits, whole, 5, bytes -> bytes == 4);
  }

  @Test
  void builtFrameFits() {
    Frames frame =
        Frames.ethernet().arp(1, "f2:00:00:00:00:01", "1.2.3.4", "00:00:00:00:00:00", "5.6.7.8");
    assertTrue(Arp.fits(frame.memory(), 14, 42));
    assertEquals(0x0506_0708L, Arp.targetProtocol(frame.memory(), 14));
  }
}
