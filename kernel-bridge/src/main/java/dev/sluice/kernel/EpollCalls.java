package dev.sluice.kernel;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/// epoll(7), only to make one descriptor of several: it is readable when one of them is. For set-up
/// only: each call allocates.
final class EpollCalls {
  static final int EPOLL_CLOEXEC = 0x80000;
  static final int EPOLL_CTL_ADD = 1;
  static final int EPOLLIN = 1;

  /// `struct epoll_event` is packed on x86-64 (12 bytes) and not elsewhere (16); its events come
  /// first on each.
  private static final int EVENT_BYTES = 16;

  /// `int epoll_create1(int flags)`.
  private static final MethodHandle EPOLL_CREATE1 =
      Libc.bind("epoll_create1", FunctionDescriptor.of(JAVA_INT, JAVA_INT));

  /// `int epoll_ctl(int epfd, int op, int fd, struct epoll_event *event)`.
  private static final MethodHandle EPOLL_CTL =
      Libc.bind(
          "epoll_ctl", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS));

  private EpollCalls() {}

  /// A new set without descriptors.
  static long create() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(Libc.STATE);
      return Libc.outcome((int) EPOLL_CREATE1.invokeExact(state, EPOLL_CLOEXEC), state);
    } catch (Throwable t) {
      throw Libc.misbound("epoll_create1", t);
    }
  }

  /// Adds a descriptor to a set.
  static long add(int set, int fd) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(Libc.STATE);
      MemorySegment event = arena.allocate(EVENT_BYTES, 8);
      event.set(JAVA_INT, 0, EPOLLIN);
      return Libc.outcome((int) EPOLL_CTL.invokeExact(state, set, EPOLL_CTL_ADD, fd, event), state);
    } catch (Throwable t) {
      throw Libc.misbound("epoll_ctl", t);
    }
  }
}
