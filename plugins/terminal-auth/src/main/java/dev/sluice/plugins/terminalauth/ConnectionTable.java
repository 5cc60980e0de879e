package dev.sluice.plugins.terminalauth;

import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/// The TCP connections of one WorkThread: a hash table with open addressing over entries that are
/// made at start-up and used again and again. One thread's; nothing is allocated after the
/// constructor.
///
/// The hash is seeded, so nobody outside can choose ports that collide. At most half of the places
/// are taken, so a search ends soon.
final class ConnectionTable {
  private static final int ROOM_SEARCH_LIMIT = 64;

  private final @Nullable TcpConnection[] places;
  private final TcpConnection[] free;
  private final int mask;
  private final long seed = new SplittableRandom().nextLong();
  private int freeCount;
  private int cursor;

  /// @param maxConnections 1 to 2^20
  ConnectionTable(int maxConnections) {
    int size = Integer.highestOneBit(maxConnections) << 2;
    places = new @Nullable TcpConnection[size];
    mask = size - 1;
    free = new TcpConnection[maxConnections];
    for (int i = 0; i < maxConnections; i++) {
      free[i] = new TcpConnection();
    }
    freeCount = maxConnections;
  }

  /// Connections in the table.
  int count() {
    return free.length - freeCount;
  }

  /// Places that a whole sweep visits.
  int size() {
    return places.length;
  }

  /// The connection with this key, or null.
  @Nullable TcpConnection find(FlowKey key) {
    for (int i = hash(key) & mask; ; i = next(i)) {
      TcpConnection found = places[i];
      if (found == null || found.hasKey(key)) {
        return found;
      }
    }
  }

  /// Adds a connection, with its key set and all else as the last one left it; the key must not be
  /// in the table.
  ///
  /// @return null if the table is full
  @Nullable TcpConnection add(FlowKey key) {
    if (freeCount == 0) {
      return null;
    }
    TcpConnection added = free[--freeCount];
    added.setKey(key, hash(key));
    int i = home(added);
    while (places[i] != null) {
      i = next(i);
    }
    places[i] = added;
    return added;
  }

  /// Some connection that is over, or null if a short search finds none: its entry may be removed
  /// when the table is full.
  @Nullable TcpConnection findOver() {
    for (int i = 0; i < ROOM_SEARCH_LIMIT; i++) {
      TcpConnection found = visitNext();
      if (found != null && found.isOver()) {
        return found;
      }
    }
    return null;
  }

  /// The connection at the next place of an endless round, or null if that place is empty.
  @Nullable TcpConnection visitNext() {
    TcpConnection found = places[cursor];
    cursor = next(cursor);
    return found;
  }

  /// Has the next visit be of the same place again: a removal may have filled it with another.
  void visitAgain() {
    cursor = cursor - 1 & mask;
  }

  /// Removes a connection that is in the table, and moves back those that its place had pushed on,
  /// so that no search meets a gap.
  void remove(TcpConnection connection) {
    int gap = home(connection);
    while (places[gap] != connection) {
      gap = next(gap);
    }
    for (int i = next(gap); ; i = next(i)) {
      TcpConnection moved = places[i];
      if (moved == null) {
        break;
      }
      // It may move back only if its home does not lie between the gap and its place.
      if ((i - home(moved) & mask) >= (i - gap & mask)) {
        places[gap] = moved;
        gap = i;
      }
    }
    places[gap] = null;
    connection.free();
    free[freeCount++] = connection;
  }

  private int next(int i) {
    return i + 1 & mask;
  }

  private int hash(FlowKey key) {
    return (int) key.hash(seed);
  }

  private int home(TcpConnection connection) {
    return connection.hash & mask;
  }
}
