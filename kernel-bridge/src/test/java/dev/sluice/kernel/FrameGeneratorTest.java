package dev.sluice.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Privileged
class FrameGeneratorTest {
  private final TrafficLab lab = new TrafficLab();

  @AfterEach
  void close() {
    lab.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {60, 61, 124, 764, 1514})
  void allFramesArriveInOrderAndOnce(int length) throws Exception {
    FramePattern pattern = Patterns.of(length, 1000);
    try (XdpForwarder _ = lab.redirect("gw0", "gw1");
        FrameSink sink = lab.sink("snk0", pattern, 0);
        FrameGenerator generator = lab.generator(pattern)) {
      TrafficLab.send(generator, 100_000, () -> sink.counts().received());
      assertEquals(100_000, generator.sent());
      assertEquals(0, sink.counts().duplicated());
      assertEquals(0, sink.counts().reordered());
      assertEquals(0, sink.counts().others());
      assertEquals(100_000, sink.counts().marks().getFirst());
      assertEquals(100_000L * length, receivedBytes("snk0"));
    }
  }

  private long receivedBytes(String name) {
    String path = "/sys/class/net/" + name + "/statistics/rx_bytes";
    return Long.parseLong(lab.network.inside("cat", path).strip());
  }

  /// Sums that carry and borrow; source and destination beginning with a flow's field at its ends;
  /// and the checksum itself as the field that makes up for the flow.
  @ParameterizedTest
  @CsvSource({
    "9, 0xfff0, 32", "0xfe00, 0xfff0, 32", "9, 0x0010, 32", "0xfe00, 0x0010, 32",
    "0, 0, 32", "0xffff, 0xffff, 32", "0, 0xffff, 32", "0xffff, 0, 32",
    "9, 0xfff0, 24", "0xfe00, 0x0010, 24", "0xffff, 0xffff, 24"
  })
  void checksumStaysRightInEveryFlow(String source, String destination, int checkAt)
      throws Exception {
    byte[] frame = Patterns.frame(60, Integer.decode(source), Integer.decode(destination));
    FramePattern pattern =
        new FramePattern(frame, 1000, Patterns.SOURCE_AT, checkAt, 42, 46, 48, -1);
    Set<Integer> sources = new HashSet<>();
    for (byte[] each : capture(pattern, 1000)) {
      assertEquals(0xffff, Patterns.sum(each));
      int sequence = Patterns.get16(each, 44);
      int from = Patterns.get16(each, Patterns.SOURCE_AT);
      assertEquals(Integer.decode(source) + sequence & 0xffff, from);
      sources.add(from);
    }
    assertEquals(1000, sources.size());
  }

  /// A datagram's checksum covers the address, which is the flow, and what is written behind it.
  @ParameterizedTest
  @CsvSource({"9, 0xfff0", "0xfe00, 0xfff0", "0xffff, 0xffff", "0, 0"})
  void transportChecksumStaysRightInEveryFrame(String source, String destination) throws Exception {
    byte[] frame = Patterns.frame(76, Integer.decode(source), Integer.decode(destination));
    int sum = 0xffff - transportSum(frame);
    frame[40] = (byte) (sum >> 8);
    frame[41] = (byte) sum;
    assertEquals(0xffff, transportSum(frame));
    FramePattern pattern =
        new FramePattern(frame, 1000, Patterns.SOURCE_AT, 24, 42, 46, 48, -1, 40);
    for (byte[] each : capture(pattern, 3000)) {
      assertEquals(0xffff, transportSum(each));
    }
  }

  /// Of the addresses, the datagram, and what else a pseudo header has.
  private static int transportSum(byte[] frame) {
    int sum = 17 + frame.length - 34;
    for (int at = 26; at < frame.length; at += 2) {
      sum += Patterns.get16(frame, at);
    }
    int folded = (sum >>> 16) + (sum & 0xffff);
    return (folded >>> 16) + (folded & 0xffff);
  }

  @Test
  void everyFlowOfThemAllHasAnAddressOfItsOwn() throws Exception {
    FramePattern pattern = Patterns.of(60, 65_536);
    try (FrameSink sink = lab.sink("gw0", pattern, 0);
        FrameGenerator generator = lab.generator(pattern)) {
      TrafficLab.send(generator, 200_000, () -> sink.counts().received());
      assertEquals(0, sink.counts().reordered());
    }
  }

  @Test
  void restOfTheFrameIsThePatterns() throws Exception {
    byte[] frame = Patterns.frame(764, 9, 7);
    frame[763] = 77;
    frame[Patterns.MARK_AT] = 5;
    List<byte[]> frames =
        capture(new FramePattern(frame, 1, -1, -1, 42, 46, -1, Patterns.MARK_AT), 3);
    for (int i = 0; i < 3; i++) {
      byte[] expected = frame.clone();
      expected[45] = (byte) i;
      assertArrayEquals(expected, frames.get(i));
    }
  }

  /// What a packet socket sees behind an XDP program that lets everything pass.
  private List<byte[]> capture(FramePattern pattern, int frames) throws Exception {
    try (FramePool pool = FramePools.of(4096);
        XdpForwarder _ = lab.network.call(() -> XdpForwarder.pass("gw0"));
        Port port = lab.port("gw0", pool, 0, 4096);
        FrameGenerator generator = lab.generator(pattern)) {
      port.device.start();
      List<byte[]> received = new ArrayList<>();
      while (received.size() < frames) {
        int lot = Math.min(200, frames - received.size());
        generator.send(lot);
        List<byte[]> come = port.receive(lot);
        assertEquals(lot, come.size());
        received.addAll(come);
      }
      return received;
    }
  }

  @Test
  void framesThatTheInterfaceRefusesAreLost() throws Exception {
    FramePattern pattern = Patterns.of(60, 1);
    try (FrameGenerator generator = lab.generator(pattern)) {
      generator.send(1000); // the peer has no XDP program
      lab.network.ip("link", "set", "gen0", "down");
      generator.send(1000);
      lab.network.ip("link", "del", "gen0");
      generator.send(1000);
      assertEquals(3000, generator.sent());
    }
  }

  @Test
  void loopbackKeepsItsFrames() throws Exception {
    lab.network.ip("link", "set", "lo", "up");
    try (FrameGenerator generator = lab.generator(Patterns.of(60, 1))) {
      byte[] echo = lab.network.call(FrameGeneratorTest::throughLoopback);
      assertEquals(42, echo[0]);
      assertEquals(0, generator.sent());
    }
  }

  private static byte[] throughLoopback() throws Exception {
    InetAddress here = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
    try (DatagramSocket socket = new DatagramSocket(0, here)) {
      socket.setSoTimeout(2000);
      socket.send(new DatagramPacket(new byte[] {42}, 1, here, socket.getLocalPort()));
      DatagramPacket packet = new DatagramPacket(new byte[8], 8);
      socket.receive(packet);
      return packet.getData();
    }
  }

  @Test
  void secondOneInANamespaceIsRefusedUntilTheFirstIsClosed() throws Exception {
    FramePattern pattern = Patterns.of(60, 1);
    try (FrameGenerator _ = lab.generator(pattern)) {
      assertTrue(lab.attached().contains("sluice_generate"), lab.attached());
      KernelException e = assertThrows(KernelException.class, () -> lab.generator(pattern));
      assertTrue(e.toString().contains(": lo has an XDP program already"), e.getMessage());
    }
    assertFalse(lab.attached().contains("sluice_"), lab.attached());
    lab.generator(pattern).close();
  }

  @Test
  void unknownInterfaceAndWrongNumbersAreRefused() throws Exception {
    FramePattern pattern = Patterns.of(60, 1);
    KernelException e =
        assertThrows(
            KernelException.class,
            () -> lab.network.call(() -> FrameGenerator.open("nosuch", pattern)));
    assertTrue(e.toString().contains("nosuch"), e.getMessage());
    assertFalse(lab.attached().contains("sluice_"), lab.attached());
    try (FrameGenerator generator = lab.generator(pattern)) {
      for (int frames : new int[] {0, -1, 1_000_001}) {
        assertThrows(IllegalArgumentException.class, () -> generator.send(frames));
      }
      assertEquals(0, generator.sent());
    }
  }
}
