package dev.sluice.kernel;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicBoolean;

/// A map that BPF programs and this process share. Its keys are indices from 0 on. Any thread.
final class BpfMap implements AutoCloseable {
  private final int fd;
  private final int valueBytes;
  private final int entries;
  private final Arena arena = Arena.ofShared();
  private final AtomicBoolean closed = new AtomicBoolean();

  private BpfMap(int type, int valueBytes, int entries, int flags) throws KernelException {
    this.valueBytes = valueBytes;
    this.entries = entries;
    try (Arena temporary = Arena.ofConfined()) {
      MemorySegment attributes = temporary.allocate(UapiBpf.ATTR_MAP_CREATE);
      int[] fields = {type, Integer.BYTES, valueBytes, entries, flags};
      MemorySegment.copy(fields, 0, attributes, JAVA_INT, 0, fields.length);
      String what = "Making a BPF map of " + entries + " x " + valueBytes + " bytes";
      this.fd = (int) BpfCalls.require(BpfCalls.bpf(UapiBpf.BPF_MAP_CREATE, attributes), what);
    }
  }

  /// Numbers in memory, at 0 to begin with, which this process can map.
  static BpfMap array(int valueBytes, int entries) throws KernelException {
    return new BpfMap(UapiBpf.BPF_MAP_TYPE_ARRAY, valueBytes, entries, UapiBpf.BPF_F_MMAPABLE);
  }

  /// AF_XDP sockets by the queue they receive from.
  static BpfMap sockets(int queues) throws KernelException {
    return new BpfMap(UapiBpf.BPF_MAP_TYPE_XSKMAP, Integer.BYTES, queues, 0);
  }

  /// Interfaces that frames can be redirected to. It finds them when they are put in, in the
  /// network namespace of that thread; a program's own redirection by index looks in that of the
  /// thread it runs on.
  static BpfMap interfaces(int entries) throws KernelException {
    return new BpfMap(UapiBpf.BPF_MAP_TYPE_DEVMAP, Integer.BYTES, entries, 0);
  }

  int fd() {
    return fd;
  }

  /// Puts a descriptor, or an interface's index, at an index.
  ///
  /// @throws KernelException if the kernel refuses
  void put(int index, int descriptor) throws KernelException {
    try (Arena temporary = Arena.ofConfined()) {
      MemorySegment value = temporary.allocateFrom(JAVA_INT, descriptor);
      MemorySegment attributes = element(temporary, index, value);
      Errno.require(BpfCalls.bpf(UapiBpf.BPF_MAP_UPDATE_ELEM, attributes), "Filling a BPF map");
    }
  }

  /// Takes out what is at an index, if anything is.
  void remove(int index) {
    try (Arena temporary = Arena.ofConfined()) {
      MemorySegment attributes = element(temporary, index, MemorySegment.NULL);
      BpfCalls.bpf(UapiBpf.BPF_MAP_DELETE_ELEM, attributes); // ENOENT: it was not there
    }
  }

  /// The elements of an array, one after the other, each rounded up to eight bytes, as memory. What
  /// a program writes appears at once, in no certain order.
  ///
  /// @throws KernelException if it cannot be mapped
  MemorySegment memory() throws KernelException {
    long bytes = (long) ((valueBytes + 7) & ~7) * entries;
    long pages = (bytes + 4095) & ~4095L;
    long at = Errno.require(MmapCalls.mmap(pages, MmapCalls.MAP_SHARED, fd), "Mapping a BPF map");
    return MmapCalls.segment(at, pages, arena).asSlice(0, bytes);
  }

  /// Unmaps and closes it; programs that use it keep it. Idempotent.
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      arena.close();
      FileCalls.close(fd);
    }
  }

  private MemorySegment element(Arena temporary, int index, MemorySegment value) {
    MemorySegment attributes = temporary.allocate(UapiBpf.ATTR_MAP_ELEM);
    attributes.set(JAVA_INT, 0, fd);
    attributes.set(JAVA_LONG, 8, temporary.allocateFrom(JAVA_INT, index).address());
    attributes.set(JAVA_LONG, 16, value.address());
    return attributes;
  }
}
