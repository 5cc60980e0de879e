package dev.sluice.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// AF_PACKET devices at both ends of a wire.
@Privileged
class PacketDeviceTest {
  private static final int CHUNKS = 4096;

  private final LabNetwork network = new LabNetwork(false);
  private final FramePool pool = FramePools.of(2 * CHUNKS);
  private Port near = near();
  private Port far = far();

  private Port near() {
    network.wire("near", "far");
    return open("near", 0);
  }

  private Port far() {
    return open("far", CHUNKS);
  }

  private Port open(String name, int firstChunk) {
    try {
      return new Port(network.attach(name, pool), pool, firstChunk, CHUNKS);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @BeforeEach
  void start() throws KernelException {
    near.device.start();
    far.device.start();
  }

  @AfterEach
  void close() {
    near.close();
    far.close();
    network.close();
    pool.close();
  }

  @Test
  void everyLengthPassesBothWaysByteForByte() throws InterruptedException {
    for (int length = 60; length <= 1514; length++) {
      byte[] there = Frames.plain(length, length);
      byte[] back = Frames.plain(length, -length);
      assertTrue(near.send(there));
      assertTrue(far.send(back));
      if (length % 50 == 0 || length == 1514) {
        compare(far, length);
      }
    }
  }

  private void compare(Port port, int until) throws InterruptedException {
    int from = until == 1514 ? 1501 : Math.max(60, until - 49);
    List<byte[]> there = port.receive(until - from + 1);
    List<byte[]> back = near.receive(until - from + 1);
    for (int length = from; length <= until; length++) {
      assertArrayEquals(Frames.plain(length, length), there.get(length - from));
      assertArrayEquals(Frames.plain(length, -length), back.get(length - from));
    }
  }

  @Test
  void tagsArriveIntact() throws InterruptedException {
    byte[] plain = Frames.plain(200, 1);
    byte[] full = Frames.plain(1514, 2);
    List<byte[]> frames =
        List.of(
            Frames.tagged(0x8100, 0x2005, plain),
            Frames.tagged(0x88a8, 0xffff, plain),
            Frames.tagged(0x88a8, 7, Frames.tagged(0x8100, 0xe123, plain)),
            Frames.tagged(0x8100, 0, Frames.tagged(0x8100, 4095, plain)),
            Frames.tagged(0x8100, 1, full),
            Frames.tagged(0x88a8, 1, full));
    for (byte[] frame : frames) {
      assertTrue(near.send(frame));
    }
    List<byte[]> arrived = far.receive(frames.size());
    assertEquals(frames.size(), arrived.size());
    for (int i = 0; i < frames.size(); i++) {
      assertArrayEquals(frames.get(i), arrived.get(i));
    }
  }

  @Test
  void fullFrameWithTwoTagsNeedsFourBytesMoreMtuAtTheFarEnd() throws InterruptedException {
    byte[] frame = Frames.tagged(0x88a8, 7, Frames.tagged(0x8100, 8, Frames.plain(1514, 3)));
    near.send(frame);
    near.send(Frames.plain(60, 4));
    assertArrayEquals(Frames.plain(60, 4), far.receive(1).getFirst());
    network.ip("link", "set", "far", "mtu", "1504");
    near.send(frame);
    assertArrayEquals(frame, far.receive(1).getFirst());
    DeviceCounters counters = near.device.counters();
    assertEquals(1, counters.sendFailed());
    assertEquals(2, counters.sent());
  }

  @Test
  void ownFramesDoNotComeBack() throws InterruptedException {
    near.send(Frames.plain(60, 1));
    assertTrue(near.drain(20).isEmpty());
  }

  @Test
  void tooLongFrameIsCountedAndTheNextOneLeaves() throws InterruptedException {
    near.send(Frames.plain(1515, 1));
    near.send(new byte[13]);
    near.send(Frames.plain(60, 2));
    assertArrayEquals(Frames.plain(60, 2), far.receive(1).getFirst());
    assertEquals(2, near.device.counters().sendFailed());
    assertEquals(1, near.device.counters().sent());
    assertEquals(CHUNKS, near.free.size());
  }

  @Test
  void linkThatWasDownCarriesFramesAgain() throws InterruptedException {
    network.ip("link", "set", "far", "down");
    Thread.sleep(100);
    assertEquals(LinkState.NO_CARRIER, near.device.link());
    assertEquals(LinkState.NO_CARRIER, far.device.link());
    assertFalse(near.send(Frames.plain(60, 1)));
    network.ip("link", "set", "far", "up");
    Thread.sleep(100);
    assertEquals(LinkState.UP, near.device.link());
    assertTrue(near.send(Frames.plain(60, 2)));
    assertArrayEquals(Frames.plain(60, 2), far.receive(1).getFirst());
  }

  @Test
  void interfaceThatVanishesIsGone() throws InterruptedException {
    near.send(Frames.plain(60, 1));
    network.ip("link", "del", "near");
    near.send(Frames.plain(60, 2));
    Thread.sleep(100);
    assertEquals(LinkState.GONE, near.device.link());
    assertFalse(near.send(Frames.plain(60, 3)));
    assertEquals(0, near.drain(10).size());
    near.device.stop();
  }

  @Test
  void framesThatNobodyFetchesAreCounted() throws Exception {
    byte[] frame = Frames.plain(1514, 1);
    int sent = 8000;
    for (int i = 0; i < sent; i++) {
      sendWhenThereIsRoom(frame);
    }
    Thread.sleep(20);
    long kept = far.drain(100).size();
    DeviceCounters counters = far.device.counters();
    // On a busy machine some are still on their way.
    for (int tries = 0; kept + counters.kernelDropped() < sent && tries < 50; tries++) {
      kept += far.drain(100).size();
      counters = far.device.counters();
    }
    assertTrue(counters.kernelDropped() > 0, counters.toString());
    assertEquals(sent, kept + counters.kernelDropped());
    assertEquals(kept, counters.received());
  }

  /// On a busy machine the kernel may be slow to free slots of the transmit ring.
  private void sendWhenThereIsRoom(byte[] frame) throws InterruptedException {
    for (int tries = 0; !near.send(frame); tries++) {
      assertTrue(tries < 5000, "no room in the transmit ring for five seconds");
      Thread.sleep(1);
    }
  }

  @Test
  void hundredThousandFramesAllocateNothing() throws InterruptedException {
    Exchange exchange = new Exchange(near.device, far.device, pool);
    assertEquals(0, exchange.leastAllocatedBytes(100_000));
    assertEquals(0, far.device.counters().kernelDropped());
  }

  @Test
  void framesThatWaitedWhileTheLinkWasDownAreNotSentLater() throws InterruptedException {
    FrameBatch batch = new FrameBatch(8);
    for (int i = 0; i < 8; i++) {
      batch.add(near.free.pop(), 60, 0, 0);
    }
    assertEquals(8, near.device.send(batch, 0));
    network.ip("link", "set", "near", "down");
    near.device.flush();
    assertEquals(8, near.device.counters().sendFailed());
    network.ip("link", "set", "near", "up");
    assertEquals(0, far.drain(100).size());
    assertTrue(near.send(Frames.plain(60, 1)));
    assertArrayEquals(Frames.plain(60, 1), far.receive(1).getFirst());
    assertEquals(1, near.device.counters().sent());
  }

  @Test
  void framesThatWaitedWhileTheCarrierWasAwayAreNotSentLater() throws InterruptedException {
    FrameBatch batch = new FrameBatch(8);
    for (int i = 0; i < 8; i++) {
      batch.add(near.free.pop(), 60, 0, 0);
    }
    assertEquals(8, near.device.send(batch, 0));
    network.ip("link", "set", "far", "down");
    for (int i = 0; i < 20; i++) {
      near.device.flush();
      Thread.sleep(1);
    }
    assertEquals(8, near.device.counters().sendFailed());
    network.ip("link", "set", "far", "up");
    assertEquals(0, far.drain(100).size());
  }

  @Test
  void frameThatTheFarEndRefusesHoldsUpTheOthersForAMoment() throws InterruptedException {
    network.ip("link", "set", "far", "mtu", "1000");
    near.send(Frames.plain(1514, 1));
    for (int i = 0; i < 10; i++) {
      near.send(Frames.plain(60, i));
    }
    for (int i = 0; i < 20 && near.device.counters().sent() < 10; i++) {
      Thread.sleep(1);
      near.device.completed(near.free);
    }
    assertEquals(10, far.receive(10).size());
    assertEquals(1, near.device.counters().sendFailed());
    assertEquals(10, near.device.counters().sent());
    assertEquals(CHUNKS, near.free.size());
  }

  @Test
  void interfaceMayVanishUnderTraffic() throws InterruptedException {
    Thread remover =
        Thread.ofPlatform()
            .start(() -> {
              try {
                Thread.sleep(100);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
              network.ip("link", "del", "far");
            });
    byte[] frame = Frames.plain(60, 1);
    long until = System.nanoTime() + 2_000_000_000L;
    while (near.device.link() != LinkState.GONE || far.device.link() != LinkState.GONE) {
      near.send(frame);
      far.send(frame);
      near.drain(0);
      assertTrue(System.nanoTime() < until, "the link is " + near.device.link());
    }
    remover.join();
    assertFalse(near.send(frame));
    assertEquals(CHUNKS, near.free.size());
    assertEquals(CHUNKS, far.free.size());
    assertTrue(near.device.counters().sent() > 0);
  }

  @Test
  void checksumLeftToTheHardwareIsFlagged() throws Exception {
    network.inside("ethtool", "-K", "near", "tx", "on");
    network.ip("addr", "add", "192.0.2.1/24", "dev", "near");
    network.ip("neigh", "add", "192.0.2.2", "lladdr", "02:00:00:00:00:02", "dev", "near");
    far.drain(50);
    network.call(() -> {
      try (DatagramSocket socket = new DatagramSocket()) {
        InetAddress to = InetAddress.getByAddress(new byte[] {(byte) 192, 0, 2, 2});
        socket.send(new DatagramPacket(new byte[30], 30, to, 9));
      }
      return 0;
    });
    FrameBatch batch = new FrameBatch(8);
    for (int i = 0; i < 200 && batch.count() == 0; i++) {
      far.device.receive(batch, far.free);
      Thread.sleep(1);
    }
    assertEquals(1, batch.count());
    assertEquals(FrameBatch.CHECKSUM_PARTIAL, batch.flags(0));
    long age = System.currentTimeMillis() * 1_000_000 - batch.arrivalNanos(0);
    assertTrue(Math.abs(age) < 5_000_000_000L, "the frame is " + age + " ns old");
  }

  @Test
  void hundredThousandFramesOfEveryLengthArriveInOrder() {
    Exchange exchange = new Exchange(near.device, far.device, pool);
    exchange.runEveryLength(100_000);
    assertEquals(0, far.device.counters().kernelDropped());
    assertEquals(100_000, near.device.counters().sent());
  }

  @Test
  void countersOutliveTheDevice() throws InterruptedException {
    near.send(Frames.plain(60, 1));
    assertEquals(1, far.receive(1).size());
    near.close();
    far.close();
    near.device.close();
    assertEquals(new DeviceCounters(0, 0, 0, 1, 0), near.device.counters());
    assertEquals(new DeviceCounters(1, 0, 0, 0, 0), far.device.counters());
    assertEquals(LinkState.GONE, far.device.link());
    assertEquals("packet:far", far.device.name());
  }

  @Test
  void stoppedDeviceSeesNothingAndStartsAgain() throws Exception {
    near.send(Frames.plain(60, 1));
    far.device.stop();
    near.send(Frames.plain(60, 2));
    assertArrayEquals(Frames.plain(60, 1), far.receive(1).getFirst());
    assertEquals(0, far.drain(20).size());
    far.device.start();
    near.send(Frames.plain(60, 3));
    assertArrayEquals(Frames.plain(60, 3), far.receive(1).getFirst());
    assertEquals(new DeviceCounters(2, 0, 0, 0, 0), far.device.counters());
  }
}
