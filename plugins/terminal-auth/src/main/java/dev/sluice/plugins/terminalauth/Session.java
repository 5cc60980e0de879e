package dev.sluice.plugins.terminalauth;

/// An authenticated terminal. Published by [Admission]; the gate reads it on every WorkThread.
///
/// A session ends once, and for good: a terminal that comes back gets another number. What may
/// change is in a [TerminalRecord], so that all versions of the bundle see the same: an object of
/// this class is one version's view of it.
final class Session {
  /// So long may a packet have passed and [#lastTrafficNanos] not say so.
  static final long TRAFFIC_GRAIN_NANOS = 250_000_000;

  private final long id;
  private final Terminal terminal;
  private final Binding binding;
  private final TerminalRecord record;
  private final ConnectionCount connections;
  private final Mismatches mismatches;

  /// A session that begins, and nobody but the holder of this object knows of.
  Session(long id, Terminal terminal, Binding binding, long nowNanos) {
    this(id, terminal, binding, TerminalRecord.ofItsOwn());
    record.begin(id, binding, nowNanos);
  }

  /// A view of a session that has begun.
  ///
  /// @param record may come to hold another session, which this view then does not touch
  Session(long id, Terminal terminal, Binding binding, TerminalRecord record) {
    this.id = id;
    this.terminal = terminal;
    this.binding = binding;
    this.record = record;
    this.connections = new ConnectionCount(record, id);
    this.mismatches = new Mismatches(record);
  }

  /// Number of this session, unique while the gateway runs, and not 0.
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
    return record.sessionId() == id;
  }

  /// Ends it; the gate cuts its connections at the next tick. The caller has [Admission#revision]
  /// grow next, or the gate does not notice.
  void end() {
    record.end(id);
  }

  /// TCP connections that the WorkThreads track for it.
  ConnectionCount connections() {
    return connections;
  }

  /// Packets from the session's address that came another way than bound. The gate counts;
  /// admission reads the sum once a second, reports it, and ends the session if it is past the
  /// limit.
  Mismatches mismatches() {
    return mismatches;
  }

  /// Says that a packet passed, for the idle limit. [System#nanoTime]; called at most every
  /// [#TRAFFIC_GRAIN_NANOS] for each connection.
  void traffic(long nowNanos) {
    record.traffic(nowNanos);
  }

  long lastTrafficNanos() {
    return record.lastTrafficNanos();
  }

  /// What several WorkThreads count together.
  record Mismatches(TerminalRecord of) {
    void increment() {
      of.addMismatches(1);
    }

    void add(long packets) {
      of.addMismatches(packets);
    }

    long sum() {
      return of.mismatches();
    }
  }

  /// How many connections a session has. When it has ended, its number counts nothing any more.
  record ConnectionCount(TerminalRecord of, long id) {
    int get() {
      return of.connections(id);
    }

    /// Takes up one more, unless there are so many.
    boolean add(int most) {
      return of.addConnection(id, most);
    }

    void remove() {
      of.removeConnection(id);
    }
  }
}
