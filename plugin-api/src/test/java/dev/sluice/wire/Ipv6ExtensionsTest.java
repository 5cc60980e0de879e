package dev.sluice.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class Ipv6ExtensionsTest {
  private static final int[] EIGHT_BYTES = {0, 1, 4, 0, 0, 0, 0};

  @Test
  void noExtensionLeadsStraightToTransport() {
    assertReached(17, 54, ip().udp(1, 2));
  }

  @Test
  void everyKindIsSteppedOver() {
    Frames frame =
        ip().extension(Ipv6Extensions.HOP_BY_HOP, EIGHT_BYTES)
            .extension(Ipv6Extensions.DEST_OPTIONS, EIGHT_BYTES)
            .extension(Ipv6Extensions.ROUTING, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
            .extension(Ipv6Extensions.AUTHENTICATION, 2, 0, 0, 1, 2, 3, 4, 0, 0, 0, 1, 9, 9, 9, 9)
            .extension(Ipv6Extensions.DEST_OPTIONS, EIGHT_BYTES)
            .tcp(1, 2, 0);
    assertReached(6, 54 + 8 + 8 + 16 + 16 + 8, frame);
  }

  @ParameterizedTest
  @ValueSource(ints = {50, 59, 47, 89, 132, 135, 139, 140, 255})
  void otherNumbersEndTheWalk(int protocol) {
    Frames frame = ip().extension(Ipv6Extensions.DEST_OPTIONS, EIGHT_BYTES);
    assertReached(protocol, 62, frame.protocol(protocol).hex("00"));
  }

  @Test
  void noNextHeaderMayHaveNoPayload() {
    assertReached(59, 54, ip());
  }

  @Test
  void fragmentHeaderEndsTheWalk() {
    Frames frame = ip().extension(Ipv6Extensions.FRAGMENT, 0, 0, 0, 1, 2, 3, 4).udp(1, 2);
    assertEquals(Ipv6Extensions.FRAGMENTED, walk(frame));
  }

  @Test
  void cutFragmentHeaderIsBroken() {
    assertEquals(Ipv6Extensions.BROKEN, walk(ip().extension(Ipv6Extensions.FRAGMENT, 0, 0, 0)));
  }

  @Test
  void hopByHopBelongsFirst() {
    Frames frame =
        ip().extension(Ipv6Extensions.DEST_OPTIONS, EIGHT_BYTES)
            .extension(Ipv6Extensions.HOP_BY_HOP, EIGHT_BYTES)
            .udp(1, 2);
    assertEquals(Ipv6Extensions.BROKEN, walk(frame));
  }

  @Test
  void headersAreBoundedInNumber() {
    Frames most = ip();
    for (int i = 0; i < Ipv6Extensions.MAX_HEADERS; i++) {
      most.extension(Ipv6Extensions.DEST_OPTIONS, EIGHT_BYTES);
    }
    assertReached(17, 54 + 8 * Ipv6Extensions.MAX_HEADERS, most.udp(1, 2));
    Frames more = ip();
    for (int i = 0; i <= Ipv6Extensions.MAX_HEADERS; i++) {
      more.extension(Ipv6Extensions.DEST_OPTIONS, EIGHT_BYTES);
    }
    assertEquals(Ipv6Extensions.BROKEN, walk(more.udp(1, 2)));
  }

  @Test
  void chainThatEndsInTheMiddleIsBroken() {
    Frames named = ip().extension(Ipv6Extensions.DEST_OPTIONS, EIGHT_BYTES);
    assertEquals(Ipv6Extensions.BROKEN, walk(named.protocol(Ipv6Extensions.ROUTING)));
    for (int bytes = 0; bytes < 7; bytes++) {
      Frames cut = ip().extension(Ipv6Extensions.DEST_OPTIONS, new int[bytes]);
      assertEquals(Ipv6Extensions.BROKEN, walk(cut), "bytes behind the first: " + bytes);
    }
  }

  @Test
  void lyingLengthIsBroken() {
    // 24 bytes are there: lengths 0, 1 and 2 of an options header say 8, 16 and 24 of them.
    for (int length = 0; length < 256; length++) {
      int[] rest = new int[23];
      rest[0] = length;
      long walked = walk(ip().extension(Ipv6Extensions.DEST_OPTIONS, rest));
      assertEquals(length <= 2, walked != Ipv6Extensions.BROKEN, "length " + length);
    }
  }

  @Test
  void lyingAuthenticationLengthIsBroken() {
    // 24 bytes are there: lengths 1 to 4 of an authentication header say 12 to 24 of them.
    for (int length = 0; length < 256; length++) {
      int[] rest = new int[23];
      rest[0] = length;
      long walked = walk(ip().extension(Ipv6Extensions.AUTHENTICATION, rest));
      boolean honest = 1 <= length && length <= 4;
      assertEquals(honest, walked != Ipv6Extensions.BROKEN, "length " + length);
    }
  }

  private static Frames ip() {
    return Frames.ethernet().ipv6("fd00::1", "fd00::2");
  }

  private static long walk(Frames frame) {
    return Ipv6Extensions.walk(frame.memory(), frame.networkAt());
  }

  private static void assertReached(int protocol, int transportAt, Frames frame) {
    long walked = walk(frame);
    assertEquals(protocol, Ipv6Extensions.protocol(walked));
    assertEquals(transportAt, Ipv6Extensions.transportAt(walked));
  }
}
