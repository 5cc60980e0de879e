package dev.sluice.kernel;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/// ioctl(2) on a socket.
final class IoctlCalls {
  /// `int ioctl(int fd, unsigned long request, ...)`, always with one pointer here.
  private static final MethodHandle IOCTL =
      Libc.bindVariadic("ioctl", 2, FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS));

  private IoctlCalls() {}

  /// Asks the kernel about, or for, what `argument` says. Allocates nothing.
  ///
  /// @param state segment of layout [Libc#STATE], used by this thread alone
  static long ioctl(int fd, long request, MemorySegment argument, MemorySegment state) {
    try {
      return Libc.outcome((int) IOCTL.invokeExact(state, fd, request, argument), state);
    } catch (Throwable t) {
      throw Libc.misbound("ioctl", t);
    }
  }
}
