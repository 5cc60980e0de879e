package dev.sluice.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The receiving half, against a kernel that hands back anything.
class XdpReceiverTest {
  private static final int CHUNKS = 256;
  private static final int RING = 64;
  private static final int NO_DESCRIPTOR = -1;

  private final FramePool pool = FramePools.of(CHUNKS);
  private final KernelRing fill = new KernelRing(8, RING);
  private final KernelRing receive = new KernelRing(16, RING);
  private final ChunkStack free = new ChunkStack(CHUNKS);
  private final FrameBatch batch = new FrameBatch(RING);
  private final WallClock clock = new WallClock();
  private final XdpReceiver receiver = receiver();

  private XdpReceiver receiver() {
    XdpOptions options =
        new XdpOptions(XdpOptions.Mode.BEST, XdpOptions.Copy.BEST, RING, 32, true, 0, -1);
    XdpRings rings =
        new XdpRings(
            new XdpProducerRing(fill.ring),
            new XdpConsumerRing(receive.ring),
            new XdpProducerRing(new KernelRing(16, RING).ring),
            new XdpConsumerRing(new KernelRing(8, RING).ring));
    for (int chunk = 0; chunk < CHUNKS; chunk++) {
      free.push(chunk);
    }
    return new XdpReceiver(
        NO_DESCRIPTOR,
        rings,
        options,
        pool,
        true,
        new boolean[CHUNKS],
        FrameBatch.CHECKSUM_DOUBTFUL);
  }

  @AfterEach
  void close() {
    pool.close();
  }

  private int receive() {
    batch.clear();
    return receiver.receive(batch, free, clock);
  }

  /// The chunk that the kernel takes out of the fill ring next, as an address.
  private long take() {
    long address = fill.address(fill.consumer());
    fill.consumer(fill.consumer() + 1);
    return address;
  }

  @Test
  void kernelIsGivenAsManyChunksAsTheRingHolds() {
    assertEquals(RING, receiver.wanted());
    assertEquals(0, receive());
    assertEquals(RING, fill.producer());
    assertEquals(CHUNKS - RING, free.size());
    assertEquals(0, receiver.wanted());
    receive();
    assertEquals(RING, fill.producer());
  }

  @Test
  void kernelIsGivenNoMoreThanItsShare() {
    receiver.target(10);
    receive();
    assertEquals(10, fill.producer());
    receiver.target(20);
    assertEquals(0, receiver.wanted());
  }

  @Test
  void frameIsDeliveredWithItsChunkAndReplaced() {
    receive();
    long address = take();
    receive.produce(address + 256, 60, 0);
    assertEquals(1, receive());
    assertEquals(address / 2048, batch.chunk(0));
    assertEquals(60, batch.length(0));
    assertEquals(FrameBatch.CHECKSUM_DOUBTFUL, batch.flags(0));
    assertEquals(1, receiver.wanted());
    receive();
    assertEquals(RING + 1, fill.producer());
    assertEquals(1, receiver.received());
    assertEquals(0, receiver.bad());
  }

  @ParameterizedTest
  @ValueSource(
      longs = {
        256, // chunk 0, which was not given
        (CHUNKS - RING - 1) * 2048L + 256,
        CHUNKS * 2048L,
        CHUNKS * 2048L + 256,
        Long.MAX_VALUE,
        Long.MIN_VALUE,
        -1,
        -2048,
        1L << 32,
        (1L << 48) + 256, // the offset of unaligned mode
        0xffff_ffffL * 2048 + 256
      })
  void chunkThatTheKernelWasNotGivenIsIgnored(long address) {
    receive();
    receive.produce(address, 60, 0);
    assertEquals(0, receive());
    assertEquals(1, receiver.bad());
    assertEquals(CHUNKS - RING, free.size());
  }

  @Test
  void chunkComesBackOnce() {
    receive();
    long address = take();
    for (int i = 0; i < 3; i++) {
      receive.produce(address + 256, 60, 0);
    }
    assertEquals(1, receive());
    assertEquals(2, receiver.bad());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 13, 1793, 2048, 65536, Integer.MAX_VALUE, Integer.MIN_VALUE, -1})
  void lengthThatNoFrameHasGivesTheChunkBack(int length) {
    receive();
    receive.produce(take() + 256, length, 0);
    assertEquals(0, receive());
    assertEquals(1, receiver.bad() + receiver.tooLong());
    assertEquals(CHUNKS - RING + 1, free.size());
    assertEquals(1, receiver.wanted());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 128, 255, 257, 512, 1988})
  void frameThatLiesElsewhereInItsChunkIsMoved(int offset) {
    receive();
    long address = take();
    byte[] frame = Frames.plain(60, offset);
    MemorySegment.copy(
        frame, 0, pool.area(), ValueLayout.JAVA_BYTE, address + offset, frame.length);
    receive.produce(address + offset, 60, 0);
    assertEquals(1, receive());
    assertArrayEquals(
        frame, pool.frame(batch.chunk(0)).asSlice(0, 60).toArray(ValueLayout.JAVA_BYTE));
  }

  @ParameterizedTest
  @ValueSource(ints = {1989, 2000, 2047})
  void frameThatReachesIntoTheNextChunkIsIgnored(int offset) {
    receive();
    receive.produce(take() + offset, 60, 0);
    assertEquals(0, receive());
    assertEquals(1, receiver.bad());
    assertEquals(CHUNKS - RING + 1, free.size());
  }

  @Test
  void frameInSeveralPiecesIsCountedOnceAndAllItsChunksComeBack() {
    receive();
    receive.produce(take() + 256, 1700, IfXdp.XDP_PKT_CONTD);
    receive.produce(take() + 256, 1700, IfXdp.XDP_PKT_CONTD);
    receive.produce(take() + 256, 100, 0);
    receive.produce(take() + 256, 61, 0);
    assertEquals(1, receive());
    assertEquals(61, batch.length(0));
    assertEquals(1, receiver.tooLong());
    assertEquals(CHUNKS - RING + 3, free.size());
  }

  @Test
  void batchThatIsFullLeavesTheRestInTheRing() {
    receive();
    for (int i = 0; i < 5; i++) {
      receive.produce(take() + 256, 60 + i, 0);
    }
    batch.clear(2);
    assertEquals(2, receiver.receive(batch, free, clock));
    assertEquals(2, receive.consumer());
    batch.clear(RING);
    assertEquals(3, receiver.receive(batch, free, clock));
    assertEquals(62, batch.length(0));
  }

  @Test
  void kernelThatClaimsToHaveTakenMoreThanItWasGivenGetsNothing() {
    fill.consumer(1);
    receive();
    assertEquals(0, fill.producer());
    assertEquals(CHUNKS, free.size());
    assertTrue(receiver.bad() > 0);
  }

  @Test
  void noChunkHasTwoOwnersWhateverTheKernelSays() {
    Random random = new Random(104);
    BitSet ours = new BitSet(CHUNKS);
    for (int turn = 0; turn < 20_000; turn++) {
      if (random.nextInt(50) == 0) {
        receive.producer(random.nextInt());
      } else {
        receive.producer(receive.consumer());
        for (int i = random.nextInt(4); i > 0; i--) {
          long address = ((long) random.nextInt(2 * CHUNKS) - 20) * 2048 + random.nextInt(2100);
          receive.produce(address, random.nextInt(2200) - 20, random.nextInt(20) == 0 ? 1 : 0);
        }
      }
      fill.consumer(random.nextInt(9) == 0 ? random.nextInt() : fill.producer());
      receive();
      checkOwners(ours);
    }
    assertTrue(receiver.bad() > 1000 && receiver.received() > 1000, receiver.received() + " came");
  }

  /// What is free and what was just delivered is ours, and nothing twice; it is freed again.
  private void checkOwners(BitSet ours) {
    ours.clear();
    for (int i = 0; i < batch.count(); i++) {
      assertTrue(14 <= batch.length(i) && batch.length(i) <= FramePool.FRAME_BYTES);
      free.push(batch.chunk(i));
    }
    int count = free.size();
    for (int i = 0; i < count; i++) {
      ours.set(free.pop());
    }
    assertEquals(count, ours.cardinality());
    ours.stream().forEach(free::push);
  }
}
