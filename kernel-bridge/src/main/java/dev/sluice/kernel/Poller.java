package dev.sluice.kernel;

import static dev.sluice.kernel.PollCalls.STRUCT_POLLFD;
import static dev.sluice.kernel.PollCalls.STRUCT_TIMESPEC;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/// Waits for frames on several devices at once. One thread waits; it may be made and closed by
/// another.
public final class Poller implements AutoCloseable {
  private static final long FD_BYTES = STRUCT_POLLFD.byteSize();
  private static final long EVENTS = IfPacket.offset(STRUCT_POLLFD, "events");
  private static final long REVENTS = IfPacket.offset(STRUCT_POLLFD, "revents");

  private final Arena arena = Arena.ofShared();
  private final MemorySegment timeout = arena.allocate(STRUCT_TIMESPEC);
  private final AtomicBoolean closed = new AtomicBoolean();
  private final MemorySegment fds;
  private final int count;

  /// A poller over those of `devices` that have a descriptor; it must not outlive them.
  public Poller(List<? extends FrameDevice> devices) {
    int[] open = devices.stream().mapToInt(FrameDevice::receiveFd).filter(fd -> fd >= 0).toArray();
    this.count = open.length;
    this.fds = arena.allocate(STRUCT_POLLFD, Math.max(1, count));
    for (int i = 0; i < count; i++) {
      fds.set(JAVA_INT, i * FD_BYTES, open[i]);
      fds.set(JAVA_SHORT, i * FD_BYTES + EVENTS, (short) PollCalls.POLLIN);
    }
  }

  /// Waits until frames have arrived or the time is over; a signal or a link that went down may end
  /// it sooner. Devices without a descriptor are not seen: it then waits out the time. Allocates
  /// nothing as long as links stay as they are.
  ///
  /// @param timeoutNanos how long at most; 0 or less only looks
  /// @return whether frames have arrived
  public boolean await(long timeoutNanos) {
    long nanos = Math.max(0, timeoutNanos);
    timeout.set(JAVA_LONG, 0, nanos / 1_000_000_000);
    timeout.set(JAVA_LONG, 8, nanos % 1_000_000_000);
    if (PollCalls.ppoll(fds.address(), count, timeout.address()) <= 0) {
      return false;
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
    if (closed.compareAndSet(false, true)) {
      arena.close();
    }
  }
}
