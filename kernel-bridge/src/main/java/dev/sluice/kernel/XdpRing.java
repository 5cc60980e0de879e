package dev.sluice.kernel;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// A ring that this process and the kernel share, as it lies in memory: two indices that only grow
/// and wrap at 32 bits, a word of flags, and the entries. One side produces, the other consumes;
/// [XdpProducerRing] and [XdpConsumerRing] are our part in it.
///
/// What the order of memory must be is said at the head of `net/xdp/xsk_queue.h`, whose letters are
/// used here: the producer looks at the consumer's index (A) before it writes entries and releases
/// its own (B); the consumer acquires that (C) before it reads entries and releases its own (D).
final class XdpRing {
  private static final VarHandle WORD = JAVA_INT.varHandle();
  private static final long LEN = IfPacket.offset(IfXdp.STRUCT_XDP_DESC, "len");
  private static final boolean LITTLE_ENDIAN = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;

  private final MemorySegment memory;
  private final long producerAt;
  private final long consumerAt;
  private final long flagsAt;
  private final long entriesAt;
  private final int entryBytes;
  private final int size;

  /// A ring in the memory that the kernel mapped.
  ///
  /// @param offsets of layout [IfXdp#STRUCT_XDP_RING_OFFSET]
  /// @param size entries, a power of two
  /// @throws IndexOutOfBoundsException if the ring does not lie within `memory`
  XdpRing(MemorySegment memory, MemorySegment offsets, int entryBytes, int size) {
    this.producerAt = offset(offsets, "producer");
    this.consumerAt = offset(offsets, "consumer");
    this.flagsAt = offset(offsets, "flags");
    this.entriesAt = offset(offsets, "desc");
    this.entryBytes = entryBytes;
    this.size = size;
    this.memory = memory.asSlice(0, bytes(offsets, entryBytes, size));
    for (long at : new long[] {producerAt, consumerAt, flagsAt}) {
      this.memory.asSlice(at, JAVA_INT.byteSize(), JAVA_INT.byteAlignment());
    }
  }

  /// Bytes to map for such a ring.
  static long bytes(MemorySegment offsets, int entryBytes, int size) {
    return offset(offsets, "desc") + (long) entryBytes * size;
  }

  int size() {
    return size;
  }

  /// How far the kernel has produced: (C). What it wrote before is visible then.
  int producer() {
    return (int) WORD.getAcquire(memory, producerAt);
  }

  /// Says how far we have produced: (B). The kernel then sees what we wrote before.
  void producer(int index) {
    WORD.setRelease(memory, producerAt, index);
  }

  /// How far the kernel has consumed: (A). Acquire stands for the control dependency that the
  /// kernel relies on there, and that Java does not promise.
  int consumer() {
    return (int) WORD.getAcquire(memory, consumerAt);
  }

  /// Says how far we have consumed: (D). The kernel overwrites entries only after our last read.
  void consumer(int index) {
    WORD.setRelease(memory, consumerAt, index);
  }

  /// Whether the kernel waits for a system call before it goes on. Opaque: the kernel orders it
  /// with nothing; a call too late or too many does no harm.
  boolean needsWakeup() {
    return ((int) WORD.getOpaque(memory, flagsAt) & IfXdp.XDP_RING_NEED_WAKEUP) != 0;
  }

  MemorySegment memory() {
    return memory;
  }

  /// Where the entry of an index lies in [#memory].
  long entryAt(int index) {
    return entriesAt + (long) (index & (size - 1)) * entryBytes;
  }

  /// Of the descriptor of an index, the length in bytes in the lower 32 bits and the options in the
  /// upper, in one access: `options` follows `len`.
  long lengthAndOptions(int index) {
    long both = memory.get(JAVA_LONG, entryAt(index) + LEN);
    return LITTLE_ENDIAN ? both : Long.rotateLeft(both, Integer.SIZE);
  }

  /// Writes a descriptor without options.
  void descriptor(int index, long address, int length) {
    long at = entryAt(index);
    memory.set(JAVA_LONG, at, address);
    memory.set(JAVA_LONG, at + LEN, LITTLE_ENDIAN ? length : (long) length << Integer.SIZE);
  }

  /// Writes a length into a descriptor that the kernel may be reading: it sees the one store whole
  /// or not at all.
  void relength(int index, int length) {
    WORD.setRelease(memory, entryAt(index) + LEN, length);
  }

  private static long offset(MemorySegment offsets, String word) {
    return offsets.get(JAVA_LONG, IfPacket.offset(IfXdp.STRUCT_XDP_RING_OFFSET, word));
  }
}
