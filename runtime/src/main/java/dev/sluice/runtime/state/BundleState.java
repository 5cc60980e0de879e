package dev.sluice.runtime.state;

import dev.sluice.plugin.EventLog;
import dev.sluice.plugin.EventLog.Severity;
import dev.sluice.plugin.Ownership;
import dev.sluice.plugin.StateTable;
import dev.sluice.plugin.TableShape;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/// All that the versions of one bundle keep. Guarded by itself; for control threads.
final class BundleState {
  /// Whose tables are shared by all WorkThreads.
  static final int SHARED = -1;

  private final String bundle;
  private final long mostBytes;
  private final EventLog events;
  private final Map<String, Ownership> ownerships = new HashMap<>();

  /// By WorkThread or [#SHARED].
  private final Map<Integer, Seat> seats = new HashMap<>();

  /// Tables that a stuck thread may still use although nobody holds them: they take memory until it
  /// has forgotten them too.
  private final List<Left> left = new ArrayList<>();

  /// Open objects of the bundle's versions.
  private int holders;

  private long bytes;

  /// The tables of one WorkThread, or those that are shared. One whose thread is stuck is put aside
  /// with its tables: who holds it goes on with them, who comes later gets another.
  static final class Seat {
    private final boolean shared;
    private final Map<String, List<Held>> tables = new HashMap<>();
    private int holders;
    private boolean aside;

    private Seat(boolean shared) {
      this.shared = shared;
    }
  }

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

  private record Left(WeakReference<StateTable> table, long bytes) {}

  BundleState(String bundle, long mostBytes, EventLog events) {
    this.bundle = bundle;
    this.mostBytes = mostBytes;
    this.events = events;
  }

  /// Begins one holder.
  ///
  /// @param worker number of the WorkThread, or [#SHARED]
  synchronized Seat open(int worker) {
    Seat seat = seats.computeIfAbsent(worker, number -> new Seat(number == SHARED));
    seat.holders++;
    holders++;
    return seat;
  }

  /// Has whoever opens next find no table of this seat. Without effect where that is so already.
  synchronized void putAside(int worker, Seat stuck) {
    if (seats.remove(worker, stuck)) {
      stuck.aside = true;
    }
  }

  synchronized boolean heldByOther(Seat seat) {
    return seat.holders > 1;
  }

  /// Ends one holder, with what it alone held.
  synchronized void close(int worker, Seat seat, Iterable<StateTable> held) {
    held.forEach(table -> release(seat, table));
    seat.holders--;
    holders--;
    if (seat.holders == 0) {
      seats.remove(worker, seat);
    }
    if (holders == 0) {
      ownerships.clear();
    }
  }

  synchronized Ownership ownership(String name) {
    return ownerships.computeIfAbsent(name, key -> Ownership.first()).rival();
  }

  /// The newest table of that layout, or a new one.
  synchronized StateTable hold(Seat seat, TableShape shape) {
    List<Held> known = seat.tables.computeIfAbsent(shape.name(), key -> new ArrayList<>());
    Held found =
        known.stream()
            .filter(held -> held.table.shape().hasLayoutOf(shape))
            .findFirst()
            .orElse(null);
    if (found == null) {
      found = made(seat, shape, known);
    } else {
      grow(found, shape);
    }
    found.holders++;
    return found.table;
  }

  /// Has a table that is held already hold more.
  synchronized void grow(StateTable table, Seat seat, TableShape shape) {
    for (Held held : seat.tables.getOrDefault(shape.name(), List.of())) {
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

  private Held made(Seat seat, TableShape shape, List<Held> known) {
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
    StateTable table = seat.shared ? StateTable.shared(shape) : StateTable.local(shape);
    Held held = new Held(table, needed);
    bytes += needed;
    if (!known.isEmpty()) {
      succeed(known.getLast().table, table);
    }
    known.add(held);
    return held;
  }

  private void succeed(StateTable old, StateTable fresh) {
    fresh.succeeds(old);
    events.report(
        Severity.INFO,
        "table-layout-changed",
        Map.of(
            "bundle", bundle,
            "table", fresh.shape().name(),
            "from", old.shape().schema(),
            "to", fresh.shape().schema(),
            "entries", old.count()));
  }

  /// What the table needs more, if the bundle's share has it.
  private long more(TableShape shape, long has) {
    long more = Math.max(0, shape.bytes() - has);
    if (bytes() + more > mostBytes) {
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

  private void release(Seat seat, StateTable table) {
    String name = table.shape().name();
    List<Held> known = seat.tables.getOrDefault(name, new ArrayList<>());
    for (Held held : List.copyOf(known)) {
      if (held.table == table && --held.holders == 0) {
        known.remove(held);
        ended(seat, held, known.isEmpty());
      }
    }
    if (known.isEmpty()) {
      seat.tables.remove(name);
    }
  }

  private void ended(Seat seat, Held held, boolean last) {
    if (seat.aside) {
      // A thread may be at work in it: it is not to be touched, and its memory is not free yet.
      left.add(new Left(new WeakReference<>(held.table), held.bytes));
      return;
    }
    bytes -= held.bytes;
    if (last) {
      // There may be keys in it. With a successor its content may still be wanted.
      held.table.clear();
    }
  }

  /// Whether nobody holds anything, nor uses what was held.
  synchronized boolean isEmpty() {
    return bytes() == 0 && holders == 0;
  }

  /// Memory of its tables, those of stuck threads included.
  synchronized long bytes() {
    for (Iterator<Left> each = left.iterator(); each.hasNext(); ) {
      Left gone = each.next();
      if (gone.table().refersTo(null)) {
        each.remove();
        bytes -= gone.bytes();
      }
    }
    return bytes;
  }
}
