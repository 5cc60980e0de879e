package dev.sluice.runtime.iec104;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sluice.runtime.iec104.ApduCodec.Decoded;
import dev.sluice.runtime.iec104.Asdu.InformationObject;
import java.nio.ByteBuffer;
import java.time.LocalDateTime;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ApduCodecTest {
  private static final HexFormat HEX = HexFormat.of();

  private static final Element ASK = new Element.Interrogation(20);

  private static final Map<String, Apdu> KNOWN =
      Map.of(
          "680407000000",
          new Apdu.Unnumbered(Apdu.Function.STARTDT_ACT),
          "680483000000",
          new Apdu.Unnumbered(Apdu.Function.TESTFR_CON),
          "680401000a00",
          new Apdu.Supervisory(5),
          "68040100feff",
          new Apdu.Supervisory(32_767),
          "680e0000000064010600010000000014",
          information(0, 0, Asdu.of(6, 1, 0, ASK)),
          "680efe01020064014700ffff00000014",
          information(255, 1, Asdu.of(6, 65_535, 0, ASK).answer(7, true)),
          "680e000000002d010600010001020381",
          information(0, 0, Asdu.of(6, 1, 0x030201, new Element.SingleCommand(true, true, 0))),
          "6812000000000d0103000100c800000000803f00",
          information(0, 0, Asdu.of(3, 1, 200, new Element.ShortFloat(1f, 0))),
          "68140000000067010600010000000039300716f60b1a",
          information(
              0,
              0,
              Asdu.of(6, 1, 0, clock(LocalDateTime.of(2026, 11, 22, 22, 7, 12, 345_000_000)))));

  private static Element clock(LocalDateTime time) {
    return new Element.ClockTime(time);
  }

  private static Apdu information(int send, int receive, Asdu asdu) {
    return new Apdu.Information(send, receive, asdu);
  }

  private static Decoded decode(String hex) {
    return ApduCodec.decode(ByteBuffer.wrap(HEX.parseHex(hex)));
  }

  private static String encode(Apdu apdu) {
    ByteBuffer out = ByteBuffer.allocate(ApduCodec.MAX_APDU_BYTES);
    ApduCodec.encode(apdu, out);
    return HEX.formatHex(out.array(), 0, out.position());
  }

  @Test
  void knownBytesAreRead() {
    KNOWN.forEach((hex, apdu) -> assertEquals(new Decoded.Done(apdu), decode(hex), hex));
  }

  @Test
  void knownFramesGiveTheirBytes() {
    KNOWN.forEach((hex, apdu) -> assertEquals(hex, encode(apdu)));
  }

  @Test
  void everyShorterPrefixNeedsMoreAndLeavesThePosition() {
    for (String hex : KNOWN.keySet()) {
      for (int chars = 0; chars < hex.length(); chars += 2) {
        ByteBuffer prefix = ByteBuffer.wrap(HEX.parseHex(hex.substring(0, chars)));
        Decoded.NeedMore need = assertInstanceOf(Decoded.NeedMore.class, ApduCodec.decode(prefix));
        int missing = (hex.length() - chars) / 2;
        assertEquals(chars < 4 ? 2 - chars / 2 : missing, need.bytes(), hex + " at " + chars);
        assertEquals(0, prefix.position());
      }
    }
  }

  @Test
  void twoFramesAreReadOneAfterTheOther() {
    ByteBuffer both = ByteBuffer.wrap(HEX.parseHex("680401000a00" + "680407000000"));
    assertEquals(new Decoded.Done(new Apdu.Supervisory(5)), ApduCodec.decode(both));
    assertEquals(
        new Decoded.Done(new Apdu.Unnumbered(Apdu.Function.STARTDT_ACT)), ApduCodec.decode(both));
    assertEquals(0, both.remaining());
  }

  @Test
  void consecutiveAddressesOfASequenceAreCounted() {
    Decoded.Done done =
        assertInstanceOf(Decoded.Done.class, decode("681000000000018314000100070000010081"));
    Apdu.Information frame = assertInstanceOf(Apdu.Information.class, done.apdu());
    assertEquals(
        List.of(
            new InformationObject(7, new Element.SinglePoint(true, 0)),
            new InformationObject(8, new Element.SinglePoint(false, 0)),
            new InformationObject(9, new Element.SinglePoint(true, 0x80))),
        frame.asdu().objects());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "67", // start octet
        "6800", // lengths below 4 and above 253
        "6803070000",
        "68fe",
        "68ff",
        "680507000000" + "00", // U frame too long
        "680507010000" + "00",
        "680407010000", // reserved bits of a U frame
        "680407000100",
        "680407000001",
        "68040f000000", // two functions at once
        "680403000000", // none
        "680401010000", // reserved bits of an S frame
        "680401000100",
        "680405000000",
        "680501000a00" + "00", // S frame too long
        "680400000000", // I frame without an ASDU
        "680900000000" + "6401060001", // ASDU header cut short
        "680e0000010064010600010000000014", // reserved bit of an I frame
        "680d00000000640106000100000000", // objects too short
        "680f000000006401060001000000001400", // too long
        "680e0000000064000600010000000014", // no object
        "680e0000000064020600010000000014", // two said, one there
        "680e00000000ff010600010000000014", // type nobody defined
        "680e0000000064018600010000000014", // test bit
        "680e0000000064010601010000000014", // originator
        "680e000000002d010600010001000002", // reserved bit of a command
        "680e000000000101030001000100000e", // reserved bits of a single point
        "680f000000000182140001" + "00ffffff0101", // addresses run out
        "6814000000006701060001000000006fea0716f60b1a", // second 60
        "681400000000670106000100000000393007" + "16c00b1a", // day 0
        "68140000000067010600010000000039300716f60d1a", // month 13
        "68140000000067010600010000000039300716f60b7f", // year 127
      })
  void malformedIsBroken(String hex) {
    assertInstanceOf(Decoded.Broken.class, decode(hex), hex);
  }

  @Test
  void nothingThatIsReadThrows() {
    Random random = new Random(104);
    for (int i = 0; i < 200_000; i++) {
      byte[] bytes = new byte[random.nextInt(40)];
      random.nextBytes(bytes);
      frame(bytes, random);
      ByteBuffer in = ByteBuffer.wrap(bytes);
      Decoded decoded = ApduCodec.decode(in);
      if (decoded instanceof Decoded.Done(Apdu apdu)) {
        ByteBuffer again = ByteBuffer.allocate(ApduCodec.MAX_APDU_BYTES);
        ApduCodec.encode(apdu, again);
        assertEquals(decoded, ApduCodec.decode(again.flip()));
      }
    }
  }

  /// Makes most of the garbage look like a frame, so that it reaches the decoder's depths.
  private static void frame(byte[] bytes, Random random) {
    if (6 < bytes.length) {
      bytes[0] = ApduCodec.START;
      bytes[1] = (byte) (bytes.length - 2);
      bytes[2] &= (byte) (random.nextBoolean() ? 0xfe : 0xff);
      bytes[4] &= (byte) 0xfe;
      bytes[6] = (byte) List.of(1, 13, 45, 100, 103).get(random.nextInt(5)).intValue();
    }
    if (9 < bytes.length) {
      bytes[7] = (byte) (1 + random.nextInt(3));
      bytes[8] &= 0x7f;
      bytes[9] = 0;
    }
  }

  @Test
  void theLongestFrameHas255Bytes() {
    Asdu longest = points(60); // 6 + 60 * 4 + 4 = 250 of 253
    assertEquals(2 * 252, encode(information(0, 0, longest)).length());
    assertThrows(IllegalArgumentException.class, () -> encode(information(0, 0, points(61))));
  }

  private static Asdu points(int count) {
    return new Asdu(
        TypeId.M_SP_NA_1,
        3,
        false,
        1,
        Collections.nCopies(count, new InformationObject(1, new Element.SinglePoint(true, 0))));
  }
}
