package dev.sluice.kernel;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/// Memory mappings. For set-up only: each call allocates.
final class MmapCalls {
  static final int PROT_READ_WRITE = 3; // PROT_READ | PROT_WRITE
  static final int MAP_SHARED = 1;
  static final int MAP_PRIVATE = 2;
  static final int MAP_ANONYMOUS = 0x20;
  static final int MAP_POPULATE = 0x8000;
  static final int MAP_HUGETLB = 0x40000;
  static final int MAP_HUGE_2MB = 21 << 26; // include/uapi/linux/mman.h
  static final int MADV_HUGEPAGE = 14;
  static final int MADV_POPULATE_WRITE = 23; // since Linux 5.14

  /// `void *mmap(void *at, size_t bytes, int protection, int flags, int fd, off_t offset)`.
  private static final MethodHandle MMAP =
      Libc.bind(
          "mmap",
          FunctionDescriptor.of(
              JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG));

  /// `int munmap(void *at, size_t bytes)`, munmap(2).
  private static final MethodHandle MUNMAP =
      Libc.bind("munmap", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG));

  /// `int madvise(void *at, size_t bytes, int advice)`, madvise(2).
  private static final MethodHandle MADVISE =
      Libc.bind("madvise", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT));

  private MmapCalls() {}

  /// Maps `bytes` readable and writable.
  ///
  /// @param fd what to map, -1 for anonymous memory
  /// @return the address, or minus an errno
  static long mmap(long bytes, int flags, int fd) {
    return mmap(bytes, flags, fd, 0);
  }

  /// The same, from an offset on, which chooses among the rings of an AF_XDP socket.
  static long mmap(long bytes, int flags, int fd, long offset) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(Libc.STATE);
      long at = (long) MMAP.invokeExact(state, 0L, bytes, PROT_READ_WRITE, flags, fd, offset);
      return Libc.outcome(at, state);
    } catch (Throwable t) {
      throw Libc.misbound("mmap", t);
    }
  }

  static long munmap(long at, long bytes) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(Libc.STATE);
      return Libc.outcome((int) MUNMAP.invokeExact(state, at, bytes), state);
    } catch (Throwable t) {
      throw Libc.misbound("munmap", t);
    }
  }

  static long madvise(long at, long bytes, int advice) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(Libc.STATE);
      return Libc.outcome((int) MADVISE.invokeExact(state, at, bytes, advice), state);
    } catch (Throwable t) {
      throw Libc.misbound("madvise", t);
    }
  }

  /// The memory of a mapping, which `arena` unmaps when it closes.
  @SuppressWarnings("restricted") // this module is where foreign memory becomes a segment
  static MemorySegment segment(long at, long bytes, Arena arena) {
    return MemorySegment.ofAddress(at).reinterpret(bytes, arena, _ -> munmap(at, bytes));
  }
}
