package dev.sluice.plugins.terminalauth;

import dev.sluice.plugin.StateTable;
import dev.sluice.plugin.TableShape;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The TCP connections of one WorkThread: views of the records of a table that outlives this
/// version of the bundle. They are made at start-up, and used again and again. One thread's;
/// nothing is allocated after the constructor.
final class ConnectionTable {
  private static final int ROOM_SEARCH_LIMIT = 64;
  private static final int KEY_LONGS = 5;
  private static final int PORT_BITS = 16;

  private final StateTable table;
  private final long[] words = new long[KEY_LONGS];
  private TcpConnection[] views;
  private int cursor;

  ConnectionTable(StateTable table) {
    this.table = table;
    views = new TcpConnection[0];
    makeViews(table.capacity());
  }

  /// @param maxConnections 1 to 2^20
  static TableShape shape(int maxConnections) {
    return new TableShape(
        "connections", ConnectionRecord.SCHEMA, KEY_LONGS, ConnectionRecord.BYTES, maxConnections);
  }

  private void makeViews(int count) {
    int known = views.length;
    views = Arrays.copyOf(views, count);
    for (int entry = known; entry < count; entry++) {
      // An entry's memory is there once the table has grown to it.
      views[entry] = new TcpConnection(entry, table);
    }
  }

  /// Connections in the table.
  int count() {
    return table.count();
  }

  /// Places that a whole sweep visits.
  int size() {
    return table.capacity();
  }

  /// The connection with this key, or null.
  @Nullable TcpConnection find(FlowKey key) {
    int entry = table.find(wordsOf(key));
    return entry == StateTable.NONE ? null : view(entry);
  }

  /// Adds a connection with nothing known but its key, which must not be in the table.
  ///
  /// @return null if the table is full
  @Nullable TcpConnection add(FlowKey key) {
    int entry = table.add(wordsOf(key));
    return entry == StateTable.NONE ? null : view(entry);
  }

  private long[] wordsOf(FlowKey key) {
    words[0] = key.terminalHigh;
    words[1] = key.terminalLow;
    words[2] = key.masterHigh;
    words[3] = key.masterLow;
    words[4] = (long) key.terminalPort << PORT_BITS | key.masterPort;
    return words;
  }

  /// The view of an entry. Another version of the bundle may have put another connection there
  /// since this one looked, or may have had the table grow.
  private TcpConnection view(int entry) {
    if (entry >= views.length) {
      makeViews(table.capacity());
    }
    TcpConnection view = views[entry];
    long uses = table.uses(entry);
    if (view.uses != uses) {
      FlowKey key = view.key();
      key.terminalHigh = table.key(entry, 0);
      key.terminalLow = table.key(entry, 1);
      key.masterHigh = table.key(entry, 2);
      key.masterLow = table.key(entry, 3);
      key.terminalPort = (int) (table.key(entry, 4) >>> PORT_BITS);
      key.masterPort = (int) table.key(entry, 4) & 0xffff;
      view.look(uses);
    }
    return view;
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
    int visited = cursor;
    cursor = visited + 1 < table.capacity() ? visited + 1 : 0;
    return table.holds(visited) ? view(visited) : null;
  }

  /// Removes a connection that is in the table.
  void remove(TcpConnection connection) {
    table.remove(connection.entry);
  }
}
