package dev.sluice.kernel;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A sender whose interface goes down and up again under load, while another thread's poll(2) has
/// the kernel transmit, too.
@Privileged
class XdpFlapTest {
  private static final int CHUNKS = 1024;
  private static final int BATCH = 32;
  private static final int FLAPS = 25;
  private static final int MARK_AT = 20;
  private static final int SENT = 0x5e0d;
  private static final int TAKEN_BACK = 0xdead;

  private final LabNetwork network = new LabNetwork(false);
  private final FramePool pool = FramePools.of(CHUNKS);
  private final FramePool farPool = FramePools.of(CHUNKS);
  private final ChunkStack free = new ChunkStack(CHUNKS);
  private final Random random = new Random(104);
  private final Port near = open("near", pool);
  private final Port far = open("far", farPool);
  private volatile boolean over;
  private long accepted;

  private Port open(String name, FramePool of) {
    if (of == pool) {
      network.wire("near", "far");
    }
    XdpOptions options =
        new XdpOptions(XdpOptions.Mode.BEST, XdpOptions.Copy.COPY, 256, 64, true, 0, -1);
    try {
      return new Port(
          network.call(() -> XdpDevice.open(name, options, of)), of, 0, of == pool ? 0 : CHUNKS);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @BeforeEach
  void start() throws Exception {
    far.drain(1); // gives the kernel chunks; the other end is given none, and only sends
    far.device.start();
    for (int chunk = 0; chunk < CHUNKS; chunk++) {
      free.push(chunk);
    }
  }

  @AfterEach
  void close() {
    near.close();
    far.close();
    network.close();
    pool.close();
    farPool.close();
  }

  @Test
  void noChunkIsLostOrComesBackTooEarly() throws Exception {
    Thread polling = Thread.ofPlatform().start(this::poll);
    Thread flapping = Thread.ofPlatform().start(this::flap);
    try {
      while (!over) {
        send();
        look();
      }
    } finally {
      over = true;
      flapping.join();
      polling.join();
    }
    awaitChunks();
    DeviceCounters counters = near.device.counters();
    assertTrue(counters.sendFailed() > 0, "no frame met an interface that was down");
    assertTrue(far.device.counters().received() > 0);
    assertEquals(accepted, counters.sent() + counters.sendFailed());
    assertEquals(0, near.device.statistics().get("bad_descriptors"));
  }

  private void send() {
    FrameBatch batch = near.batch;
    batch.clear(BATCH);
    while (batch.room() > 0 && free.size() > 0) {
      batch.add(free.pop(), 60, 0, 0);
      mark(batch.chunk(batch.count() - 1), SENT);
    }
    int taken = near.device.send(batch, 0);
    accepted += taken;
    near.device.flush();
    int back = near.device.completed(near.free);
    for (int i = 0; i < back; i++) {
      giveBack(near.free.pop());
    }
    for (int i = taken; i < batch.count(); i++) {
      giveBack(batch.chunk(i));
    }
  }

  private void giveBack(int chunk) {
    mark(chunk, TAKEN_BACK);
    free.push(chunk);
  }

  private void mark(int chunk, int mark) {
    pool.frame(chunk).set(JAVA_INT_UNALIGNED, MARK_AT, mark);
  }

  private void look() {
    far.batch.clear();
    int count = far.device.receive(far.batch, far.free);
    for (int i = 0; i < count; i++) {
      int chunk = far.batch.chunk(i);
      int mark = farPool.frame(chunk).get(JAVA_INT_UNALIGNED, MARK_AT);
      assertEquals(SENT, mark, "a frame left after its chunk had come back");
      far.free.push(chunk);
    }
  }

  private void awaitChunks() throws InterruptedException {
    for (int i = 0; i < 2000 && free.size() < CHUNKS; i++) {
      Thread.sleep(1);
      int back = near.device.completed(near.free);
      for (int each = 0; each < back; each++) {
        giveBack(near.free.pop());
      }
    }
    BitSet distinct = new BitSet(CHUNKS);
    while (free.size() > 0) {
      distinct.set(free.pop());
    }
    assertEquals(CHUNKS, distinct.cardinality());
  }

  private void poll() {
    try (Poller poller = new Poller(List.of(near.device))) {
      while (!over) {
        poller.await(10_000);
      }
    } catch (KernelException e) {
      throw new IllegalStateException(e);
    }
  }

  private void flap() {
    for (int i = 0; i < FLAPS && !over; i++) {
      for (String state : new String[] {"down", "up"}) {
        network.ip("link", "set", "near", state);
        LockSupport.parkNanos(random.nextLong(70_000_000));
      }
    }
    over = true;
  }
}
