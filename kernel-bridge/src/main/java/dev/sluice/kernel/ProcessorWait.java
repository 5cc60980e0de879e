package dev.sluice.kernel;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/// How long a thread has wanted to run and was given no processor, as the kernel counts it in
/// `/proc/thread-self/schedstat` (Documentation/scheduler/sched-stats). What a hypervisor takes
/// away is not in it. Allocates nothing but when it is made; a reading takes some microseconds. For
/// one thread at a time.
public final class ProcessorWait {
  /// The time on a processor, the time waiting for one, and the number of turns, in decimals.
  private static final int BYTES = 64;

  /// `int open(const char *path, int flags, ...)`, open(2); addresses are numbers here.
  private static final MethodHandle OPEN =
      Libc.bindBare(
          "open",
          FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_INT),
          Linker.Option.firstVariadicArg(2));

  /// `ssize_t read(int fd, void *buffer, size_t bytes)`, read(2).
  private static final MethodHandle READ =
      Libc.bindBare("read", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG));

  /// `int close(int fd)`, close(2).
  private static final MethodHandle CLOSE =
      Libc.bindBare("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));

  private final MemorySegment path;
  private final MemorySegment text;

  public ProcessorWait() {
    this("/proc/thread-self/schedstat");
  }

  ProcessorWait(String file) {
    path = Arena.ofAuto().allocateFrom(file);
    text = Arena.ofAuto().allocate(BYTES);
  }

  /// Time that the calling thread has waited so far, in nanoseconds; negative where that is not
  /// told.
  public long nanos() {
    int length = read();
    if (length <= 0) {
      return -1;
    }
    int at = 0;
    while (at < length && text.get(JAVA_BYTE, at) != ' ') {
      at++;
    }
    long nanos = 0;
    for (at++; at < length && isDigit(text.get(JAVA_BYTE, at)); at++) {
      nanos = 10 * nanos + text.get(JAVA_BYTE, at) - '0';
    }
    return nanos;
  }

  private static boolean isDigit(byte character) {
    return '0' <= character && character <= '9';
  }

  private int read() {
    try {
      int fd = (int) OPEN.invokeExact(path.address(), FileCalls.O_RDONLY | FileCalls.O_CLOEXEC);
      if (fd < 0) {
        return -1;
      }
      try {
        return (int) (long) READ.invokeExact(fd, text.address(), BYTES + 0L);
      } finally {
        int _ = (int) CLOSE.invokeExact(fd);
      }
    } catch (Throwable t) {
      throw Libc.misbound("open, read or close", t);
    }
  }
}
