package dev.sluice.runtime.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

class FrameMatchTest {
  private static final byte[] MASTER4 = InetAddress.ofLiteral("10.104.0.1").getAddress();
  private static final byte[] MASTER6 = InetAddress.ofLiteral("fd00:104::1").getAddress();
  private static final HostileFrames.Host TERMINAL =
      host("02534c00000b", "10.104.0.11", "fd00:104::b");
  private static final HostileFrames.Host MASTER =
      host("02534c000101", "10.104.0.1", "fd00:104::1");
  private static final Predicate<byte[]> FROM_MASTER =
      FrameMatch.fromMaster(List.of(MASTER4, MASTER6), 2405);

  private static HostileFrames.Host host(String hardware, String v4, String v6) {
    return HostileFrames.Host.of(
        HexFormat.of().parseHex(hardware),
        InetAddress.ofLiteral(v4).getAddress(),
        InetAddress.ofLiteral(v6).getAddress());
  }

  private static byte[] frame(String hex) {
    return HexFormat.of().parseHex("02534c00000b" + "02534c000101" + hex);
  }

  @Test
  void everyHostileFrameFitsTheWireAndBearsItsMark() {
    List<byte[]> frames = new HostileFrames(TERMINAL, MASTER, HostileFrames.TERMINAL_MARK).all();
    assertTrue(20 <= frames.size());
    for (byte[] frame : frames) {
      assertTrue(60 <= frame.length && frame.length <= 1514, "length " + frame.length);
      assertTrue(FrameMatch.contains(HostileFrames.TERMINAL_MARK).test(frame));
      assertFalse(FrameMatch.contains(HostileFrames.MASTER_MARK).test(frame));
    }
    assertEquals(1, frames.stream().filter(frame -> frame.length == 1514).count());
  }

  @Test
  void bytesAreFoundAnywhereAndNowhereElse() {
    Predicate<byte[]> sought = FrameMatch.contains(new byte[] {1, 2, 3});
    assertTrue(sought.test(new byte[] {1, 2, 3}));
    assertTrue(sought.test(new byte[] {9, 1, 1, 2, 3}));
    assertTrue(sought.test(new byte[] {1, 2, 3, 9}));
    assertFalse(sought.test(new byte[] {1, 2}));
    assertFalse(sought.test(new byte[] {1, 2, 4, 2, 3}));
    assertFalse(sought.test(new byte[0]));
  }

  @Test
  void whatTheMasterSendsIsTheMasters() {
    String ip = "0800" + "45000028000000004006" + "0000" + "0a680001" + "0a68000b";
    assertTrue(FROM_MASTER.test(frame(ip + "0964c001")), "TCP");
    assertTrue(FROM_MASTER.test(frame(ip.replace("4006", "4011") + "0035c001")), "other UDP");
    assertTrue(FROM_MASTER.test(frame(arp(1, "0a680001"))), "ARP request");
  }

  @Test
  void whatTheGatewayAnswersIsNot() {
    String udp = "0800" + "45000028000000004011" + "0000" + "0a680001" + "0a68000b";
    assertFalse(FROM_MASTER.test(frame(udp + "0965c001")), "handshake");
    assertFalse(FROM_MASTER.test(frame(arp(2, "0a680001"))), "ARP reply");
    assertFalse(FROM_MASTER.test(frame(arp(1, "0a68000c"))), "another's ARP request");
    assertFalse(
        FROM_MASTER.test(frame(udp.replace("0a680001", "0a68000c") + "0964c001")), "another's");
  }

  @Test
  void framesTooShortToTellAreNobodys() {
    byte[] whole = frame(arp(1, "0a680001"));
    for (int length = 0; length < 32; length++) {
      assertFalse(FROM_MASTER.test(java.util.Arrays.copyOf(whole, length)), "length " + length);
    }
  }

  private static String arp(int operation, String sender) {
    return "0806" + "000108000604" + "000" + operation + "02534c000101" + sender + "000000000000";
  }
}
