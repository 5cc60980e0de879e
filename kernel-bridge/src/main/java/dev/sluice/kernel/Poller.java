package dev.sluice.kernel;

import static dev.sluice.kernel.PollCalls.STRUCT_POLLFD;
import static dev.sluice.kernel.PollCalls.STRUCT_TIMESPEC;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/// Waits for frames on several devices at once. One thread waits, and any other can end its wait;
/// it may be made and closed by another.
public final class Poller implements AutoCloseable {
  private static final long FD_BYTES = STRUCT_POLLFD.byteSize();
  private static final long EVENTS = IfPacket.offset(STRUCT_POLLFD, "events");
  private static final long REVENTS = IfPacket.offset(STRUCT_POLLFD, "revents");

  private final Arena arena = Arena.ofShared();
  private final MemorySegment timeout = arena.allocate(STRUCT_TIMESPEC);
  private final MemorySegment one = arena.allocateFrom(JAVA_LONG, 1);
  private final MemorySegment taken = arena.allocate(JAVA_LONG);
  private final MemorySegment fds;

  /// Descriptors of devices; the one that [#wake] writes to stands behind them.
  private final int count;

  private final int wakeFd;

  /// Held while the descriptor of [#wake] is written to or closed: its number is soon another's.
  private final Object waking = new Object();

  private boolean closed;

  /// A poller over those of `devices` that have a descriptor; it must not outlive them.
  ///
  /// @throws KernelException if the kernel has no descriptor to spare
  public Poller(List<? extends FrameDevice> devices) throws KernelException {
    wakeFd = (int) Errno.require(EventCalls.open(), "Making an event descriptor");
    int[] open = devices.stream().mapToInt(FrameDevice::receiveFd).filter(fd -> fd >= 0).toArray();
    this.count = open.length;
    this.fds = arena.allocate(STRUCT_POLLFD, count + 1L);
    for (int i = 0; i <= count; i++) {
      fds.set(JAVA_INT, i * FD_BYTES, i < count ? open[i] : wakeFd);
      fds.set(JAVA_SHORT, i * FD_BYTES + EVENTS, (short) PollCalls.POLLIN);
    }
  }

  /// Waits until frames have arrived, [#wake] was called since the last wait, or the time is over;
  /// a signal or a link that went down may end it sooner. Frames of devices without a descriptor
  /// are not seen. Allocates nothing as long as links stay as they are.
  ///
  /// @param timeoutNanos how long at most; 0 or less only looks
  /// @return whether frames have arrived
  public boolean await(long timeoutNanos) {
    long nanos = Math.max(0, timeoutNanos);
    timeout.set(JAVA_LONG, 0, nanos / 1_000_000_000);
    timeout.set(JAVA_LONG, 8, nanos % 1_000_000_000);
    if (PollCalls.ppoll(fds.address(), count + 1L, timeout.address()) <= 0) {
      return false;
    }
    if (fds.get(JAVA_SHORT, count * FD_BYTES + REVENTS) != 0) {
      EventCalls.take(wakeFd, taken.address());
    }
    boolean readable = false;
    for (int i = 0; i < count; i++) {
      int events = fds.get(JAVA_SHORT, i * FD_BYTES + REVENTS);
      readable |= (events & PollCalls.POLLIN) != 0;
      if ((events & ~PollCalls.POLLIN) != 0) {
        settle(i, events);
      }
    }
    return readable;
  }

  /// Ends the wait of the thread that waits, or else its next one. For any thread; allocates
  /// nothing, and does nothing once this is closed.
  public void wake() {
    synchronized (waking) {
      if (!closed) {
        EventCalls.add(wakeFd, one.address());
      }
    }
  }

  /// Sees to it that one descriptor's error does not end every wait to come.
  private void settle(int i, int events) {
    if ((events & PollCalls.POLLNVAL) != 0) {
      fds.set(JAVA_INT, i * FD_BYTES, -1); // closed under us: poll(2) passes over a negative one
    } else {
      SocketCalls.takeError(fds.get(JAVA_INT, i * FD_BYTES));
    }
  }

  /// Idempotent. Not while a thread waits.
  @Override
  public void close() {
    synchronized (waking) {
      if (!closed) {
        closed = true;
        FileCalls.close(wakeFd);
        arena.close();
      }
    }
  }
}
