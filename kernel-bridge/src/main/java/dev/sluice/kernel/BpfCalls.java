package dev.sluice.kernel;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/// bpf(2), which the C library has no function for. For set-up and measurements.
final class BpfCalls {
  /// `long syscall(long number, ...)` with bpf(2)'s three arguments.
  private static final MethodHandle SYSCALL =
      Libc.bindVariadic(
          "syscall", 1, FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT));

  private static final String NOT_PERMITTED =
      "EPERM, it needs CAP_BPF and CAP_NET_ADMIN, and not those of a user namespace";

  private static final long NR_BPF = number();

  private BpfCalls() {}

  /// Asks the kernel for `command` with one member of `union bpf_attr`; allocates.
  ///
  /// @return as [Libc#outcome] says
  static long bpf(int command, MemorySegment attributes) {
    try (Arena arena = Arena.ofConfined()) {
      return bpf(command, attributes, arena.allocate(Libc.STATE));
    }
  }

  /// The same, for a thread that calls often.
  ///
  /// @param state of [Libc#STATE]
  static long bpf(int command, MemorySegment attributes, MemorySegment state) {
    int bytes = Math.toIntExact(attributes.byteSize());
    try {
      return Libc.outcome(
          (long) SYSCALL.invokeExact(state, NR_BPF, command, attributes, bytes), state);
    } catch (Throwable t) {
      throw Libc.misbound("bpf", t);
    }
  }

  /// The result of a call that must succeed.
  ///
  /// @throws KernelException as [Errno#require] does
  static long require(long outcome, String what) throws KernelException {
    if (outcome == -Errno.EPERM) {
      throw new KernelException(what + " failed: " + NOT_PERMITTED, Errno.EPERM);
    }
    return Errno.require(outcome, what);
  }

  /// `__NR_bpf` of `asm/unistd.h`.
  private static long number() {
    return switch (System.getProperty("os.arch")) {
      case "amd64", "x86_64" -> 321;
      case "aarch64" -> 280;
      default -> -1; // the kernel answers ENOSYS
    };
  }
}
