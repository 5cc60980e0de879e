package dev.sluice.kernel;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MemoryDeviceTest {
  private static final int CHUNKS = 2048;

  private final FramePool pool = FramePools.of(CHUNKS);
  private final MemoryWire wire = MemoryDevice.wire("a");
  private Port port = open();

  private Port open() {
    try {
      return new Port(MemoryDevice.open("a", pool), pool, 0, CHUNKS);
    } catch (KernelException e) {
      throw new IllegalStateException(e);
    }
  }

  @BeforeEach
  void start() throws KernelException {
    port.device.start();
  }

  @AfterEach
  void close() {
    port.close();
    pool.close();
  }

  private boolean offer(byte[] frame) {
    return wire.offer(MemorySegment.ofArray(frame), frame.length);
  }

  @Test
  void everyLengthPassesBothWays() throws InterruptedException {
    byte[] back = new byte[FramePool.FRAME_BYTES];
    for (int length = 1; length <= FramePool.FRAME_BYTES; length++) {
      byte[] frame = new byte[length];
      frame[length - 1] = (byte) length;
      assertTrue(offer(frame));
      assertArrayEquals(frame, port.receive(1).getFirst());
      assertTrue(port.send(frame));
      assertEquals(length, wire.poll(MemorySegment.ofArray(back)));
      assertEquals((byte) length, back[length - 1]);
    }
    assertEquals(0, wire.poll(MemorySegment.ofArray(back)));
    assertEquals(
        new DeviceCounters(FramePool.FRAME_BYTES, 0, 0, FramePool.FRAME_BYTES, 0),
        port.device.counters());
    assertEquals(CHUNKS, port.free.size());
  }

  @Test
  void impossibleLengthIsRefused() {
    MemorySegment memory = MemorySegment.ofArray(new byte[4096]);
    for (int length : new int[] {Integer.MIN_VALUE, -1, 0, FramePool.FRAME_BYTES + 1}) {
      assertThrows(IllegalArgumentException.class, () -> wire.offer(memory, length));
    }
  }

  @Test
  void fullRingRefusesAndLosesNothing() throws InterruptedException {
    for (int i = 0; i < MemoryWire.FRAMES; i++) {
      assertTrue(offer(new byte[] {(byte) i}));
    }
    assertFalse(offer(new byte[] {99}));
    assertFalse(wire.idle());
    assertEquals(MemoryWire.FRAMES, port.receive(MemoryWire.FRAMES).size());
    assertTrue(wire.idle());
    for (int i = 0; i < MemoryWire.FRAMES; i++) {
      assertTrue(port.send(new byte[] {(byte) i}));
    }
    assertFalse(port.send(new byte[] {99}));
  }

  @Test
  void batchStopsWhereFreeChunksEnd() {
    offer(new byte[] {1});
    offer(new byte[] {2});
    ChunkStack one = new ChunkStack(1);
    one.push(7);
    FrameBatch batch = new FrameBatch(4);
    assertEquals(1, port.device.receive(batch, one));
    assertEquals(7, batch.chunk(0));
    assertEquals(0, port.device.receive(batch, one));
    assertEquals(1, pool.frame(7).get(JAVA_BYTE, 0));
  }

  @Test
  void frameBeforeStartOrAfterStopIsRefused() throws KernelException {
    port.device.stop();
    assertFalse(offer(new byte[] {1}));
    port.device.start();
    assertTrue(offer(new byte[] {1}));
  }

  @Test
  void unpluggedWireCarriesNothing() {
    wire.link(LinkState.NO_CARRIER);
    assertFalse(offer(new byte[] {1}));
    assertFalse(port.send(new byte[] {1}));
    assertEquals(LinkState.NO_CARRIER, port.device.link());
    wire.link(LinkState.UP);
    assertTrue(offer(new byte[] {1}));
    assertTrue(port.send(new byte[] {1}));
  }

  @Test
  void secondDeviceOfTheNameIsRefused() {
    KernelException e = assertThrows(KernelException.class, () -> MemoryDevice.open("a", pool));
    assertEquals("memory:a is open already.", e.getMessage());
    assertThrows(KernelException.class, () -> MemoryDevice.open("", pool));
  }

  @Test
  void closedDeviceLeavesTheNameFree() {
    port.close();
    port.close();
    assertEquals(LinkState.GONE, wire.link());
    assertFalse(offer(new byte[] {1}));
    port = open();
    assertNotSame(wire, MemoryDevice.wire("a"));
  }

  @Test
  void framesAllocateNothing() {
    MemorySegment frame = pool.frame(0);
    FrameBatch batch = new FrameBatch(64);
    long least = Long.MAX_VALUE;
    for (int round = 0; round < 10 && least > 0; round++) {
      long before = Exchange.allocatedBytes();
      for (int i = 0; i < 100_000; i++) {
        wire.offer(frame, 60);
        batch.clear();
        port.device.receive(batch, port.free);
        port.device.send(batch, 0);
        port.device.flush();
        port.device.completed(port.free);
        wire.poll(frame);
      }
      least = Math.min(least, Exchange.allocatedBytes() - before);
    }
    assertEquals(0, least);
    assertEquals(CHUNKS, port.free.size());
  }
}
