package dev.sluice.runtime.state;

import dev.sluice.plugin.EventLog;
import dev.sluice.plugin.EventLog.Severity;
import dev.sluice.plugin.Ownership;
import dev.sluice.plugin.StateTable;
import dev.sluice.plugin.TableShape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// All that the versions of one bundle keep. Guarded by itself; for control threads.
final class BundleState {
  /// Whose tables are shared by all WorkThreads.
  static final int SHARED = -1;

  private final String bundle;
  private final long mostBytes;
  private final EventLog events;
  private final Map<Place, List<Held>> tables = new HashMap<>();
  private final Map<String, Ownership> ownerships = new HashMap<>();

  /// Open objects of the bundle's versions, by WorkThread or [#SHARED].
  private final Map<Integer, Integer> holders = new HashMap<>();

  private long bytes;

  /// @param worker number of the WorkThread, or [#SHARED]
  private record Place(int worker, String table) {}

  /// A table and how many hold it.
  private static final class Held {
    private final StateTable table;
    private int holders;
    private long bytes;

    Held(StateTable table, long bytes) {
      this.table = table;
      this.bytes = bytes;
    }
  }

  BundleState(String bundle, long mostBytes, EventLog events) {
    this.bundle = bundle;
    this.mostBytes = mostBytes;
    this.events = events;
  }

  synchronized void open(int worker) {
    holders.merge(worker, 1, Integer::sum);
  }

  synchronized boolean heldByOther(int worker) {
    return holders.getOrDefault(worker, 0) > 1;
  }

  /// Ends one holder, with what it alone held.
  synchronized void close(int worker, Iterable<StateTable> held) {
    held.forEach(table -> release(new Place(worker, table.shape().name()), table));
    holders.computeIfPresent(worker, (key, count) -> count == 1 ? null : count - 1);
    if (holders.isEmpty()) {
      ownerships.clear();
    }
  }

  synchronized Ownership ownership(String name) {
    return ownerships.computeIfAbsent(name, key -> Ownership.first()).rival();
  }

  /// The newest table of that layout, or a new one.
  synchronized StateTable hold(int worker, TableShape shape) {
    List<Held> known =
        tables.computeIfAbsent(new Place(worker, shape.name()), key -> new ArrayList<>());
    Held found =
        known.stream()
            .filter(held -> held.table.shape().hasLayoutOf(shape))
            .findFirst()
            .orElse(null);
    if (found == null) {
      found = made(worker, shape, known);
    } else {
      grow(found, shape);
    }
    found.holders++;
    return found.table;
  }

  /// Has a table that is held already hold more.
  synchronized void grow(StateTable table, int worker, TableShape shape) {
    for (Held held : tables.getOrDefault(new Place(worker, shape.name()), List.of())) {
      if (held.table == table) {
        grow(held, shape);
      }
    }
  }

  private void grow(Held held, TableShape shape) {
    long more = more(shape, held.bytes);
    held.table.grow(shape.capacity());
    held.bytes += more;
    bytes += more;
  }

  private Held made(int worker, TableShape shape, List<Held> known) {
    for (Held other : known) {
      if (other.table.shape().schema() == shape.schema()) {
        throw new IllegalStateException(
            "table "
                + shape.name()
                + ": schema "
                + shape.schema()
                + " is in use with other sizes; allowed: another number for another layout");
      }
    }
    long needed = more(shape, 0);
    StateTable table = worker == SHARED ? StateTable.shared(shape) : StateTable.local(shape);
    Held held = new Held(table, needed);
    bytes += needed;
    if (!known.isEmpty()) {
      StateTable old = known.getLast().table;
      table.succeeds(old);
      events.report(
          Severity.INFO,
          "table-layout-changed",
          Map.of(
              "bundle", bundle,
              "table", shape.name(),
              "from", old.shape().schema(),
              "to", shape.schema(),
              "entries", old.count()));
    }
    known.add(held);
    return held;
  }

  /// What the table needs more, if the bundle's share has it.
  private long more(TableShape shape, long has) {
    long more = Math.max(0, shape.bytes() - has);
    if (bytes + more > mostBytes) {
      throw new IllegalStateException(
          "table "
              + shape.name()
              + ": "
              + shape.bytes()
              + " bytes, with "
              + (bytes - has)
              + " in other tables of the bundle; allowed: "
              + mostBytes
              + " together");
    }
    return more;
  }

  private void release(Place place, StateTable table) {
    List<Held> known = tables.getOrDefault(place, new ArrayList<>());
    for (Held held : List.copyOf(known)) {
      if (held.table == table && --held.holders == 0) {
        known.remove(held);
        bytes -= held.bytes;
        if (known.isEmpty()) {
          // There may be keys in it. With a successor its content may still be wanted.
          table.clear();
        }
      }
    }
    if (known.isEmpty()) {
      tables.remove(place);
    }
  }

  /// Whether nobody holds anything.
  synchronized boolean isEmpty() {
    return holders.isEmpty();
  }

  /// Memory of its tables.
  synchronized long bytes() {
    return bytes;
  }
}
