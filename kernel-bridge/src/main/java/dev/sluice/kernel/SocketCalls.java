package dev.sluice.kernel;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/// The socket family of system calls. Each answers as [Libc#outcome] says; only [#kick] and [#pull]
/// are made for the packet path, the others allocate.
final class SocketCalls {
  /// `int socket(int domain, int type, int protocol)`, socket(2).
  private static final MethodHandle SOCKET =
      Libc.bind("socket", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));

  /// `int setsockopt(int fd, int level, int name, const void *value, socklen_t bytes)`.
  private static final MethodHandle SETSOCKOPT =
      Libc.bind(
          "setsockopt",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));

  /// `int getsockopt(int fd, int level, int name, void *value, socklen_t *bytes)`.
  private static final MethodHandle GETSOCKOPT =
      Libc.bind(
          "getsockopt",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS));

  /// `int bind(int fd, const struct sockaddr *address, socklen_t bytes)`, bind(2).
  private static final MethodHandle BIND =
      Libc.bind("bind", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));

  /// `ssize_t send(int fd, const void *data, size_t bytes, int flags)`, send(2).
  private static final MethodHandle SEND =
      Libc.bind("send", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));

  /// `ssize_t recv(int fd, void *data, size_t bytes, int flags)`, recv(2).
  private static final MethodHandle RECV =
      Libc.bind("recv", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));

  /// `ssize_t sendto(int fd, const void *data, size_t bytes, int flags, const struct sockaddr *to,
  /// socklen_t to_bytes)`; the addresses are numbers here, for they are always NULL.
  private static final FunctionDescriptor SENDTO_DESCRIPTOR =
      FunctionDescriptor.of(
          JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT);

  private static final MethodHandle SENDTO = Libc.bind("sendto", SENDTO_DESCRIPTOR);
  private static final MethodHandle SENDTO_BARE = Libc.bindBare("sendto", SENDTO_DESCRIPTOR);

  /// `ssize_t recvfrom(int fd, void *data, size_t bytes, int flags, struct sockaddr *from,
  /// socklen_t *from_bytes)`; the addresses are numbers here, for they are always NULL.
  private static final MethodHandle RECVFROM_BARE =
      Libc.bindBare(
          "recvfrom",
          FunctionDescriptor.of(
              JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG));

  private SocketCalls() {}

  static long socket(int domain, int type, int protocol) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(Libc.STATE);
      return Libc.outcome((int) SOCKET.invokeExact(state, domain, type, protocol), state);
    } catch (Throwable t) {
      throw Libc.misbound("socket", t);
    }
  }

  /// Sets one option of a socket to the whole of `value`.
  static long setsockopt(int fd, int level, int name, MemorySegment value) {
    int bytes = Math.toIntExact(value.byteSize());
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(Libc.STATE);
      return Libc.outcome(
          (int) SETSOCKOPT.invokeExact(state, fd, level, name, value, bytes), state);
    } catch (Throwable t) {
      throw Libc.misbound("setsockopt", t);
    }
  }

  /// Sets one option of a socket to an `int`.
  static long setsockopt(int fd, int level, int name, int value) {
    try (Arena arena = Arena.ofConfined()) {
      return setsockopt(fd, level, name, arena.allocateFrom(JAVA_INT, value));
    }
  }

  /// Reads one option of a socket into the whole of `value`.
  static long getsockopt(int fd, int level, int name, MemorySegment value) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(Libc.STATE);
      MemorySegment bytes = arena.allocateFrom(JAVA_INT, Math.toIntExact(value.byteSize()));
      return Libc.outcome(
          (int) GETSOCKOPT.invokeExact(state, fd, level, name, value, bytes), state);
    } catch (Throwable t) {
      throw Libc.misbound("getsockopt", t);
    }
  }

  static long bind(int fd, MemorySegment address) {
    int bytes = Math.toIntExact(address.byteSize());
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(Libc.STATE);
      return Libc.outcome((int) BIND.invokeExact(state, fd, address, bytes), state);
    } catch (Throwable t) {
      throw Libc.misbound("bind", t);
    }
  }

  /// Sends `bytes` from the start of `data` as one message.
  static long send(int fd, MemorySegment data, long bytes) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(Libc.STATE);
      return Libc.outcome((long) SEND.invokeExact(state, fd, data, bytes, 0), state);
    } catch (Throwable t) {
      throw Libc.misbound("send", t);
    }
  }

  /// Receives one message; waits for it.
  ///
  /// @return its bytes
  static long recv(int fd, MemorySegment into) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(Libc.STATE);
      return Libc.outcome((long) RECV.invokeExact(state, fd, into, into.byteSize(), 0), state);
    } catch (Throwable t) {
      throw Libc.misbound("recv", t);
    }
  }

  /// Tells a packet or AF_XDP socket to transmit what its ring holds, without waiting. Allocates
  /// nothing while the kernel takes the frames.
  ///
  /// @param state segment of layout [Libc#STATE], used by this thread alone
  static long kick(int fd, MemorySegment state) {
    try {
      long sent = (long) SENDTO_BARE.invokeExact(fd, 0L, 0L, Socket.MSG_DONTWAIT, 0L, 0);
      return sent >= 0 ? sent : kickAgain(fd, state);
    } catch (Throwable t) {
      throw Libc.misbound("sendto", t);
    }
  }

  /// Tells an AF_XDP socket to receive, without waiting: it has new chunks to receive into, or its
  /// queue is to be polled. Whatever comes of it shows in the ring. Allocates nothing.
  static void pull(int fd) {
    try {
      long _ = (long) RECVFROM_BARE.invokeExact(fd, 0L, 0L, Socket.MSG_DONTWAIT, 0L, 0L);
    } catch (Throwable t) {
      throw Libc.misbound("recvfrom", t);
    }
  }

  /// Finds out why the kernel would not: the same request has the same answer, or better.
  private static long kickAgain(int fd, MemorySegment state) throws Throwable {
    return Libc.outcome(
        (long) SENDTO.invokeExact(state, fd, 0L, 0L, Socket.MSG_DONTWAIT, 0L, 0), state);
  }

  /// Takes the error that waits on a socket, so that it no longer makes the socket ready.
  static void takeError(int fd) {
    try (Arena arena = Arena.ofConfined()) {
      getsockopt(fd, Socket.SOL_SOCKET, Socket.SO_ERROR, arena.allocate(JAVA_INT));
    }
  }
}
