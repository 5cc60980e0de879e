package dev.sluice.kernel;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// A ring that we fill and the kernel empties: the fill ring, whose entries are addresses, and the
/// transmit ring, whose entries are descriptors. One thread.
final class XdpProducerRing {
  private static final long LEN = IfPacket.offset(IfXdp.STRUCT_XDP_DESC, "len");
  private static final boolean LITTLE_ENDIAN = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
  private static final VarHandle WORD = JAVA_INT.varHandle();

  /// A length no frame can have: the kernel steps over such a descriptor.
  private static final int IMPOSSIBLE_LENGTH = -1;

  private final XdpRing ring;
  private final Tally implausible = new Tally();

  /// Our index: kept here, so that nobody can turn it back in the shared memory.
  private int producer;

  /// Our side of a ring nobody has used yet.
  XdpProducerRing(XdpRing ring) {
    this.ring = ring;
    this.producer = ring.producer();
  }

  /// Entries the kernel has not taken: a full ring as long as its index is none that this ring can
  /// have, so that nothing is overwritten.
  int pending() {
    int entries = producer - ring.consumer();
    if (entries < 0 || ring.size() < entries) {
      implausible.add(1);
      return ring.size();
    }
    return entries;
  }

  /// Where the next entry goes; it wraps at 32 bits.
  int position() {
    return producer;
  }

  /// Writes an address; the caller has looked at [#pending]. The kernel sees it with [#publish].
  void put(long address) {
    ring.memory().set(JAVA_LONG, ring.entryAt(producer), address);
    producer++;
  }

  /// Writes a descriptor without options; as the other.
  void put(long address, int length) {
    long at = ring.entryAt(producer);
    ring.memory().set(JAVA_LONG, at, address);
    // `options` follows `len`.
    ring.memory().set(JAVA_LONG, at + LEN, LITTLE_ENDIAN ? length : (long) length << Integer.SIZE);
    producer++;
  }

  /// Shows the kernel what was written.
  void publish() {
    ring.producer(producer);
  }

  /// Makes the last `entries` descriptors such that the kernel steps over them. The one store is
  /// seen whole or not at all, should the kernel be reading.
  void spoil(int entries) {
    for (int i = 1; i <= entries; i++) {
      WORD.setRelease(ring.memory(), ring.entryAt(producer - i) + LEN, IMPOSSIBLE_LENGTH);
    }
  }

  /// Whether the kernel waits for a system call before it looks at the ring again.
  boolean needsWakeup() {
    return ring.needsWakeup();
  }

  /// Times that the kernel's index was none that this ring can have. Any thread.
  long implausible() {
    return implausible.value();
  }
}
