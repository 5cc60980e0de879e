package dev.sluice.kernel;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

/// A ring that we fill and the kernel empties: the fill ring, whose entries are addresses, and the
/// transmit ring, whose entries are descriptors. One thread.
final class XdpProducerRing {
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
    ring.descriptor(producer, address, length);
    producer++;
  }

  /// Shows the kernel what was written.
  void publish() {
    ring.producer(producer);
  }

  /// Makes the last `entries` descriptors such that the kernel steps over them.
  void spoil(int entries) {
    for (int i = 1; i <= entries; i++) {
      ring.relength(producer - i, IMPOSSIBLE_LENGTH);
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
