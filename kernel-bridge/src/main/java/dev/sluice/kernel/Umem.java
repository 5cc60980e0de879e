package dev.sluice.kernel;

import java.util.ArrayList;
import java.util.List;

/// The area of a [FramePool] as AF_XDP sockets share it, a `umem` in the kernel's words: the first
/// socket registers it and says whether frames are copied; each later one, whichever interface it
/// is for, joins one that is bound and takes over what that said.
final class Umem {
  private static final long PATIENCE_NANOS = 500_000_000;
  private static final long PAUSE_MILLIS = 10;

  private final FramePool pool;
  private final List<XdpSocket> bound = new ArrayList<>();

  private volatile int count;

  Umem(FramePool pool) {
    this.pool = pool;
  }

  /// Opens a socket for one queue of an interface, and keeps it as one that others can join.
  ///
  /// A process that was killed a moment ago may still hold the queue, so a busy one is tried again
  /// for half a second.
  ///
  /// @throws KernelException if the kernel refuses, with its errno
  synchronized XdpSocket open(ControlSocket port, int queue, XdpOptions options)
      throws KernelException {
    XdpSocket socket = new XdpSocket(port.name(), port.index(), queue, options);
    try {
      socket.makeRings();
      long outcome = bindPatiently(socket, options);
      if (outcome < 0) {
        throw refused(socket, options, (int) -outcome);
      }
    } catch (KernelException e) {
      socket.close();
      throw e;
    }
    bound.add(socket);
    count = bound.size();
    return socket;
  }

  /// Closes a socket; others that joined it are not touched.
  synchronized void close(XdpSocket socket) {
    bound.remove(socket);
    count = bound.size();
    socket.close();
  }

  /// Sockets that share the area now. Any thread, at no cost.
  int sockets() {
    return count;
  }

  private long bindPatiently(XdpSocket socket, XdpOptions options) throws KernelException {
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    long outcome = bind(socket, options);
    while (outcome == -Errno.EBUSY && System.nanoTime() < deadline) {
      try {
        Thread.sleep(PAUSE_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new KernelException("Opening an AF_XDP socket was interrupted.");
      }
      outcome = bind(socket, options);
    }
    return outcome;
  }

  private long bind(XdpSocket socket, XdpOptions options) throws KernelException {
    for (XdpSocket each : bound) {
      long outcome = socket.bind(IfXdp.XDP_SHARED_UMEM, each.fd());
      if (outcome != -Errno.EBADF) { // that one's interface was removed, and the kernel unbound it
        return outcome;
      }
    }
    socket.register(pool);
    return socket.bind(flags(options), 0);
  }

  /// Behind the driver there is nothing to share the driver's rings with.
  private static int flags(XdpOptions options) {
    int copy =
        switch (options.copy()) {
          case ZERO_COPY -> IfXdp.XDP_ZEROCOPY;
          case COPY -> IfXdp.XDP_COPY;
          case BEST -> options.mode() == XdpOptions.Mode.GENERIC ? IfXdp.XDP_COPY : 0;
        };
    return copy | (options.needWakeup() ? IfXdp.XDP_USE_NEED_WAKEUP : 0);
  }

  private KernelException refused(XdpSocket socket, XdpOptions options, int errno) {
    String what = "Binding AF_XDP to queue " + socket.queue() + " of " + socket.interfaceName();
    boolean shared = !bound.isEmpty() && bound.getFirst().zeroCopy();
    String remedy =
        switch (errno) {
          case Errno.EBUSY -> ": another AF_XDP program holds that queue: stop it first.";
          case Errno.EINVAL -> ": it has no such queue: `ethtool -l IF` lists them.";
          case Errno.EOPNOTSUPP ->
              shared
                  ? ": its driver cannot share frames without copying them, and a port opened"
                      + " before does: have them copied on all ports."
                  : options.copy() == XdpOptions.Copy.ZERO_COPY
                      ? ": its driver cannot share frames without copying them."
                      : ": its driver cannot do it.";
          case Errno.ENETDOWN -> ": it is down: bring it up with `ip link set IF up`.";
          default -> "";
        };
    return new KernelException(
        what
            + " failed: "
            + Errno.name(errno)
            + remedy.replace(" IF", " " + socket.interfaceName()),
        errno);
  }
}
