package dev.sluice.kernel;

import static java.lang.foreign.MemoryLayout.structLayout;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;

/// ppoll(2), with the numbers and layouts of `include/uapi/asm-generic/poll.h` and `time.h`.
final class PollCalls {
  static final int POLLIN = 1;
  static final int POLLNVAL = 0x20;

  static final StructLayout STRUCT_POLLFD =
      structLayout(
              JAVA_INT.withName("fd"),
              JAVA_SHORT.withName("events"),
              JAVA_SHORT.withName("revents"))
          .withName("pollfd");

  static final StructLayout STRUCT_TIMESPEC =
      structLayout(JAVA_LONG.withName("tv_sec"), JAVA_LONG.withName("tv_nsec"))
          .withName("timespec");

  /// `int ppoll(struct pollfd *fds, nfds_t n, const struct timespec *timeout, const sigset_t
  /// *mask)`; the addresses are numbers here.
  private static final MethodHandle PPOLL =
      Libc.bindBare(
          "ppoll", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG));

  private PollCalls() {}

  /// Waits until one of the descriptors is ready or the time is over. Allocates nothing.
  ///
  /// @param fds address of an array of `struct pollfd`, `count` long
  /// @param timeout address of a `struct timespec`
  /// @return descriptors that are ready, or -1 if a signal came between
  static int ppoll(long fds, long count, long timeout) {
    try {
      return (int) PPOLL.invokeExact(fds, count, timeout, 0L);
    } catch (Throwable t) {
      throw Libc.misbound("ppoll", t);
    }
  }
}
