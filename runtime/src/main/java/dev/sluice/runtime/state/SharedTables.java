package dev.sluice.runtime.state;

import dev.sluice.plugin.Ownership;
import dev.sluice.plugin.StateTables;
import java.util.ArrayList;
import java.util.List;

/// What one version of a bundle shares among its threads.
final class SharedTables extends Holder implements StateTables {
  private final List<Ownership> ownerships = new ArrayList<>();

  SharedTables(BundleState state) {
    super(state, BundleState.SHARED);
  }

  @Override
  public synchronized Ownership ownership(String name) {
    Ownership claim = state().ownership(name);
    ownerships.add(claim);
    return claim;
  }

  @Override
  public synchronized void close() {
    // A version that is stuck in its work keeps its claim: taking it away would let two work.
    ownerships.forEach(Ownership::releaseIfIdle);
    ownerships.clear();
    super.close();
  }
}
