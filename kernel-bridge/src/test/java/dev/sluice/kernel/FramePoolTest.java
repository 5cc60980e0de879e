package dev.sluice.kernel;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class FramePoolTest {
  @Test
  void framesLieBehindTheirHeadroomOneChunkApart() {
    try (FramePool pool = FramePools.of(1000)) {
      assertEquals(1000, pool.chunks());
      assertEquals(0, pool.address() % 4096);
      assertTrue(pool.mappedBytes() >= 1000 * 2048);
      for (int chunk = 0; chunk < 1000; chunk++) {
        MemorySegment frame = pool.frame(chunk);
        assertEquals(pool.address() + chunk * 2048L + 256, frame.address());
        assertEquals(1792, frame.byteSize());
      }
    }
  }

  @Test
  void frameHasZeroesAndKeepsWhatIsWritten() {
    try (FramePool pool = FramePools.of(64)) {
      for (int chunk = 0; chunk < 64; chunk++) {
        assertEquals(-1, pool.frame(chunk).mismatch(MemorySegment.ofArray(new byte[1792])));
        pool.frame(chunk).fill((byte) chunk);
      }
      for (int chunk = 0; chunk < 64; chunk++) {
        assertEquals(chunk, pool.frame(chunk).get(JAVA_BYTE, 0));
        assertEquals(chunk, pool.frame(chunk).get(JAVA_BYTE, 1791));
      }
    }
  }

  @Test
  void byteBeyondTheFrameIsRefused() {
    try (FramePool pool = FramePools.of(64)) {
      MemorySegment frame = pool.frame(0);
      assertThrows(IndexOutOfBoundsException.class, () -> frame.set(JAVA_BYTE, 1792, (byte) 1));
      assertThrows(IndexOutOfBoundsException.class, () -> frame.set(JAVA_BYTE, -1, (byte) 1));
      assertThrows(IndexOutOfBoundsException.class, () -> pool.frame(64));
      assertThrows(IndexOutOfBoundsException.class, () -> pool.frame(-1));
    }
  }

  @Test
  void frameOfAClosedPoolIsRefused() {
    FramePool pool = FramePools.of(64);
    MemorySegment frame = pool.frame(0);
    pool.close();
    pool.close();
    assertThrows(IllegalStateException.class, () -> frame.get(JAVA_BYTE, 0));
  }

  @Test
  void sizeOutOfRangeIsRefused() {
    for (int chunks : new int[] {Integer.MIN_VALUE, -1, 0, 63, 4194305, Integer.MAX_VALUE}) {
      KernelException e = assertThrows(KernelException.class, () -> FramePool.create(chunks));
      assertEquals("A frame pool has 64..4194304 chunks, not " + chunks + ".", e.getMessage());
    }
  }
}
