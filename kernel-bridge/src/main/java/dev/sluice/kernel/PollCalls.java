package dev.sluice.kernel;

import static java.lang.foreign.MemoryLayout.structLayout;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;

/// ppoll(2), with the numbers and layouts of `include/uapi/asm-generic/poll.h` and `time.h`.
final class PollCalls {
  static final int POLLIN = 1;
  static final int POLLERR = 8;
  static final int POLLHUP = 0x10;
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
  /// *mask)`.
  private static final MethodHandle PPOLL =
      Libc.bind("ppoll", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, ADDRESS, JAVA_LONG));

  private PollCalls() {}

  /// Waits until one of the descriptors is ready or the time is over. Allocates nothing.
  ///
  /// @param state segment of layout [Libc#STATE], used by this thread alone
  /// @return descriptors that are ready, or minus an errno
  static long ppoll(MemorySegment fds, long count, MemorySegment timeout, MemorySegment state) {
    try {
      return Libc.outcome((int) PPOLL.invokeExact(state, fds, count, timeout, 0L), state);
    } catch (Throwable t) {
      throw Libc.misbound("ppoll", t);
    }
  }
}
