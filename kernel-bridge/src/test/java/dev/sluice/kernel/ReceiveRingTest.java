package dev.sluice.kernel;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// A ring in ordinary memory, filled by hand as the kernel would, or as it never should.
class ReceiveRingTest {
  private static final int BLOCK_BYTES = 4096;
  private static final int BLOCKS = 2;
  private static final int FIRST = 48;
  private static final int MAC = 82; // as the kernel lays it out for Ethernet

  private static final int STATUS = 8;
  private static final int NUM_PKTS = 12;
  private static final int FIRST_PKT = 16;

  private final Arena arena = Arena.ofConfined();
  private final FramePool pool = FramePools.of(64);
  private final MemorySegment memory = arena.allocate(BLOCKS * BLOCK_BYTES, 4096);
  private final ReceiveRing ring = new ReceiveRing(memory, BLOCK_BYTES, BLOCKS, pool);
  private final FrameBatch batch = new FrameBatch(64);
  private final ChunkStack free = new ChunkStack(64);

  ReceiveRingTest() {
    for (int chunk = 0; chunk < 64; chunk++) {
      free.push(chunk);
    }
  }

  @AfterEach
  void close() {
    pool.close();
    arena.close();
  }

  private void block(int block, int frames, int first) {
    int at = block * BLOCK_BYTES;
    memory.set(JAVA_INT, at + NUM_PKTS, frames);
    memory.set(JAVA_INT, at + FIRST_PKT, first);
    memory.set(JAVA_INT, at + STATUS, IfPacket.TP_STATUS_USER);
  }

  /// Writes a frame at an offset of the whole ring.
  private void frame(int at, int next, int status, byte[] bytes) {
    head(at, next, status, bytes.length, bytes.length);
    memory.set(JAVA_SHORT_UNALIGNED, at + 24, (short) MAC);
    MemorySegment.copy(bytes, 0, memory, JAVA_BYTE, at + MAC, bytes.length);
  }

  private void head(int at, int next, int status, int captured, int length) {
    memory.set(JAVA_INT_UNALIGNED, at, next);
    memory.set(JAVA_INT_UNALIGNED, at + 4, 7);
    memory.set(JAVA_INT_UNALIGNED, at + 8, 9);
    memory.set(JAVA_INT_UNALIGNED, at + 12, captured);
    memory.set(JAVA_INT_UNALIGNED, at + 16, length);
    memory.set(JAVA_INT_UNALIGNED, at + 20, status);
  }

  private byte[] received(int at) {
    return pool.frame(batch.chunk(at)).asSlice(0, batch.length(at)).toArray(JAVA_BYTE);
  }

  /// The block is given back, and what it held is counted as not delivered.
  private void abandoned(int frames) {
    assertEquals(0, ring.receive(batch, free));
    assertEquals(64, free.size());
    assertEquals(frames, ring.tooLong());
    assertEquals(IfPacket.TP_STATUS_KERNEL, memory.get(JAVA_INT, STATUS));
    nextBlockIsStillRead();
  }

  private void nextBlockIsStillRead() {
    byte[] good = Frames.plain(60, 5);
    frame(BLOCK_BYTES + FIRST, 0, 0, good);
    block(1, 1, FIRST);
    batch.clear();
    assertEquals(1, ring.receive(batch, free));
    assertArrayEquals(good, received(0));
  }

  @Test
  void emptyRingHasNothing() {
    assertEquals(0, ring.receive(batch, free));
    assertEquals(64, free.size());
  }

  @Test
  void framesOfABlockArriveInOrderAndTheBlockGoesBack() {
    byte[] one = Frames.plain(60, 1);
    byte[] two = Frames.plain(1514, 2);
    frame(FIRST, 160, IfPacket.TP_STATUS_CSUMNOTREADY, one);
    frame(FIRST + 160, 0, 0, two);
    block(0, 2, FIRST);
    assertEquals(2, ring.receive(batch, free));
    assertArrayEquals(one, received(0));
    assertArrayEquals(two, received(1));
    assertEquals(FrameBatch.CHECKSUM_PARTIAL, batch.flags(0));
    assertEquals(0, batch.flags(1));
    assertEquals(7_000_000_009L, batch.arrivalNanos(0));
    assertEquals(IfPacket.TP_STATUS_KERNEL, memory.get(JAVA_INT, STATUS));
    assertEquals(2, ring.received());
  }

  @Test
  void blockStaysUntilItsLastFrameIsTaken() {
    frame(FIRST, 160, 0, Frames.plain(60, 1));
    frame(FIRST + 160, 0, 0, Frames.plain(60, 2));
    block(0, 2, FIRST);
    FrameBatch single = new FrameBatch(1);
    assertEquals(1, ring.receive(single, free));
    assertEquals(IfPacket.TP_STATUS_USER, memory.get(JAVA_INT, STATUS));
    assertEquals(0, ring.receive(batch, new ChunkStack(1)));
    assertEquals(1, ring.receive(batch, free));
    assertArrayEquals(Frames.plain(60, 2), received(0));
    assertEquals(IfPacket.TP_STATUS_KERNEL, memory.get(JAVA_INT, STATUS));
  }

  @Test
  void strippedTagIsPutBack() {
    byte[] plain = Frames.plain(60, 1);
    int valid = IfPacket.TP_STATUS_VLAN_VALID;
    frame(FIRST, 160, valid | IfPacket.TP_STATUS_VLAN_TPID_VALID, plain);
    memory.set(JAVA_INT, FIRST + 32, 0xe007);
    memory.set(JAVA_SHORT_UNALIGNED, FIRST + 36, (short) 0x88a8);
    frame(FIRST + 160, 0, valid, plain);
    memory.set(JAVA_INT, FIRST + 160 + 32, 5);
    block(0, 2, FIRST);
    assertEquals(2, ring.receive(batch, free));
    assertArrayEquals(Frames.tagged(0x88a8, 0xe007, plain), received(0));
    assertArrayEquals(Frames.tagged(0x8100, 5, plain), received(1));
  }

  @Test
  void frameThatAChunkCannotHoldIsCountedAndPassedOver() {
    int longest = FramePool.FRAME_BYTES;
    frame(FIRST, 1920, 0, Frames.plain(longest + 1, 1));
    frame(FIRST + 1920, 0, 0, Frames.plain(longest, 2));
    block(0, 2, FIRST);
    assertEquals(1, ring.receive(batch, free));
    assertArrayEquals(Frames.plain(longest, 2), received(0));
    assertEquals(1, ring.tooLong());
    frame(BLOCK_BYTES + FIRST, 0, IfPacket.TP_STATUS_VLAN_VALID, Frames.plain(longest - 3, 3));
    block(1, 1, FIRST);
    assertEquals(0, ring.receive(batch, free));
    assertEquals(2, ring.tooLong());
    assertEquals(63, free.size());
  }

  @Test
  void frameCutShortIsCountedAndPassedOver() {
    frame(FIRST, 160, 0, Frames.plain(60, 1));
    head(FIRST, 160, 0, 60, 61);
    frame(FIRST + 160, 160, IfPacket.TP_STATUS_COPY, Frames.plain(60, 1));
    frame(FIRST + 320, 160, 0, new byte[13]);
    frame(FIRST + 480, 0, 0, Frames.plain(60, 2));
    block(0, 4, FIRST);
    assertEquals(1, ring.receive(batch, free));
    assertArrayEquals(Frames.plain(60, 2), received(0));
    assertEquals(3, ring.tooLong());
  }

  @Test
  void firstFrameOutsideTheBlockAbandonsIt() {
    for (int first : new int[] {0, 47, BLOCK_BYTES - 47, BLOCK_BYTES, 1 << 30, -1, -48}) {
      ReceiveRingTest fresh = new ReceiveRingTest();
      fresh.frame(FIRST, 0, 0, Frames.plain(60, 1));
      fresh.block(0, 1, first);
      fresh.abandoned(1);
      fresh.close();
    }
  }

  @Test
  void impossibleNumberOfFramesAbandonsTheBlock() {
    int most = (BLOCK_BYTES - 48) / 48;
    int[][] table = {{0, 0}, {-1, 0}, {Integer.MIN_VALUE, 0}, {most + 1, most}, {1 << 30, most}};
    for (int[] row : table) {
      ReceiveRingTest fresh = new ReceiveRingTest();
      fresh.frame(FIRST, 0, 0, Frames.plain(60, 1));
      fresh.block(0, row[0], FIRST);
      fresh.abandoned(row[1]);
      fresh.close();
    }
  }

  @Test
  void lyingLengthAbandonsTheBlock() {
    int most = BLOCK_BYTES - FIRST - MAC;
    for (int captured : new int[] {most + 1, BLOCK_BYTES, 1 << 30, Integer.MIN_VALUE, -1}) {
      ReceiveRingTest fresh = new ReceiveRingTest();
      fresh.frame(FIRST, 160, 0, Frames.plain(60, 1));
      fresh.head(FIRST, 160, 0, captured, captured);
      fresh.block(0, 2, FIRST);
      fresh.abandoned(2);
      fresh.close();
    }
  }

  @Test
  void lyingFrameOffsetAbandonsTheBlock() {
    for (int mac : new int[] {0, 47, BLOCK_BYTES - FIRST - 59, 0x7fff, 0xffff}) {
      ReceiveRingTest fresh = new ReceiveRingTest();
      fresh.frame(FIRST, 0, 0, Frames.plain(60, 1));
      fresh.memory.set(JAVA_SHORT_UNALIGNED, FIRST + 24, (short) mac);
      fresh.block(0, 1, FIRST);
      fresh.abandoned(1);
      fresh.close();
    }
  }

  @Test
  void lyingNextOffsetAbandonsTheRest() {
    for (int next : new int[] {0, 47, BLOCK_BYTES - FIRST - 47, BLOCK_BYTES, 1 << 30, -1}) {
      ReceiveRingTest fresh = new ReceiveRingTest();
      fresh.frame(FIRST, next, 0, Frames.plain(60, 1));
      fresh.block(0, 3, FIRST);
      fresh.abandoned(3);
      fresh.close();
    }
  }

  @Test
  void nextOffsetOfTheLastFrameIsNotUsed() {
    frame(FIRST, -1, 0, Frames.plain(60, 1));
    block(0, 1, FIRST);
    assertEquals(1, ring.receive(batch, free));
    nextBlockIsStillRead();
  }

  @Test
  void noiseNeverReachesBeyondTheRing() {
    Random random = new Random(1);
    byte[] noise = new byte[BLOCKS * BLOCK_BYTES];
    for (int round = 0; round < 20_000; round++) {
      random.nextBytes(noise);
      MemorySegment.copy(noise, 0, memory, JAVA_BYTE, 0, noise.length);
      for (int block = 0; block < BLOCKS; block++) {
        block(block, random.nextInt(6), random.nextInt(200));
      }
      batch.clear();
      int count = ring.receive(batch, free);
      for (int i = 0; i < count; i++) {
        assertTrue(batch.length(i) <= FramePool.FRAME_BYTES);
        free.push(batch.chunk(i));
      }
      assertEquals(64, free.size());
    }
  }
}
