package dev.sluice.plugins.terminalauth;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.wire.Checksum;
import dev.sluice.wire.Ethernet;
import dev.sluice.wire.Ipv4;
import dev.sluice.wire.Ipv6;
import dev.sluice.wire.Udp;
import java.lang.foreign.MemorySegment;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Datagrams out of frames, and the answers' frames.
class AnswerPathTest {
  /// 10.0.0.11:4660 to 10.0.0.1:2405, two VLAN tags with priority 5, 2 bytes of payload.
  private static final String QINQ =
      "020000000001 020000000011 88a8a064 8100a00a 0800"
          + "4500001e000040004011 0000 0a00000b 0a000001 1234 0965 000a 0000 6869";

  private static final String IPV6 =
      "020000000001 020000000011 86dd 60000000000a1140"
          + "20010db8000000000000000000000011 20010db8000000000000000000000001"
          + "1234 0965 000a 0000 6869";

  private final AuthSite site = new AuthSite();

  @AfterEach
  void close() {
    site.close();
  }

  @Test
  void answerOverTwoTagsSwapsTheEnds() {
    AuthFrame request = frame(QINQ, true);
    assertNull(Datagram.flaw(request));
    MemorySegment answer = answer(request, new byte[] {1, 2, 3});
    AuthFrame parsed = new AuthFrame(site.terminalSide, answer);
    assertEquals(0x020000000011L, Ethernet.dest(answer, 0));
    assertEquals(0x020000000001L, Ethernet.source(answer, 0));
    assertEquals("88a8a0648100a00a0800", hex(answer, 12, 10));
    assertEquals(request.vlanKey(), parsed.vlanKey());
    int at = parsed.networkAt();
    assertEquals("10.0.0.1", IpAddress.v4((int) Ipv4.source(answer, at)).toString());
    assertEquals("10.0.0.11", IpAddress.v4((int) Ipv4.dest(answer, at)).toString());
    assertEquals(64, Ipv4.timeToLive(answer, at));
    assertTrue(Ipv4.dontFragment(answer, at));
    assertTrue(Ipv4.isChecksumRight(answer, at));
    assertUdp(parsed, new byte[] {1, 2, 3});
  }

  @Test
  void answerOverIpv6SwapsTheEnds() {
    AuthFrame request = frame(IPV6, true);
    assertNull(Datagram.flaw(request));
    MemorySegment answer = answer(request, new byte[] {9});
    AuthFrame parsed = new AuthFrame(site.terminalSide, answer);
    assertEquals(Ethernet.TYPE_IPV6, parsed.etherType());
    assertEquals(1, Ipv6.sourceLow(answer, parsed.networkAt()));
    assertEquals(0x11, Ipv6.destLow(answer, parsed.networkAt()));
    assertEquals(64, Ipv6.hopLimit(answer, parsed.networkAt()));
    assertUdp(parsed, new byte[] {9});
  }

  @Test
  void longestAnswerFitsAPathOf1400Bytes() {
    MemorySegment answer = answer(frame(IPV6, true), new byte[AnswerPath.MAX_PAYLOAD_BYTES]);
    assertEquals(14 + 1400, answer.byteSize());
  }

  @Test
  void wrongChecksumIsAFlaw() {
    AuthFrame frame = frame(QINQ, true);
    frame.memory().set(JAVA_BYTE, frame.length() - 1, (byte) 0);
    assertEquals(Datagram.BAD_CHECKSUM, Datagram.flaw(frame));
  }

  @Test
  void missingChecksumIsAFlawOverIpv6Alone() {
    assertNull(Datagram.flaw(frame(QINQ, false)));
    assertEquals(Datagram.BAD_CHECKSUM, Datagram.flaw(frame(IPV6, false)));
  }

  @Test
  void groupAddressesAreFlaws() {
    for (String[] change :
        new String[][] {
          {"020000000011", "030000000011"}, {"020000000001", "ffffffffffff"},
          {"0a00000b", "e0000001"}, {"0a00000b", "ffffffff"},
          {"0a000001", "e0000001"}, {"0a00000b", "00000000"}
        }) {
      assertEquals(
          Datagram.BAD_ADDRESS,
          Datagram.flaw(frame(QINQ.replace(change[0], change[1]), true)),
          change[1]);
    }
  }

  @Test
  void mappedAddressOverIpv6IsAFlaw() {
    String mapped =
        IPV6.replace("20010db8000000000000000000000011", "00000000000000000000ffff0a00000b");
    assertEquals(Datagram.BAD_ADDRESS, Datagram.flaw(frame(mapped, true)));
  }

  @Test
  void payloadBeyondAnEthernetFrameIsAFlaw() {
    MemorySegment tooLong =
        AuthSite.frame(0x11, 0x01, "10.0.0.11", "10.0.0.1", 1, 2405, new byte[1473]);
    assertEquals(Datagram.TOO_LONG, Datagram.flaw(new AuthFrame(site.terminalSide, tooLong)));
  }

  private MemorySegment answer(AuthFrame request, byte[] payload) {
    return new AnswerPath(Datagram.copyOf(request, Datagram.peerOf(request)), site)
        .frame(payload, 0, payload.length);
  }

  private AuthFrame frame(String hex, boolean checksum) {
    byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));
    AuthFrame frame = new AuthFrame(site.terminalSide, MemorySegment.ofArray(bytes));
    assertEquals(Udp.PROTOCOL, frame.transportProtocol());
    if (frame.etherType() == Ethernet.TYPE_IPV4) {
      Ipv4.updateChecksum(frame.memory(), frame.networkAt());
    }
    if (checksum) {
      Checksum.updateTransport(
          frame.memory(), frame.networkAt(), Udp.PROTOCOL, frame.transportAt(), frame.endAt());
    }
    return frame;
  }

  private static void assertUdp(AuthFrame frame, byte[] payload) {
    MemorySegment memory = frame.memory();
    int at = frame.transportAt();
    assertEquals(2405, Udp.sourcePort(memory, at));
    assertEquals(0x1234, Udp.destPort(memory, at));
    assertTrue(
        Checksum.isTransportRight(memory, frame.networkAt(), Udp.PROTOCOL, at, frame.endAt()));
    byte[] found = memory.asSlice(frame.payloadAt(), payload.length).toArray(JAVA_BYTE);
    assertArrayEquals(payload, found);
    assertEquals(frame.endAt(), frame.payloadAt() + payload.length);
  }

  private static String hex(MemorySegment memory, long at, long bytes) {
    return HexFormat.of().formatHex(memory.asSlice(at, bytes).toArray(JAVA_BYTE));
  }
}
