package dev.sluice.kernel;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/// Opening and closing of file descriptors. For set-up only: each call allocates.
final class FileCalls {
  static final int O_RDONLY = 0;
  static final int O_CLOEXEC = 0x80000;

  /// `int open(const char *path, int flags, ...)`, open(2); no mode, for nothing is created.
  private static final MethodHandle OPEN =
      Libc.bindVariadic("open", 2, FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));

  /// `int close(int fd)`, close(2).
  private static final MethodHandle CLOSE =
      Libc.bind("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));

  private FileCalls() {}

  static long openForReading(String path) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(Libc.STATE);
      MemorySegment name = arena.allocateFrom(path);
      int fd = (int) OPEN.invokeExact(state, name, O_RDONLY | O_CLOEXEC);
      return Libc.outcome(fd, state);
    } catch (Throwable t) {
      throw Libc.misbound("open", t);
    }
  }

  static long close(int fd) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(Libc.STATE);
      return Libc.outcome((int) CLOSE.invokeExact(state, fd), state);
    } catch (Throwable t) {
      throw Libc.misbound("close", t);
    }
  }
}
