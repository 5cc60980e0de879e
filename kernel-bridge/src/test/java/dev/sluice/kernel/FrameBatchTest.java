package dev.sluice.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

final class FrameBatchTest {
  private static final int MOST_CHUNK = (1 << 22) - 1;

  private final FrameBatch batch = new FrameBatch(3);

  @Test
  void whatIsPutInComesOut() {
    batch.add(MOST_CHUNK, FramePool.FRAME_BYTES, FrameBatch.CHECKSUM_DOUBTFUL, Long.MAX_VALUE);
    batch.add(0, 0, 0, -1);
    assertFrame(0, MOST_CHUNK, FramePool.FRAME_BYTES, FrameBatch.CHECKSUM_DOUBTFUL, Long.MAX_VALUE);
    assertFrame(1, 0, 0, 0, -1);
  }

  @Test
  void noFieldTouchesItsNeighbour() {
    batch.add(Integer.MAX_VALUE, 0xff_ffff, 0xff, 1);
    assertFrame(0, Integer.MAX_VALUE, 0xff_ffff, 0xff, 1);
  }

  @Test
  void theRestMovesUpWhenTheFirstAreTakenOut() {
    batch.add(1, 60, 0, 10);
    batch.add(2, 61, 1, 20);
    batch.add(3, 62, 2, 30);
    batch.removeFirst(2);
    assertEquals(1, batch.count());
    assertFrame(0, 3, 62, 2, 30);
    assertEquals(2, batch.room());
  }

  @Test
  void thereIsRoomForNoMoreThanIsAllowed() {
    batch.clear(2);
    assertEquals(2, batch.room());
    batch.clear(1000);
    assertEquals(3, batch.room());
    batch.add(1, 1, 1, 1);
    batch.add(1, 1, 1, 1);
    batch.add(1, 1, 1, 1);
    assertThrows(ArrayIndexOutOfBoundsException.class, () -> batch.add(1, 1, 1, 1));
  }

  private void assertFrame(int at, int chunk, int length, int flags, long arrival) {
    assertEquals(chunk, batch.chunk(at));
    assertEquals(length, batch.length(at));
    assertEquals(flags, batch.flags(at));
    assertEquals(arrival, batch.arrivalNanos(at));
  }
}
