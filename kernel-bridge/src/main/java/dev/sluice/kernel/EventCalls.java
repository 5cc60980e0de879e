package dev.sluice.kernel;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/// eventfd(2): a counter that one thread adds to and another waits for, with the numbers of
/// `sys/eventfd.h`.
final class EventCalls {
  static final int EFD_CLOEXEC = 0x80000;
  static final int EFD_NONBLOCK = 0x800;

  /// `int eventfd(unsigned int count, int flags)`.
  private static final MethodHandle EVENTFD =
      Libc.bind("eventfd", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));

  /// `ssize_t read(int fd, void *buffer, size_t bytes)`, read(2); the address is a number here.
  private static final MethodHandle READ =
      Libc.bindBare("read", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG));

  /// `ssize_t write(int fd, const void *buffer, size_t bytes)`, write(2).
  private static final MethodHandle WRITE =
      Libc.bindBare("write", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG));

  private EventCalls() {}

  /// Makes a counter that stands at 0 and never blocks.
  static long open() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(Libc.STATE);
      return Libc.outcome((int) EVENTFD.invokeExact(state, 0, EFD_CLOEXEC | EFD_NONBLOCK), state);
    } catch (Throwable t) {
      throw Libc.misbound("eventfd", t);
    }
  }

  /// Adds the eight bytes at `number` to the counter. Allocates nothing. It fails only where the
  /// counter is full, and then whoever waits for it does not wait.
  static void add(int fd, long number) {
    try {
      long _ = (long) WRITE.invokeExact(fd, number, Long.BYTES + 0L);
    } catch (Throwable t) {
      throw Libc.misbound("write", t);
    }
  }

  /// Takes the counter back to 0, leaving what it stood at in the eight bytes at `into`. Allocates
  /// nothing. It fails only where the counter is at 0.
  static void take(int fd, long into) {
    try {
      long _ = (long) READ.invokeExact(fd, into, Long.BYTES + 0L);
    } catch (Throwable t) {
      throw Libc.misbound("read", t);
    }
  }
}
