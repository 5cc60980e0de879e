package dev.sluice.kernel;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The sockets of one interface: one for each queue that it receives from.
final class XdpSockets implements AutoCloseable {
  private static final int NONE = -1;

  private final Umem umem;
  private final List<XdpSocket> all = new ArrayList<>();

  /// An epoll(7) set over more than one socket, or `NONE`.
  private int set = NONE;

  private XdpSockets(Umem umem) {
    this.umem = umem;
  }

  /// Binds to the queue that the options name, or to all.
  ///
  /// @throws KernelException if the kernel refuses one; those bound before are closed
  static XdpSockets open(ControlSocket port, XdpOptions options, FramePool pool)
      throws KernelException {
    Channels channels = Channels.of(port);
    int first = Math.max(0, options.queue());
    int end = options.queue() < 0 ? channels.receive() : first + 1;
    if (channels.receive() < end || channels.transmit() <= first) {
      throw new KernelException(
          port.name()
              + " has no queue "
              + first
              + " to receive from and to send by: it has "
              + channels.receive()
              + " for receiving and "
              + channels.transmit()
              + " for sending, counted from 0.");
    }
    XdpSockets sockets = new XdpSockets(pool.umem());
    try {
      for (int queue = first; queue < end; queue++) {
        sockets.all.add(sockets.umem.open(port, queue, options));
      }
      sockets.waitOnAll();
      return sockets;
    } catch (KernelException e) {
      sockets.close();
      throw e;
    }
  }

  List<XdpSocket> all() {
    return List.copyOf(all);
  }

  /// One more than the highest queue.
  int endQueue() {
    return all.getLast().queue() + 1;
  }

  /// Whether no frame is copied, on any queue.
  boolean zeroCopy() {
    return all.stream().allMatch(XdpSocket::zeroCopy);
  }

  /// A descriptor that is readable when frames wait on one of the sockets.
  int receiveFd() {
    return set == NONE ? all.getFirst().fd() : set;
  }

  /// `queue 0` or `queues 0..3`.
  String queues() {
    int first = all.getFirst().queue();
    return all.size() == 1 ? "queue " + first : "queues " + first + ".." + (endQueue() - 1);
  }

  /// What the kernel counted, by its own names, over all queues.
  Map<String, Long> statistics() {
    Map<String, Long> sums = new LinkedHashMap<>();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment one = arena.allocate(IfXdp.STRUCT_XDP_STATISTICS);
      for (XdpSocket socket : all) {
        one.fill((byte) 0);
        socket.statistics(one);
        for (MemoryLayout member : IfXdp.STRUCT_XDP_STATISTICS.memberLayouts()) {
          String name = member.name().orElseThrow();
          long count = one.get(JAVA_LONG, IfPacket.offset(IfXdp.STRUCT_XDP_STATISTICS, name));
          sums.merge(name, count, Long::sum);
        }
      }
    }
    return sums;
  }

  /// To be called once, after the program that uses them was detached.
  @Override
  public void close() {
    if (set != NONE) {
      FileCalls.close(set);
    }
    all.forEach(umem::close);
  }

  private void waitOnAll() throws KernelException {
    if (all.size() > 1) {
      set = (int) Errno.require(EpollCalls.create(), "Making an epoll set");
      for (XdpSocket socket : all) {
        Errno.require(EpollCalls.add(set, socket.fd()), "Adding a socket to an epoll set");
      }
    }
  }
}
