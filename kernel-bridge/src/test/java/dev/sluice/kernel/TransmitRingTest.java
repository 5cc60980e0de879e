package dev.sluice.kernel;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// A ring in ordinary memory, whose other side is played by the test.
class TransmitRingTest {
  private static final int SLOT_BYTES = 2048;
  private static final int SLOTS = 4;
  private static final int STATUS = 0;
  private static final int LEN = 4;

  private final Arena arena = Arena.ofConfined();
  private final MemorySegment memory = arena.allocate(SLOTS * SLOT_BYTES, 4096);
  private final TransmitRing ring = new TransmitRing(memory, SLOT_BYTES, SLOTS);

  @AfterEach
  void close() {
    arena.close();
  }

  private boolean put(byte[] frame) {
    return ring.put(MemorySegment.ofArray(frame), frame.length);
  }

  private int get(int slot, int at) {
    return memory.get(JAVA_INT, slot * SLOT_BYTES + at);
  }

  private void status(int slot, int status) {
    memory.set(JAVA_INT, slot * SLOT_BYTES + STATUS, status);
  }

  @Test
  void frameLiesBehindHeadAndVirtioHeader() {
    byte[] frame = Frames.plain(1514, 1);
    assertTrue(put(frame));
    assertEquals(IfPacket.TP_STATUS_SEND_REQUEST, get(0, STATUS));
    assertEquals(1524, get(0, LEN));
    assertArrayEquals(frame, memory.asSlice(42, 1514).toArray(JAVA_BYTE));
    assertArrayEquals(new byte[10], memory.asSlice(32, 10).toArray(JAVA_BYTE));
    assertEquals(2006, TransmitRing.frameBytes(SLOT_BYTES));
  }

  @Test
  void fullRingRefusesUntilTheKernelIsDone() {
    for (int i = 0; i < SLOTS; i++) {
      assertTrue(put(new byte[60]));
    }
    assertFalse(put(new byte[60]));
    status(0, IfPacket.TP_STATUS_SENDING);
    ring.settle();
    assertEquals(SLOTS - 1, ring.pending());
    assertFalse(put(new byte[60]));
    status(0, 1 << 29 | IfPacket.TP_STATUS_AVAILABLE); // TP_STATUS_TS_SOFTWARE beside it
    ring.settle();
    assertTrue(put(new byte[60]));
    assertEquals(1, ring.sent());
  }

  @Test
  void slotThatIsDoneEarlyWaitsForItsElders() {
    put(new byte[60]);
    put(new byte[60]);
    status(0, IfPacket.TP_STATUS_SENDING);
    status(1, IfPacket.TP_STATUS_AVAILABLE);
    ring.settle();
    assertEquals(2, ring.sent());
    put(new byte[60]);
    put(new byte[60]);
    assertFalse(put(new byte[60]));
    status(0, IfPacket.TP_STATUS_AVAILABLE);
    ring.settle();
    assertTrue(put(new byte[60]));
    assertTrue(put(new byte[60]));
    assertFalse(put(new byte[60]));
  }

  @Test
  void skippedFrameCountsAsFailedOnceTheKernelHasSteppedOverIt() {
    put(new byte[61]);
    put(new byte[62]);
    assertEquals(61, ring.nextLength());
    ring.skip();
    assertEquals(Integer.MAX_VALUE, get(0, LEN));
    assertEquals(0, ring.failed());
    status(0, IfPacket.TP_STATUS_AVAILABLE);
    status(1, IfPacket.TP_STATUS_AVAILABLE);
    ring.settle();
    assertEquals(1, ring.failed());
    assertEquals(1, ring.sent());
    assertEquals(0, ring.pending());
  }

  @Test
  void discardedFramesCountAsFailedAndTheKernelsPlaceIsKept() {
    put(new byte[60]);
    status(0, IfPacket.TP_STATUS_AVAILABLE);
    ring.settle();
    put(new byte[60]);
    put(new byte[60]);
    ring.skip();
    ring.discard();
    assertEquals(2, ring.failed());
    assertEquals(1, ring.sent());
    assertEquals(0, ring.pending());
    assertEquals(IfPacket.TP_STATUS_AVAILABLE, get(1, STATUS));
    put(Frames.plain(70, 1));
    assertEquals(IfPacket.TP_STATUS_SEND_REQUEST, get(1, STATUS));
    assertEquals(80, get(1, LEN));
    ring.refuse();
    assertEquals(3, ring.failed());
  }
}
