package dev.sluice.kernel;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/// What concerns single threads: their CPUs, namespaces and share of the processor. For set-up
/// only.
final class SchedCalls {
  static final int CLONE_NEWNET = 0x40000000; // include/uapi/linux/sched.h

  /// `int sched_setaffinity(pid_t thread, size_t bytes, const cpu_set_t *mask)`; 0 is the caller.
  private static final MethodHandle SCHED_SETAFFINITY =
      Libc.bind("sched_setaffinity", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS));

  /// `int sched_getaffinity(pid_t thread, size_t bytes, cpu_set_t *mask)`; 0 is the caller.
  private static final MethodHandle SCHED_GETAFFINITY =
      Libc.bind("sched_getaffinity", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS));

  /// `int setns(int fd, int type)`, setns(2).
  private static final MethodHandle SETNS =
      Libc.bind("setns", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));

  /// `int unshare(int flags)`, unshare(2).
  private static final MethodHandle UNSHARE =
      Libc.bind("unshare", FunctionDescriptor.of(JAVA_INT, JAVA_INT));

  private static final int PRIO_PROCESS = 0; // include/uapi/linux/resource.h

  /// `int setpriority(int which, id_t who, int nice)`, setpriority(2).
  private static final MethodHandle SETPRIORITY =
      Libc.bind("setpriority", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));

  static final int SCHED_OTHER = 0; // include/uapi/linux/sched.h
  static final int SCHED_FIFO = 1;
  static final int SCHED_RESET_ON_FORK = 0x40000000;

  /// `int sched_setscheduler(pid_t thread, int policy, const struct sched_param *)`, whose only
  /// member is an `int` priority; 0 is the caller.
  private static final MethodHandle SCHED_SETSCHEDULER =
      Libc.bind("sched_setscheduler", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS));

  private SchedCalls() {}

  /// Sets how the calling thread, and no other, is scheduled, sched_setscheduler(2).
  static long setScheduler(int policy, int priority) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(Libc.STATE);
      MemorySegment param = arena.allocateFrom(JAVA_INT, priority);
      return Libc.outcome((int) SCHED_SETSCHEDULER.invokeExact(state, 0, policy, param), state);
    } catch (Throwable t) {
      throw Libc.misbound("sched_setscheduler", t);
    }
  }

  /// Sets the nice value of one thread, by its number.
  static long setPriority(int thread, int nice) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(Libc.STATE);
      return Libc.outcome((int) SETPRIORITY.invokeExact(state, PRIO_PROCESS, thread, nice), state);
    } catch (Throwable t) {
      throw Libc.misbound("setpriority", t);
    }
  }

  /// @param thread its kernel number, or 0 for the caller
  static long setAffinity(int thread, MemorySegment mask) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(Libc.STATE);
      return Libc.outcome(
          (int) SCHED_SETAFFINITY.invokeExact(state, thread, mask.byteSize(), mask), state);
    } catch (Throwable t) {
      throw Libc.misbound("sched_setaffinity", t);
    }
  }

  /// @param thread its kernel number, or 0 for the caller
  static long affinity(int thread, MemorySegment mask) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(Libc.STATE);
      return Libc.outcome(
          (int) SCHED_GETAFFINITY.invokeExact(state, thread, mask.byteSize(), mask), state);
    } catch (Throwable t) {
      throw Libc.misbound("sched_getaffinity", t);
    }
  }

  /// Moves the calling thread, and no other, into the network namespace behind `fd`.
  static long enterNetworkNamespace(int fd) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(Libc.STATE);
      return Libc.outcome((int) SETNS.invokeExact(state, fd, CLONE_NEWNET), state);
    } catch (Throwable t) {
      throw Libc.misbound("setns", t);
    }
  }

  /// Moves the calling thread, and no other, into a new network namespace.
  static long newNetworkNamespace() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(Libc.STATE);
      return Libc.outcome((int) UNSHARE.invokeExact(state, CLONE_NEWNET), state);
    } catch (Throwable t) {
      throw Libc.misbound("unshare", t);
    }
  }
}
