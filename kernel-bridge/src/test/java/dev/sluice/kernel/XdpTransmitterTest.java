package dev.sluice.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The sending half, against a kernel that hands back anything. Its system calls fail with EBADF.
class XdpTransmitterTest {
  private static final int CHUNKS = 256;
  private static final int RING = 64;
  private static final int NO_DESCRIPTOR = -1;

  private final FramePool pool = FramePools.of(CHUNKS);
  private final KernelRing transmit = new KernelRing(16, RING);
  private final KernelRing completion = new KernelRing(8, RING);
  private final ChunkStack free = new ChunkStack(CHUNKS);
  private final FrameBatch batch = new FrameBatch(2 * RING);
  private final ControlSocket control = control();
  private final LinkWatch link = new LinkWatch(control);
  private final XdpTransmitter transmitter = transmitter();

  /// The loopback of a namespace of its own may be down, but a watch begins with UP and asks again
  /// after 50 ms only.
  private static ControlSocket control() {
    try {
      return new ControlSocket("lo");
    } catch (KernelException e) {
      throw new IllegalStateException(e);
    }
  }

  private XdpTransmitter transmitter() {
    XdpOptions options =
        new XdpOptions(XdpOptions.Mode.BEST, XdpOptions.Copy.BEST, RING, 32, true, 0, -1);
    XdpRings rings =
        new XdpRings(
            new XdpProducerRing(new KernelRing(8, RING).ring),
            new XdpConsumerRing(new KernelRing(16, RING).ring),
            new XdpProducerRing(transmit.ring),
            new XdpConsumerRing(completion.ring));
    for (int chunk = 0; chunk < CHUNKS; chunk++) {
      free.push(chunk);
    }
    transmit.flags(IfXdp.XDP_RING_NEED_WAKEUP);
    return new XdpTransmitter(NO_DESCRIPTOR, rings, options, link, new FrameFit(1500), pool, null);
  }

  @AfterEach
  void close() {
    transmitter.close();
    link.close();
    control.close();
    pool.close();
  }

  private int send(int count, int length) {
    batch.clear();
    for (int i = 0; i < count; i++) {
      batch.add(free.pop(), length, 0, 0);
    }
    int accepted = transmitter.send(batch, 0);
    for (int i = accepted; i < count; i++) {
      free.push(batch.chunk(i));
    }
    transmitter.flush();
    return accepted;
  }

  /// Plays the kernel that transmits everything.
  private void transmitAll() {
    while (transmit.consumer() != transmit.producer()) {
      completion.produce(transmit.address(transmit.consumer()));
      transmit.consumer(transmit.consumer() + 1);
    }
  }

  @Test
  void chunksComeBackWhenTheyAreCompleted() {
    assertEquals(3, send(3, 60));
    assertEquals(0, transmitter.completed(free));
    assertEquals(0, transmitter.sent());
    transmitAll();
    assertEquals(3, transmitter.completed(free));
    assertEquals(3, transmitter.sent());
    assertEquals(CHUNKS, free.size());
    assertEquals(0, transmitter.bad());
  }

  @Test
  void ringThatIsFullAcceptsNoMore() {
    assertEquals(RING, send(RING + 10, 60));
    assertEquals(0, send(1, 60));
    transmit.consumer(RING);
    assertEquals(0, send(1, 60), "completions have not come: there may be no room for more");
    transmit.consumer(0);
    transmitAll();
    assertEquals(RING, transmitter.completed(free));
    assertEquals(RING, send(RING, 60));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 13, 1515, 1792, 1793, 5000, -1})
  void frameThatCannotLeaveIsCountedAndItsChunkComesBack(int length) {
    assertEquals(1, send(1, length));
    assertEquals(0, transmit.producer());
    assertEquals(1, transmitter.completed(free));
    assertEquals(1, transmitter.failed());
    assertEquals(CHUNKS, free.size());
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 256, CHUNKS * 2048L, -1, Long.MIN_VALUE, Long.MAX_VALUE, 1L << 48})
  void completionOfWhatWasNotSentIsIgnored(long address) {
    send(1, 60);
    completion.produce(address);
    assertEquals(0, transmitter.completed(free));
    assertEquals(1, transmitter.bad());
    assertEquals(CHUNKS - 1, free.size());
  }

  @Test
  void completionCountsOnce() {
    send(1, 60);
    long address = transmit.address(0);
    for (int i = 0; i < 3; i++) {
      completion.produce(address);
    }
    assertEquals(1, transmitter.completed(free));
    assertEquals(2, transmitter.bad());
    assertEquals(CHUNKS, free.size());
  }

  @ParameterizedTest
  @ValueSource(ints = {RING + 1, -100, Integer.MIN_VALUE, 1 << 30})
  void indicesThatCannotBeAreCountedAndNothingMoves(int lie) {
    send(2, 60);
    completion.producer(lie);
    transmit.consumer(lie == RING + 1 ? 3 : lie);
    assertEquals(0, transmitter.completed(free));
    assertEquals(0, send(1, 60));
    assertEquals(0, transmitter.sent());
    assertTrue(transmitter.bad() > 1);
    completion.producer(0);
    transmit.consumer(0);
    transmitAll();
    assertEquals(2, transmitter.completed(free));
    assertEquals(CHUNKS, free.size());
  }

  @Test
  void noChunkHasTwoOwnersWhateverTheKernelSays() {
    Random random = new Random(104);
    for (int turn = 0; turn < 20_000; turn++) {
      send(Math.min(free.size(), random.nextInt(5)), 60);
      if (random.nextInt(20) == 0) {
        transmit.consumer(random.nextInt());
        completion.producer(random.nextInt());
      } else {
        transmit.consumer(transmit.producer());
        completion.producer(completion.consumer());
        for (int i = random.nextInt(8); i > 0; i--) {
          completion.produce(((long) random.nextInt(2 * CHUNKS) - 20) * 2048 + 256);
        }
      }
      transmitter.completed(free);
      checkOwners();
    }
    assertTrue(transmitter.bad() > 1000, transmitter.bad() + " lies seen");
  }

  private void checkOwners() {
    BitSet ours = new BitSet(CHUNKS);
    int count = free.size();
    for (int i = 0; i < count; i++) {
      ours.set(free.pop());
    }
    assertEquals(count, ours.cardinality());
    ours.stream().forEach(free::push);
  }
}
