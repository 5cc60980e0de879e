package dev.sluice.runtime.state;

import dev.sluice.plugin.StateTable;
import dev.sluice.plugin.TableShape;
import java.util.LinkedHashMap;
import java.util.Map;

/// What one instance, or one version, holds of its bundle's tables. Safe for any thread.
class Holder implements AutoCloseable {
  private final BundleState state;
  private final int worker;
  private final BundleState.Seat seat;
  private final Map<String, StateTable> held = new LinkedHashMap<>();
  private boolean closed;

  Holder(BundleState state, int worker) {
    this.state = state;
    this.worker = worker;
    this.seat = state.open(worker);
  }

  BundleState state() {
    return state;
  }

  public synchronized StateTable table(TableShape shape) {
    if (closed) {
      throw new IllegalStateException("table " + shape.name() + ": asked for after the end");
    }
    StateTable known = held.get(shape.name());
    if (known == null) {
      known = state.hold(seat, shape);
      held.put(shape.name(), known);
    } else if (known.shape().hasLayoutOf(shape)) {
      state.grow(known, seat, shape);
    } else {
      throw new IllegalStateException("table " + shape.name() + ": asked for in two layouts");
    }
    return known;
  }

  /// Has its tables be found by nobody who comes later, because a thread is stuck with them.
  final void putAside() {
    state.putAside(worker, seat);
  }

  public boolean heldByOther() {
    return state.heldByOther(seat);
  }

  /// Lets go of its tables; those that nobody else holds end.
  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      state.close(worker, seat, held.values());
      held.clear();
    }
  }
}
