package dev.sluice.plugins.iec104guard;

import dev.sluice.plugin.StateTable;
import dev.sluice.plugin.TableShape;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The flows of one WorkThread: views of the records of a table that outlives this version of the
/// bundle. They are made at start-up; an entry is used again for another flow when its own has been
/// silent. One thread's; nothing is allocated after the constructor, unless another version has had
/// the table grow: then a view of an entry is made when it is first met.
final class FlowTable {
  /// Entries, two for each connection.
  static final int MAX_FLOWS = 8192;

  static final TableShape SHAPE = new TableShape("flows", 1, 5, Flow.BYTES, MAX_FLOWS);

  private static final long SECOND_NANOS = 1_000_000_000L;

  /// A live connection tests itself when it was idle for 20 s (IEC 60870-5-104, clause 9.6, t3).
  static final long IDLE_NANOS = 600 * SECOND_NANOS;

  private static final long CLOSING_NANOS = 60 * SECOND_NANOS;

  /// Entries that are looked at for a silent one, when the table is full.
  private static final int ROOM_SEARCH_LIMIT = 16;

  private final StateTable table;
  private Flow[] views;
  private final long[] words = new long[SHAPE.keyLongs()];
  private int cursor;

  FlowTable(StateTable table) {
    this.table = table;
    views = new Flow[table.capacity()];
    for (int entry = 0; entry < views.length; entry++) {
      views[entry] = new Flow(table, entry);
    }
  }

  /// The flow with this key, or null if it is not followed.
  @Nullable Flow find(FlowKey key) {
    // However silent it was: what stands in the middle of an APDU must not be forgotten lightly.
    int entry = table.find(wordsOf(key));
    return entry == StateTable.NONE ? null : view(entry);
  }

  /// Takes an entry for this key, which must not be in the table; if there is none, that of some
  /// silent flow. It counts as silent itself, until a segment passes.
  ///
  /// @return null if no entry was found
  @Nullable Flow add(FlowKey key, long nowNanos) {
    int entry = table.add(wordsOf(key));
    if (entry == StateTable.NONE && removeSilent(nowNanos)) {
      entry = table.add(wordsOf(key));
    }
    if (entry == StateTable.NONE) {
      return null;
    }
    Flow added = view(entry);
    added.setLastNanos(nowNanos - IDLE_NANOS - 1);
    return added;
  }

  private Flow view(int entry) {
    int known = views.length;
    if (entry >= known) {
      views = Arrays.copyOf(views, entry + 1);
      for (int i = known; i <= entry; i++) {
        views[i] = new Flow(table, i);
      }
    }
    return views[entry];
  }

  private boolean removeSilent(long nowNanos) {
    for (int i = 0; i < ROOM_SEARCH_LIMIT; i++) {
      int visited = cursor;
      cursor = visited + 1 < views.length ? visited + 1 : 0;
      if (table.holds(visited) && isSilent(views[visited], nowNanos)) {
        table.remove(visited);
        return true;
      }
    }
    return false;
  }

  private static boolean isSilent(Flow flow, long nowNanos) {
    return nowNanos - flow.lastNanos() > (flow.closing() ? CLOSING_NANOS : IDLE_NANOS);
  }

  private long[] wordsOf(FlowKey key) {
    words[0] = key.sourceHigh;
    words[1] = key.sourceLow;
    words[2] = key.destHigh;
    words[3] = key.destLow;
    words[4] = key.ports;
    return words;
  }
}
