package dev.sluice.plugins.terminalauth;

import dev.sluice.plugin.StateTable;
import dev.sluice.plugin.TableShape;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/// The TCP connections of one WorkThread: views of the records of a table that outlives this
/// version of the bundle. They are made at start-up, and used again and again. One thread's;
/// nothing is allocated after the constructor, unless another version has had the table grow: then
/// a view of an entry is made when it is first met.
///
/// Views that were found are remembered by their keys, so that the next packet of a connection
/// costs no search. What is remembered may be out of date, as another version of the bundle may
/// remove connections too: it counts only while [StateTable#uses] says that the entry is the same.
final class ConnectionTable {
  private static final int ROOM_SEARCH_LIMIT = 64;
  private static final int KEY_LONGS = 5;

  /// Places that a view may be remembered in, one after the other. Where all of them are taken, one
  /// is forgotten, and its connection searched for again.
  private static final int WAYS = 4;

  /// A power of two.
  private static final int LEAST_PLACES = 1 << 10;

  private final StateTable table;
  private final long[] words = new long[KEY_LONGS];
  private final long[] factors = new SplittableRandom().longs(KEY_LONGS).map(f -> f | 1).toArray();
  private final TcpEndpoint client = new TcpEndpoint();
  private final TcpEndpoint server = new TcpEndpoint();
  private @Nullable TcpConnection[] views;

  /// Places for twice to four times as many as the views at first, and a few for the last ones'
  /// ways.
  private final @Nullable TcpConnection[] remembered;

  /// Places that are in use, a power of two: as long as there are so many, at least twice as many
  /// as there ever were connections, and few besides, so that they are near each other. What was
  /// remembered when there were fewer is searched for once more.
  private int places = LEAST_PLACES;

  /// Has the upper bits of a long be a number of a place.
  private int placeShift = Long.numberOfLeadingZeros(places) + 1;

  private int cursor;
  private int roomCursor;

  ConnectionTable(StateTable table) {
    this.table = table;
    int count = table.capacity();
    views = new @Nullable TcpConnection[count];
    for (int entry = 0; entry < count; entry++) {
      made(entry);
    }
    int most = Math.max(Integer.highestOneBit(count) << 2, LEAST_PLACES);
    remembered = new @Nullable TcpConnection[most + WAYS - 1];
  }

  /// @param maxConnections 1 to 2^20
  static TableShape shape(int maxConnections) {
    return new TableShape(
        "connections", ConnectionRecord.SCHEMA, KEY_LONGS, ConnectionRecord.BYTES, maxConnections);
  }

  private TcpConnection made(int entry) {
    TcpConnection view = new TcpConnection(entry, table, client, server);
    views[entry] = view;
    return view;
  }

  /// Connections in the table.
  int count() {
    return table.count();
  }

  /// Entries that a whole round visits: those that were ever used.
  int size() {
    return table.range();
  }

  /// The connection with this key, or null.
  @Nullable TcpConnection find(FlowKey key) {
    int home = home(key);
    for (int i = home; i < home + WAYS; i++) {
      TcpConnection known = remembered[i];
      if (known == null) {
        break;
      }
      if (known.hasKey(key) && isCurrent(known)) {
        return known;
      }
    }
    return search(key);
  }

  private @Nullable TcpConnection search(FlowKey key) {
    int entry = table.find(wordsOf(key));
    if (entry == StateTable.NONE) {
      return null;
    }
    TcpConnection found = view(entry);
    while (places < 2 * table.count() && places + WAYS <= remembered.length) {
      places *= 2;
      placeShift--;
    }
    remember(found, home(key));
    return found;
  }

  private void remember(TcpConnection found, int home) {
    int place = home;
    for (int i = home; i < home + WAYS; i++) {
      TcpConnection known = remembered[i];
      if (known == null || known == found || known.place != i || !isCurrent(known)) {
        place = i;
        break;
      }
    }
    remembered[place] = found;
    found.place = place;
  }

  /// The upper bits of a sum with secret factors, which spreads keys evenly whoever chooses them;
  /// the products do not wait for each other.
  private int home(FlowKey key) {
    long sum =
        key.terminalHigh * factors[0]
            + key.terminalLow * factors[1]
            + key.masterHigh * factors[2]
            + key.masterLow * factors[3]
            + key.ports() * factors[4];
    return (int) (sum >>> placeShift);
  }

  /// Whether the view still shows the connection that it was made to show. Its record is asked only
  /// if something was removed since it was last asked.
  private boolean isCurrent(TcpConnection known) {
    long removals = table.removals();
    if (known.removals != removals) {
      if (known.uses != table.uses(known.entry)) {
        return false;
      }
      known.removals = removals;
    }
    return true;
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
    words[4] = key.ports();
    return words;
  }

  /// The view of an entry. Another version of the bundle may have put another connection there
  /// since this one looked, or may have had the table grow.
  private TcpConnection view(int entry) {
    if (entry >= views.length) {
      // One view at a time: the packet path must not wait for a million.
      int count = Math.min(table.capacity(), Math.max(entry + 1, 2 * views.length));
      views = Arrays.copyOf(views, count);
    }
    TcpConnection known = views[entry];
    TcpConnection view = known == null ? made(entry) : known;
    long uses = table.uses(entry);
    if (view.uses != uses) {
      view.terminalHigh = table.key(entry, 0);
      view.terminalLow = table.key(entry, 1);
      view.masterHigh = table.key(entry, 2);
      view.masterLow = table.key(entry, 3);
      view.ports = table.key(entry, 4);
      view.look(uses);
      view.removals = table.removals();
    }
    return view;
  }

  /// Some connection that is over, or null if a short search finds none: its entry may be removed
  /// when the table is full.
  @Nullable TcpConnection findOver() {
    for (int i = 0; i < ROOM_SEARCH_LIMIT; i++) {
      TcpConnection found = at(roomCursor);
      roomCursor = behind(roomCursor);
      if (found != null && found.isOver()) {
        return found;
      }
    }
    return null;
  }

  /// The entry behind this one in an endless round.
  private int behind(int entry) {
    return entry + 1 < table.range() ? entry + 1 : 0;
  }

  /// The connection in this entry, or null if it is empty.
  ///
  /// @param entry less than [#size], or 0
  @Nullable TcpConnection at(int entry) {
    return table.holds(entry) ? view(entry) : null;
  }

  /// The connection at the next place of an endless round, or null if that place is empty.
  @Nullable TcpConnection visitNext() {
    int visited = cursor;
    cursor = behind(visited);
    return at(visited);
  }

  /// Removes a connection that is in the table.
  void remove(TcpConnection connection) {
    table.remove(connection.entry);
  }
}
