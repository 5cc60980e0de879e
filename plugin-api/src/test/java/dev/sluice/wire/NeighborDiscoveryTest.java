package dev.sluice.wire;

import static dev.sluice.wire.Fitting.AT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class NeighborDiscoveryTest {
  private static final String BARE = "88 00 1234 60000000 fe80000000000000 f000000000000002";
  private static final String ADDRESS = "02 01 f2000000000a";
  private static final String NONCE_OF_16 = "0e 02 000102030405060708090a0b0c0d";

  @Test
  void knownBytesAreRead() {
    MemorySegment memory = Fitting.at(BARE + NONCE_OF_16 + ADDRESS);
    long end = memory.byteSize();
    assertTrue(NeighborDiscovery.fits(memory, AT, end));
    assertTrue(NeighborDiscovery.hasTarget(memory, AT));
    assertEquals(
        NeighborDiscovery.FLAG_SOLICITED | NeighborDiscovery.FLAG_OVERRIDE,
        NeighborDiscovery.flags(memory, AT));
    assertEquals(0xfe80_0000_0000_0000L, NeighborDiscovery.targetHigh(memory, AT));
    assertEquals(0xf000_0000_0000_0002L, NeighborDiscovery.targetLow(memory, AT));
    assertEquals(AT + 40, NeighborDiscovery.optionAt(memory, AT, end, 2));
    assertEquals(0xf200_0000_000aL, NeighborDiscovery.linkAddress(memory, AT, end, 2));
    assertEquals(NeighborDiscovery.ABSENT, NeighborDiscovery.linkAddress(memory, AT, end, 1));
  }

  @Test
  void valuesWrittenGiveTheSameBytes() {
    MemorySegment memory = Fitting.stale(32);
    Icmpv6.setType(memory, AT, NeighborDiscovery.ADVERTISEMENT);
    Icmpv6.setCode(memory, AT, 0);
    Icmpv6.setChecksum(memory, AT, 0x1234);
    NeighborDiscovery.setFlags(memory, AT, 0x60);
    NeighborDiscovery.setTarget(memory, AT, 0xfe80_0000_0000_0000L, 0xf000_0000_0000_0002L);
    NeighborDiscovery.setAddressOption(
        memory,
        AT + NeighborDiscovery.MESSAGE_BYTES,
        NeighborDiscovery.OPTION_TARGET_ADDRESS,
        0xf200_0000_000aL);
    Fitting.assertBytes(BARE + ADDRESS, memory);
  }

  @Test
  void everyShorterPrefixIsRefused() {
    Fitting.assertEveryShorterPrefixIsRefused(NeighborDiscovery::fits, Fitting.hex(BARE));
  }

  @Test
  void everyCutOptionIsRefused() {
    byte[] whole = Fitting.hex(BARE + NONCE_OF_16 + ADDRESS);
    MemorySegment memory = Fitting.at(whole);
    for (int bytes = 0; bytes <= whole.length; bytes++) {
      boolean between = bytes == 24 || bytes == 40 || bytes == 48;
      assertEquals(between, NeighborDiscovery.fits(memory, AT, AT + bytes), "cut to " + bytes);
    }
  }

  @Test
  void lyingOptionLengthIsRefused() {
    byte[] whole = Fitting.hex(BARE + ADDRESS + "0501000005010000");
    Fitting.assertFitsExactlyWith8(
        NeighborDiscovery::fits, whole, 25, units -> units == 1 || units == 2);
  }

  @Test
  void addressOptionOfAnotherLengthHasNoAddress() {
    MemorySegment memory = Fitting.at(BARE + "02 02 f2000000000a 0000000000000000");
    long end = memory.byteSize();
    assertTrue(NeighborDiscovery.fits(memory, AT, end));
    assertEquals(NeighborDiscovery.ABSENT, NeighborDiscovery.linkAddress(memory, AT, end, 2));
  }

  @Test
  void codeOtherThanZeroIsRefused() {
    Fitting.assertFitsExactlyWith8(
        NeighborDiscovery::fits, Fitting.hex(BARE), 1, code -> code == 0);
  }

  @ParameterizedTest
  @CsvSource({"133, 8, false", "134, 16, false", "135, 24, true", "136, 24, true", "137, 40, true"})
  void fiveTypesHaveTheirLengths(int type, int bytes, boolean target) {
    byte[] message = new byte[bytes];
    message[0] = (byte) type;
    Fitting.assertEveryShorterPrefixIsRefused(NeighborDiscovery::fits, message);
    assertEquals(target, NeighborDiscovery.hasTarget(Fitting.at(message), AT));
    assertTrue(NeighborDiscovery.isType(type));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 128, 129, 132, 138, 255})
  void otherTypesAreRefused(int type) {
    byte[] message = new byte[64];
    message[0] = (byte) type;
    assertFalse(NeighborDiscovery.fits(Fitting.at(message), AT, AT + 64));
    assertFalse(NeighborDiscovery.isType(type));
  }
}
