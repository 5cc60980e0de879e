package dev.sluice.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// AF_XDP devices at both ends of a wire, on one pool.
@Privileged
class XdpDeviceTest {
  private static final int CHUNKS = 8192;
  private static final int RING = 2048;
  private static final XdpOptions SHALLOW =
      new XdpOptions(XdpOptions.Mode.BEST, XdpOptions.Copy.BEST, RING, 256, true, 0, -1);

  private final LabNetwork network = new LabNetwork(false);
  private final FramePool pool = FramePools.of(2 * CHUNKS);
  private Port near = near();
  private Port far = open("far", CHUNKS);

  private Port near() {
    network.wire("near", "far");
    return open("near", 0);
  }

  private Port open(String name, int firstChunk) {
    try {
      XdpDevice device = network.call(() -> XdpDevice.open(name, SHALLOW, pool));
      return new Port(device, pool, firstChunk, CHUNKS);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /// The kernel has no chunk to receive into before the first call of `receive`.
  @BeforeEach
  void start() throws Exception {
    near.drain(1);
    far.drain(1);
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
      assertTrue(near.send(Frames.plain(length, length)));
      assertTrue(far.send(Frames.plain(length, -length)));
      if (length % 50 == 0 || length == 1514) {
        compare(length);
      }
    }
  }

  private void compare(int until) throws InterruptedException {
    int from = until == 1514 ? 1501 : Math.max(60, until - 49);
    List<byte[]> there = far.receive(until - from + 1);
    List<byte[]> back = near.receive(until - from + 1);
    for (int length = from; length <= until; length++) {
      assertArrayEquals(Frames.plain(length, length), there.get(length - from));
      assertArrayEquals(Frames.plain(length, -length), back.get(length - from));
    }
  }

  @Test
  void tagsInsideFramesArriveIntact() throws InterruptedException {
    byte[] plain = Frames.plain(200, 1);
    List<byte[]> frames =
        List.of(
            Frames.tagged(0x8100, 0x2005, plain),
            Frames.tagged(0x88a8, 7, Frames.tagged(0x8100, 0xe123, plain)),
            Frames.tagged(0x8100, 1, Frames.plain(1514, 2)));
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
  void frameLeavesByAnotherPortInTheChunkItArrivedIn() throws InterruptedException {
    near.send(Frames.plain(200, 1));
    FrameBatch batch = receiveOne(far);
    int chunk = batch.chunk(0);
    assertEquals(FrameBatch.CHECKSUM_DOUBTFUL, batch.flags(0));
    assertEquals(1, far.device.send(batch, 0));
    far.device.flush();
    assertArrayEquals(Frames.plain(200, 1), near.receive(1).getFirst());
    ChunkStack done = new ChunkStack(pool.chunks());
    for (int i = 0; i < 1000 && done.size() == 0; i++) {
      far.device.completed(done);
      Thread.sleep(1);
    }
    assertEquals(1, done.size());
    assertEquals(chunk, done.pop());
  }

  private static FrameBatch receiveOne(Port port) throws InterruptedException {
    FrameBatch batch = new FrameBatch(1);
    for (int i = 0; i < 1000 && batch.count() == 0; i++) {
      port.device.receive(batch, port.free);
      Thread.sleep(1);
    }
    assertEquals(1, batch.count());
    long age = System.currentTimeMillis() * 1_000_000 - batch.arrivalNanos(0);
    assertTrue(Math.abs(age) < 5_000_000_000L, "the frame is " + age + " ns old");
    return batch;
  }

  @Test
  void tooLongFrameIsCountedAndTheNextOneLeaves() throws InterruptedException {
    near.send(Frames.plain(1515, 1));
    near.send(new byte[13]);
    near.send(Frames.plain(60, 2));
    assertArrayEquals(Frames.plain(60, 2), far.receive(1).getFirst());
    assertEquals(2, near.device.counters().sendFailed());
    assertEquals(1, near.device.counters().sent());
  }

  @Test
  void ownFramesDoNotComeBack() throws InterruptedException {
    near.send(Frames.plain(60, 1));
    assertTrue(near.drain(20).isEmpty());
  }

  @Test
  void linkThatWasDownCarriesFramesAgain() throws InterruptedException {
    for (String end : new String[] {"far", "near"}) {
      network.ip("link", "set", end, "down");
      Thread.sleep(100);
      assertEquals(LinkState.NO_CARRIER, near.device.link());
      assertFalse(near.send(Frames.plain(60, 1)));
      network.ip("link", "set", end, "up");
      Thread.sleep(100);
      assertEquals(LinkState.UP, near.device.link());
      assertTrue(near.send(Frames.plain(60, 2)));
      assertTrue(far.send(Frames.plain(60, 3)));
      assertArrayEquals(Frames.plain(60, 2), far.receive(1).getFirst());
      assertArrayEquals(Frames.plain(60, 3), near.receive(1).getFirst());
    }
  }

  @Test
  void framesThatWaitedWhileTheInterfaceWasDownAreNotSentLater() throws InterruptedException {
    FrameBatch batch = new FrameBatch(8);
    for (int i = 0; i < 8; i++) {
      batch.add(near.free.pop(), 60, 0, 0);
    }
    int free = near.free.size();
    assertEquals(8, near.device.send(batch, 0));
    network.ip("link", "set", "near", "down");
    near.device.flush();
    assertEquals(8, near.device.counters().sendFailed());
    network.ip("link", "set", "near", "up");
    assertEquals(0, far.drain(100).size());
    assertTrue(near.send(Frames.plain(60, 1)));
    assertArrayEquals(Frames.plain(60, 1), far.receive(1).getFirst());
    assertEquals(1, near.device.counters().sent());
    assertEquals(8, near.device.statistics().get("tx_invalid_descs"));
    assertEquals(0, near.device.statistics().get("bad_descriptors"));
    for (int i = 0; i < 100 && near.free.size() < free + 8; i++) {
      near.device.completed(near.free);
      Thread.sleep(1);
    }
    assertEquals(free + 8, near.free.size());
    assertEquals(0, near.device.statistics().get("bad_descriptors"));
  }

  @Test
  void interfaceThatVanishesIsGone() throws InterruptedException {
    near.send(Frames.plain(60, 1));
    network.ip("link", "del", "near");
    near.send(Frames.plain(60, 2));
    Thread.sleep(100);
    assertEquals(LinkState.GONE, near.device.link());
    assertEquals(LinkState.GONE, far.device.link());
    assertFalse(near.send(Frames.plain(60, 3)));
    far.drain(10);
    assertEquals(0, near.drain(10).size());
    near.device.stop();
    network.wire("near", "far");
    near.close();
    near = open("near", 0);
    far.close();
    far = open("far", CHUNKS);
    assertDoesNotThrow(this::start);
    near.send(Frames.plain(60, 4));
    assertArrayEquals(Frames.plain(60, 4), far.receive(1).getFirst());
  }

  @Test
  void portOpenedAfterTheFirstOneIsClosedSharesThePoolWithTheOthers() throws Exception {
    near.close();
    near = open("near", 0);
    start();
    far.close();
    far = open("far", CHUNKS);
    start();
    near.send(Frames.plain(60, 1));
    assertArrayEquals(Frames.plain(60, 1), far.receive(1).getFirst());
    assertEquals(2, pool.umem().sockets());
  }

  @Test
  void framesThatNobodyFetchesAreCounted() throws Exception {
    byte[] frame = Frames.plain(60, 1);
    int sent = 5000;
    for (int i = 0; i < sent; i++) {
      for (int tries = 0; !near.send(frame); tries++) {
        assertTrue(tries < 5000, "no room in the transmit ring for five seconds");
        Thread.sleep(1);
      }
    }
    Thread.sleep(20);
    long kept = far.drain(100).size();
    DeviceCounters counters = far.device.counters();
    assertEquals(RING, kept);
    assertEquals(kept, counters.received());
    assertEquals(sent, kept + counters.kernelDropped(), far.device.statistics().toString());
  }

  private Exchange exchange() {
    while (near.free.size() > 0) {
      far.free.push(near.free.pop());
    }
    return new Exchange(near.device, far.device, pool, far.free);
  }

  @Test
  void hundredThousandFramesAllocateNothing() {
    Exchange exchange = exchange();
    assertEquals(0, exchange.leastAllocatedBytes(100_000));
    assertEquals(0, far.device.counters().kernelDropped());
  }

  @Test
  void hundredThousandFramesOfEveryLengthArriveInOrder() {
    Exchange exchange = exchange();
    exchange.runEveryLength(100_000);
    assertEquals(0, far.device.counters().kernelDropped());
    assertEquals(100_000, near.device.counters().sent());
    assertEquals(0, far.device.statistics().get("bad_descriptors"));
  }

  @Test
  void oneFrameInFlightNeverStalls() throws Exception {
    FrameBatch batch = new FrameBatch(1);
    batch.add(near.free.pop(), 60, 0, 0);
    try (Poller atNear = new Poller(List.of(near.device));
        Poller atFar = new Poller(List.of(far.device))) {
      for (int i = 0; i < 10_000; i++) {
        pass(batch, near, far, atFar);
        pass(batch, far, near, atNear);
      }
    }
    assertEquals(10_000, near.device.counters().received());
  }

  /// Sends the one frame and waits in poll(2) until it has arrived.
  private static void pass(FrameBatch batch, Port from, Port to, Poller poller) {
    assertEquals(1, from.device.send(batch, 0));
    from.device.flush();
    batch.clear();
    long until = System.nanoTime() + 1_000_000_000L;
    while (to.device.receive(batch, to.free) == 0) {
      poller.await(1_000_000);
      from.device.completed(from.free);
      assertTrue(System.nanoTime() < until, "a frame has been under way for a second");
    }
    from.device.completed(from.free);
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

  @Test
  void countersOutliveTheDevice() throws InterruptedException {
    near.send(Frames.plain(60, 1));
    assertEquals(1, far.receive(1).size());
    near.close();
    far.close();
    near.device.close();
    assertEquals(new DeviceCounters(0, 0, 0, 1, 0), near.device.counters());
    assertEquals(new DeviceCounters(1, 0, 0, 0, 0), far.device.counters());
    assertEquals(0, far.device.statistics().get("rx_ring_full"));
    assertEquals(LinkState.GONE, far.device.link());
    assertEquals("xdp:far", far.device.name());
    assertEquals(0, pool.umem().sockets());
  }
}
