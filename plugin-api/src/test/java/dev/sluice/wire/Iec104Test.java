package dev.sluice.wire;

import static dev.sluice.wire.Fitting.AT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.wire.Iec104.Kind;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class Iec104Test {
  // Single command, select, activation, station 0xfe01, object 0xf004d2; N(S) 6, N(R) 0x4081.
  private static final String COMMAND = "68 0e 0c00 0281 2d 81 c6 07 01fe d204f0 81";
  private static final String ACKNOWLEDGEMENT = "68 04 0100 0281";

  @Test
  void knownInformationFrameIsRead() {
    MemorySegment memory = Fitting.at(COMMAND);
    assertEquals(Kind.I, Iec104.kind(memory, AT));
    assertEquals(16, Iec104.apduBytes(memory, AT));
    assertEquals(6, Iec104.sendNumber(memory, AT));
    assertEquals(0x4081, Iec104.receiveNumber(memory, AT));
    assertEquals(45, Iec104.typeId(memory, AT));
    assertEquals(1, Iec104.objectCount(memory, AT));
    assertTrue(Iec104.isSequence(memory, AT));
    assertEquals(6, Iec104.cause(memory, AT));
    assertTrue(Iec104.isNegative(memory, AT));
    assertTrue(Iec104.isTest(memory, AT));
    assertEquals(7, Iec104.originator(memory, AT));
    assertEquals(0xfe01, Iec104.commonAddress(memory, AT));
    assertTrue(Iec104.hasObject(memory, AT));
    assertEquals(0xf004d2, Iec104.objectAddress(memory, AT));
    assertTrue(Iec104.isControlLegal(memory, AT));
  }

  @Test
  void knownSupervisoryFrameIsRead() {
    MemorySegment memory = Fitting.at(ACKNOWLEDGEMENT);
    assertEquals(Kind.S, Iec104.kind(memory, AT));
    assertEquals(0x4081, Iec104.receiveNumber(memory, AT));
    assertTrue(Iec104.isControlLegal(memory, AT));
  }

  @ParameterizedTest
  @CsvSource({"07, 7", "0b, 11", "13, 19", "23, 35", "43, 67", "83, 131"})
  void sixFunctionsAreLegal(String digits, int function) {
    MemorySegment memory = Fitting.at("6804" + digits + "000000");
    assertEquals(Kind.U, Iec104.kind(memory, AT));
    assertEquals(function, Iec104.function(memory, AT));
    assertTrue(Iec104.isControlLegal(memory, AT));
    MemorySegment written = Fitting.stale(6);
    Iec104.setFunction(written, AT, function);
    Fitting.assertBytes("6804" + digits + "000000", written);
  }

  @ParameterizedTest
  @CsvSource({
    "680403000000", // no function
    "68040f000000", // two functions
    "6804c3000000",
    "6804ff000000",
    "680407010000", // bits that must be 0
    "680407000100",
    "680407000001",
    "680405000000",
    "680401010000",
    "680401000100",
    "680a00000100000000000000",
  })
  void otherControlFieldsAreIllegal(String digits) {
    MemorySegment memory = Fitting.at(digits);
    assertTrue(Iec104.fits(memory, AT, memory.byteSize()));
    assertFalse(Iec104.isControlLegal(memory, AT));
  }

  @Test
  void valuesWrittenGiveTheSameBytes() {
    MemorySegment memory = Fitting.stale(16);
    Iec104.setInformation(memory, AT, 16, 6, 0x4081);
    Iec104.setType(memory, AT, 45, true, 1);
    Iec104.setCause(memory, AT, 6, true, true);
    Iec104.setCommonAddress(memory, AT, 0xfe01);
    Iec104.setObjectAddress(memory, AT, 0xf004d2);
    Fields.setU8(memory, AT + 15, 0x81);
    Fitting.assertBytes(COMMAND.replace(" 07 ", " 00 "), memory);
    MemorySegment acknowledgement = Fitting.stale(6);
    Iec104.setSupervisory(acknowledgement, AT, 0x4081);
    Fitting.assertBytes(ACKNOWLEDGEMENT, acknowledgement);
  }

  @Test
  void everyShorterPrefixIsRefused() {
    Fitting.assertEveryShorterPrefixIsRefused(Iec104::fits, Fitting.hex(COMMAND));
    Fitting.assertEveryShorterPrefixIsRefused(Iec104::fits, Fitting.hex(ACKNOWLEDGEMENT));
  }

  @Test
  void otherStartBytesAreRefused() {
    Fitting.assertFitsExactlyWith8(Iec104::fits, Fitting.hex(COMMAND), 0, start -> start == 0x68);
  }

  @Test
  void lyingLengthIsRefused() {
    byte[] command = Fitting.hex(COMMAND);
    Fitting.assertFitsExactlyWith8(
        Iec104::fits, command, 1, length -> 10 <= length && length <= 14);
    byte[] roomy = new byte[300];
    System.arraycopy(command, 0, roomy, 0, command.length);
    Fitting.assertFitsExactlyWith8(Iec104::fits, roomy, 1, length -> 10 <= length && length <= 253);
    byte[] acknowledgement = new byte[300];
    System.arraycopy(Fitting.hex(ACKNOWLEDGEMENT), 0, acknowledgement, 0, 6);
    Fitting.assertFitsExactlyWith8(Iec104::fits, acknowledgement, 1, length -> length == 4);
  }

  @Test
  void frameWithoutObjectSaysSo() {
    MemorySegment memory = Fitting.at("680a 0000 0000 64 01 06 00 0100");
    assertTrue(Iec104.fits(memory, AT, memory.byteSize()));
    assertFalse(Iec104.hasObject(memory, AT));
  }

  @Test
  void streamSaysHowMuchIsMissing() {
    byte[] whole = Fitting.hex(COMMAND);
    MemorySegment memory = Fitting.at(whole);
    for (int bytes = 0; bytes < 6; bytes++) {
      assertEquals(6 - bytes, Iec104.missingBytes(memory, AT, AT + bytes), "have " + bytes);
    }
    for (int bytes = 6; bytes <= whole.length; bytes++) {
      assertEquals(16 - bytes, Iec104.missingBytes(memory, AT, AT + bytes), "have " + bytes);
    }
  }

  @Test
  void streamIsBrokenAsSoonAsItShows() {
    assertEquals(Iec104.BROKEN, Iec104.missingBytes(Fitting.at("16"), AT, AT + 1));
    assertEquals(Iec104.BROKEN, Iec104.missingBytes(Fitting.at("6803"), AT, AT + 2));
    assertEquals(Iec104.BROKEN, Iec104.missingBytes(Fitting.at("68fe"), AT, AT + 2));
    assertEquals(Iec104.BROKEN, Iec104.missingBytes(Fitting.at("680500000000"), AT, AT + 6));
    assertEquals(Iec104.BROKEN, Iec104.missingBytes(Fitting.at("680507000000"), AT, AT + 6));
    assertEquals(2, Iec104.missingBytes(Fitting.at("68fd0700"), AT, AT + 4));
  }

  @Test
  void apduBehindAnotherIsRead() {
    MemorySegment memory = Fitting.at(ACKNOWLEDGEMENT + COMMAND);
    int second = AT + Iec104.apduBytes(memory, AT);
    assertTrue(Iec104.fits(memory, second, memory.byteSize()));
    assertEquals(45, Iec104.typeId(memory, second));
  }
}
