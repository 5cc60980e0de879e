package dev.sluice.plugins.terminalauth;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/// An authenticated terminal. Published by [Admission]; the gate reads it on every WorkThread.
///
/// A session ends once, and for good: a terminal that comes back gets another object.
final class Session {
  private final long id;
  private final Terminal terminal;
  private final Binding binding;
  private final AtomicInteger connections = new AtomicInteger();
  private final LongAdder mismatches = new LongAdder();

  /// Plain writes would do on one WorkThread; several write it, and any value of theirs is good.
  private volatile long lastTrafficNanos;

  private volatile boolean live = true;

  Session(long id, Terminal terminal, Binding binding, long nowNanos) {
    this.id = id;
    this.terminal = terminal;
    this.binding = binding;
    this.lastTrafficNanos = nowNanos;
  }

  /// Number of this session, unique while the gateway runs.
  long id() {
    return id;
  }

  Terminal terminal() {
    return terminal;
  }

  Binding binding() {
    return binding;
  }

  /// Whether packets may pass. Volatile: what ended the session happened before a false answer.
  boolean live() {
    return live;
  }

  /// Ends it; the gate cuts its connections at the next tick. The caller has [Admission#revision]
  /// grow next, or the gate does not notice.
  void end() {
    live = false;
  }

  /// TCP connections that the WorkThreads track for it; each adds what it opens, up to
  /// `terminal().maxConnections()` together, and subtracts what it forgets.
  AtomicInteger connections() {
    return connections;
  }

  /// Packets from the session's address that came another way than bound. The gate counts;
  /// admission reads the sum once a second, reports it, and ends the session if it is past the
  /// limit.
  LongAdder mismatches() {
    return mismatches;
  }

  /// Says that a packet passed, for the idle limit. [System#nanoTime]; called at most every 10 ms.
  void traffic(long nowNanos) {
    lastTrafficNanos = nowNanos;
  }

  long lastTrafficNanos() {
    return lastTrafficNanos;
  }
}
