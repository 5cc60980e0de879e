package dev.sluice.plugin;

import java.util.HashMap;
import java.util.Map;

/// The tables that a host gives one version of a bundle, for tests without a host: one version
/// after the other, or beside it.
public final class MemoryTables implements StateTables, HandlerContext {
  private final Kept kept;
  private final boolean rehearsal;
  private final boolean shared;
  private boolean closed;

  /// What outlives a version.
  private static final class Kept {
    private final Map<String, StateTable> tables = new HashMap<>();
    private final Map<String, Ownership> ownerships = new HashMap<>();
    private int versions;
  }

  private MemoryTables(Kept kept, boolean rehearsal, boolean shared) {
    this.kept = kept;
    this.shared = shared;
    this.rehearsal = rehearsal;
    kept.versions++;
  }

  /// Those of a first version.
  public MemoryTables() {
    this(new Kept(), false, true);
  }

  /// Those of a first version's instance for a WorkThread.
  public static MemoryTables ofWorkThread() {
    return new MemoryTables(new Kept(), false, false);
  }

  /// Those of a version that is only tried out.
  public static MemoryTables rehearsing() {
    return new MemoryTables(new Kept(), true, false);
  }

  /// Those of another version of the same bundle.
  public synchronized MemoryTables another() {
    return new MemoryTables(kept, rehearsal, shared);
  }

  @Override
  public StateTable table(TableShape shape) {
    synchronized (kept) {
      StateTable table =
          kept.tables.computeIfAbsent(
              shape.name(), name -> shared ? StateTable.shared(shape) : StateTable.local(shape));
      table.grow(shape.capacity());
      return table;
    }
  }

  @Override
  public Ownership ownership(String name) {
    synchronized (kept) {
      return kept.ownerships.computeIfAbsent(name, any -> Ownership.first()).rival();
    }
  }

  @Override
  public boolean heldByOther() {
    synchronized (kept) {
      return kept.versions > (closed ? 0 : 1);
    }
  }

  /// The version is gone.
  public void close() {
    synchronized (kept) {
      if (!closed) {
        closed = true;
        kept.versions--;
      }
    }
  }

  @Override
  public int worker() {
    return 0;
  }

  @Override
  public int workers() {
    return 1;
  }

  @Override
  public boolean rehearsal() {
    return rehearsal;
  }
}
