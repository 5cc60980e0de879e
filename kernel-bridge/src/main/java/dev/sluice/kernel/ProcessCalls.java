package dev.sluice.kernel;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/// What concerns this process and its parent. For set-up only: each call allocates.
final class ProcessCalls {
  static final int PR_SET_PDEATHSIG = 1; // include/uapi/linux/prctl.h

  /// `int prctl(int option, unsigned long ...)`, prctl(2).
  private static final MethodHandle PRCTL =
      Libc.bindVariadic(
          "prctl",
          1,
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG));

  /// `pid_t getppid(void)`, getppid(2).
  private static final MethodHandle GETPPID = Libc.bind("getppid", FunctionDescriptor.of(JAVA_INT));

  private ProcessCalls() {}

  static long setParentDeathSignal(int signal) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(Libc.STATE);
      int result = (int) PRCTL.invokeExact(state, PR_SET_PDEATHSIG, (long) signal, 0L, 0L, 0L);
      return Libc.outcome(result, state);
    } catch (Throwable t) {
      throw Libc.misbound("prctl", t);
    }
  }

  static long parent() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(Libc.STATE);
      return Libc.outcome((int) GETPPID.invokeExact(state), state);
    } catch (Throwable t) {
      throw Libc.misbound("getppid", t);
    }
  }
}
