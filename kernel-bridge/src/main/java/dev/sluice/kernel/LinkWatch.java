package dev.sluice.kernel;

import java.util.concurrent.atomic.AtomicBoolean;

/// The state of an interface, asked of the kernel a few times a second at most. Any thread.
final class LinkWatch {
  private static final long PERIOD_NANOS = 50_000_000;

  private final ControlSocket control;
  private final AtomicBoolean asking = new AtomicBoolean();
  private volatile LinkState state = LinkState.UP;
  private volatile long askedAt;

  /// A watch that has asked once.
  LinkWatch(ControlSocket control) {
    this.control = control;
    refresh();
  }

  /// The state, at most 50 ms old while somebody asks. Allocates nothing.
  LinkState state() {
    return System.nanoTime() - askedAt >= PERIOD_NANOS ? refresh() : state;
  }

  /// Asks now, unless another thread is asking.
  LinkState refresh() {
    if (state != LinkState.GONE && asking.compareAndSet(false, true)) {
      state = ask();
      askedAt = System.nanoTime();
      asking.set(false);
    }
    return state;
  }

  /// Waits until nobody is asking, and then lets nobody ask any more, so that the socket can be
  /// closed: the interface is gone as far as the device is concerned. To be called once.
  void close() {
    while (!asking.compareAndSet(false, true)) {
      Thread.onSpinWait(); // one system call at most
    }
    state = LinkState.GONE;
  }

  private LinkState ask() {
    int flags = control.flags();
    if (flags < 0) {
      return LinkState.GONE;
    }
    int working = If.IFF_UP | If.IFF_RUNNING;
    return (flags & working) == working ? LinkState.UP : LinkState.NO_CARRIER;
  }
}
