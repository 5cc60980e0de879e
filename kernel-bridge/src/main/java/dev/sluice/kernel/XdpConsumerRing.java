package dev.sluice.kernel;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

/// A ring that the kernel fills and we empty: the receive ring, whose entries are descriptors, and
/// the completion ring, whose entries are addresses. One thread.
final class XdpConsumerRing {
  private final XdpRing ring;
  private final Tally implausible = new Tally();

  /// Our index: kept here, so that nobody can turn it back in the shared memory.
  private int consumer;

  /// Our side of a ring nobody has used yet.
  XdpConsumerRing(XdpRing ring) {
    this.ring = ring;
    this.consumer = ring.consumer();
  }

  /// Entries that can be read: 0 as long as the kernel's index is none that this ring can have.
  int available() {
    int entries = ring.producer() - consumer;
    if (entries < 0 || ring.size() < entries) {
      implausible.add(1);
      return 0;
    }
    return entries;
  }

  /// Address in the entry `ahead` of the next; `ahead` is less than [#available].
  long address(int ahead) {
    return ring.memory().get(JAVA_LONG, ring.entryAt(consumer + ahead));
  }

  /// Of a descriptor, as [XdpRing#lengthAndOptions].
  long lengthAndOptions(int ahead) {
    return ring.lengthAndOptions(consumer + ahead);
  }

  /// Gives the next `entries` back to the kernel.
  void release(int entries) {
    consumer += entries;
    ring.consumer(consumer);
  }

  /// Times that the kernel's index was none that this ring can have. Any thread.
  long implausible() {
    return implausible.value();
  }
}
