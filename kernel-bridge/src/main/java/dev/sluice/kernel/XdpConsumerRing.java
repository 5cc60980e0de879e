package dev.sluice.kernel;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.nio.ByteOrder;

/// A ring that the kernel fills and we empty: the receive ring, whose entries are descriptors, and
/// the completion ring, whose entries are addresses. One thread.
final class XdpConsumerRing {
  private static final long LEN = IfPacket.offset(IfXdp.STRUCT_XDP_DESC, "len");
  private static final boolean LITTLE_ENDIAN = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;

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

  /// Of a descriptor, the length in bytes in the lower 32 bits and the options in the upper, in one
  /// access: `options` follows `len`.
  long lengthAndOptions(int ahead) {
    long both = ring.memory().get(JAVA_LONG, ring.entryAt(consumer + ahead) + LEN);
    return LITTLE_ENDIAN ? both : Long.rotateLeft(both, Integer.SIZE);
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
