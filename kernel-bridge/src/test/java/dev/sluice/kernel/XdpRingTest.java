package dev.sluice.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Our side of a ring, against a kernel that says anything.
class XdpRingTest {
  private static final int SIZE = 8;

  private final KernelRing kernel = new KernelRing(16, SIZE);

  @ParameterizedTest
  @ValueSource(ints = {9, 100, Integer.MAX_VALUE, Integer.MIN_VALUE, -1, -8, -9, 1 << 30})
  void producersIndexThatCannotBeMakesNothingAvailable(int lie) {
    XdpConsumerRing ring = new XdpConsumerRing(kernel.ring);
    kernel.producer(lie);
    assertEquals(0, ring.available());
    assertEquals(1, ring.implausible());
    kernel.producer(SIZE);
    assertEquals(SIZE, ring.available());
    assertEquals(1, ring.implausible());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4, 100, Integer.MAX_VALUE, Integer.MIN_VALUE, -9, -100})
  void consumersIndexThatCannotBeLeavesNoRoom(int lie) {
    XdpProducerRing ring = new XdpProducerRing(kernel.ring);
    ring.put(0, 60);
    ring.publish();
    kernel.consumer(1 + lie);
    assertEquals(SIZE, ring.pending());
    assertEquals(1, ring.implausible());
    kernel.consumer(1);
    assertEquals(0, ring.pending());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 5, Integer.MAX_VALUE - 3, -4})
  void indicesWrapAroundOnBothSides(int start) {
    kernel.producer(start);
    kernel.consumer(start);
    XdpConsumerRing in = new XdpConsumerRing(kernel.ring);
    for (int i = 0; i < 5 * SIZE; i++) {
      kernel.produce(1000 + i, i, 0);
      assertEquals(1, in.available());
      assertEquals(1000 + i, in.address(0));
      assertEquals(i, in.lengthAndOptions(0));
      in.release(1);
      assertEquals(start + i + 1, kernel.consumer());
    }
    assertEquals(0, in.implausible());
  }

  @Test
  void kernelThatTurnsOurIndexBackIsNotFollowed() {
    XdpConsumerRing in = new XdpConsumerRing(kernel.ring);
    for (int i = 0; i < 4; i++) {
      kernel.produce(i, 60, 0);
    }
    in.release(4);
    kernel.consumer(0);
    assertEquals(0, in.available());
    kernel.produce(77, 60, 0);
    assertEquals(77, in.address(0));
    XdpProducerRing out = new XdpProducerRing(new KernelRing(16, SIZE).ring);
    out.put(5, 60);
    out.publish();
    assertEquals(1, out.position());
    assertEquals(1, out.pending());
  }

  @Test
  void lengthIsANumberWithoutSign() {
    XdpConsumerRing in = new XdpConsumerRing(kernel.ring);
    kernel.produce(0, -1, IfXdp.XDP_PKT_CONTD);
    assertEquals(0xffff_ffffL, in.lengthAndOptions(0) & 0xffff_ffffL);
    assertEquals(IfXdp.XDP_PKT_CONTD, (int) (in.lengthAndOptions(0) >>> Integer.SIZE));
  }

  @Test
  void nothingIsSeenBeforeItIsPublished() {
    XdpProducerRing out = new XdpProducerRing(kernel.ring);
    out.put(4096, 60);
    assertEquals(0, kernel.producer());
    out.publish();
    assertEquals(1, kernel.producer());
    assertEquals(4096, kernel.address(0));
    assertEquals(60, kernel.length(0));
  }

  @Test
  void spoiledDescriptorsHaveALengthThatNoFrameHas() {
    XdpProducerRing out = new XdpProducerRing(kernel.ring);
    for (int i = 0; i < 3; i++) {
      out.put(i, 60);
    }
    out.spoil(2);
    assertEquals(60, kernel.length(0));
    assertEquals(-1, kernel.length(1));
    assertEquals(-1, kernel.length(2));
  }

  @Test
  void flagSaysWhetherTheKernelWaits() {
    XdpProducerRing out = new XdpProducerRing(kernel.ring);
    assertFalse(out.needsWakeup());
    kernel.flags(IfXdp.XDP_RING_NEED_WAKEUP);
    assertTrue(out.needsWakeup());
    kernel.flags(~IfXdp.XDP_RING_NEED_WAKEUP);
    assertFalse(out.needsWakeup());
  }

  @Test
  void ringThatDoesNotLieWithinItsMappingIsRefused() {
    MemorySegment memory = Arena.ofAuto().allocate(192 + 16 * SIZE, 64);
    long[][] layouts = {
      {0, 64, 193, 128},
      {0, 64, -1, 128},
      {0, 64, Long.MAX_VALUE, 128},
      {320, 64, 192, 128},
      {0, 318, 192, 128},
      {0, 64, 192, -4},
      {-8, 64, 192, 128},
    };
    for (long[] at : layouts) {
      MemorySegment offsets = KernelRing.offsets(at[0], at[1], at[2], at[3]);
      assertThrows(IndexOutOfBoundsException.class, () -> new XdpRing(memory, offsets, 16, SIZE));
    }
  }
}
