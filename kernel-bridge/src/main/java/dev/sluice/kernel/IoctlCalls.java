package dev.sluice.kernel;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/// ioctl(2) on a socket.
final class IoctlCalls {
  /// `int ioctl(int fd, unsigned long request, ...)`, always with one pointer here.
  private static final MethodHandle IOCTL =
      Libc.bindVariadic("ioctl", 2, FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS));

  /// The same, with the address as a number.
  private static final MethodHandle IOCTL_BARE =
      Libc.bindBare(
          "ioctl",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG),
          Linker.Option.firstVariadicArg(2));

  private IoctlCalls() {}

  /// Whether the kernel did what the argument at an address says. Allocates nothing.
  static boolean succeeds(int fd, long request, long argument) {
    try {
      return (int) IOCTL_BARE.invokeExact(fd, request, argument) >= 0;
    } catch (Throwable t) {
      throw Libc.misbound("ioctl", t);
    }
  }

  /// Asks the kernel about, or for, what `argument` says.
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
