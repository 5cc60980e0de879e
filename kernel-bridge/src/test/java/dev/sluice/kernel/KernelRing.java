package dev.sluice.kernel;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// An AF_XDP ring in ordinary memory, with the kernel's part in it played by the test, who may lie.
final class KernelRing {
  private static final long PRODUCER = 0;
  private static final long CONSUMER = 64;
  private static final long FLAGS = 128;
  private static final long ENTRIES = 192;

  final XdpRing ring;
  private final MemorySegment memory;
  private final int entryBytes;
  private final int size;

  KernelRing(int entryBytes, int size) {
    this.entryBytes = entryBytes;
    this.size = size;
    this.memory = Arena.ofAuto().allocate(ENTRIES + (long) entryBytes * size, 64);
    this.ring = new XdpRing(memory, offsets(PRODUCER, CONSUMER, ENTRIES, FLAGS), entryBytes, size);
  }

  static MemorySegment offsets(long producer, long consumer, long desc, long flags) {
    return MemorySegment.ofArray(new long[] {producer, consumer, desc, flags});
  }

  int producer() {
    return memory.get(JAVA_INT, PRODUCER);
  }

  void producer(int index) {
    memory.set(JAVA_INT, PRODUCER, index);
  }

  int consumer() {
    return memory.get(JAVA_INT, CONSUMER);
  }

  void consumer(int index) {
    memory.set(JAVA_INT, CONSUMER, index);
  }

  void flags(int flags) {
    memory.set(JAVA_INT, FLAGS, flags);
  }

  long address(int index) {
    return memory.get(JAVA_LONG, at(index));
  }

  int length(int index) {
    return memory.get(JAVA_INT, at(index) + 8);
  }

  /// Writes an address as the kernel would, and moves its index on.
  void produce(long address) {
    memory.set(JAVA_LONG, at(producer()), address);
    producer(producer() + 1);
  }

  /// Writes a descriptor as the kernel would, and moves its index on.
  void produce(long address, int length, int options) {
    memory.set(JAVA_INT, at(producer()) + 8, length);
    memory.set(JAVA_INT, at(producer()) + 12, options);
    produce(address);
  }

  private long at(int index) {
    return ENTRIES + (long) (index & (size - 1)) * entryBytes;
  }
}
