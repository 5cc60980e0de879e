package dev.sluice.kernel;

import static java.lang.foreign.MemoryLayout.PathElement.groupElement;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/// How functions of the C library are bound: with errno captured, and one form of result.
final class Libc {
  /// Where a call leaves its errno. A thread that calls often keeps one segment of this layout.
  static final StructLayout STATE = Linker.Option.captureStateLayout();

  private static final Linker LINKER = Linker.nativeLinker();
  private static final VarHandle ERRNO = STATE.varHandle(groupElement("errno"));

  private Libc() {}

  /// Binds a function whose arguments are all named in its prototype.
  @SuppressWarnings("restricted") // this module is where native code is called
  static MethodHandle bind(String name, FunctionDescriptor descriptor) {
    return LINKER.downcallHandle(
        LINKER.defaultLookup().findOrThrow(name),
        descriptor,
        Linker.Option.captureCallState("errno"));
  }

  /// Binds a function without capturing errno, for the packet path: with numbers for addresses a
  /// call allocates nothing, whatever the compiler makes of it. Capturing costs a slice of the
  /// state, 40 bytes, wherever the compiler does not see through it.
  @SuppressWarnings("restricted") // this module is where native code is called
  static MethodHandle bindBare(
      String name, FunctionDescriptor descriptor, Linker.Option... options) {
    return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), descriptor, options);
  }

  /// Binds a function that takes any number of arguments after the first `named` ones.
  @SuppressWarnings("restricted") // this module is where native code is called
  static MethodHandle bindVariadic(String name, int named, FunctionDescriptor descriptor) {
    return LINKER.downcallHandle(
        LINKER.defaultLookup().findOrThrow(name),
        descriptor,
        Linker.Option.captureCallState("errno"),
        Linker.Option.firstVariadicArg(named));
  }

  /// What a call came to: its result, or minus its errno if the result was -1.
  static long outcome(long result, MemorySegment state) {
    return result == -1 ? -(int) ERRNO.get(state, 0L) : result;
  }

  /// The binding itself is wrong: descriptor and arguments disagree.
  static AssertionError misbound(String name, Throwable cause) {
    return new AssertionError(name + ": the descriptor and the call disagree", cause);
  }
}
