package dev.sluice.plugins.terminalauth;

import java.util.function.Consumer;

/// Which connections are visited when: a few each tick, as a routine, or many, after a session has
/// ended. One WorkThread's; allocates nothing.
final class ConnectionRounds {
  /// Ticks of a round over a table of usual size, in which nothing but times run out: a second. A
  /// visit may have to wait for memory that nobody has used for that long.
  private static final int ROUTINE_TICKS = 100;

  private static final int LEAST_VISITS = 16;
  private static final int MOST_VISITS = 512;

  /// Of one tick, while a whole round is made.
  static final int URGENT_VISITS = 16_384;

  private static final int NO_ROUND = -1;

  private final ConnectionTable table;

  /// The next entry of a whole round, or [#NO_ROUND]. It ends behind the last entry that there is
  /// by then, so that it misses nothing while the table fills.
  private int next = NO_ROUND;

  /// Whether a whole round is to be begun when none is under way.
  private boolean wanted;

  ConnectionRounds(ConnectionTable table) {
    this.table = table;
  }

  /// Has each connection that there is now be visited soon.
  void visitAll() {
    wanted = true;
  }

  /// The visits of one tick.
  ///
  /// @param visitor may remove what it is given
  /// @return whether no whole round is in its midst now
  boolean tick(Consumer<TcpConnection> visitor) {
    if (next == NO_ROUND && wanted) {
      wanted = false;
      next = 0;
    }
    if (next == NO_ROUND) {
      visitSome(visitor);
    } else {
      goOn(next, visitor);
    }
    return next == NO_ROUND;
  }

  private void visitSome(Consumer<TcpConnection> visitor) {
    int visits = Math.clamp(table.size() / ROUTINE_TICKS, LEAST_VISITS, MOST_VISITS);
    for (int i = Math.min(visits, table.size()); i > 0; i--) {
      TcpConnection visited = table.visitNext();
      if (visited != null) {
        visitor.accept(visited);
      }
    }
  }

  private void goOn(int from, Consumer<TcpConnection> visitor) {
    int to = Math.min(from + URGENT_VISITS, table.size());
    for (int entry = from; entry < to; entry++) {
      TcpConnection visited = table.at(entry);
      if (visited != null) {
        visitor.accept(visited);
      }
    }
    next = to < table.size() ? to : NO_ROUND;
  }
}
