package dev.sluice.runtime.state;

import dev.sluice.plugin.HandlerContext;

/// The context of one handler instance.
public final class WorkerTables extends Holder implements HandlerContext {
  private final int worker;
  private final int workers;
  private final boolean rehearsal;

  WorkerTables(BundleState state, int worker, int workers, boolean rehearsal) {
    super(state, worker);
    this.worker = worker;
    this.workers = workers;
    this.rehearsal = rehearsal;
  }

  @Override
  public int worker() {
    return worker;
  }

  @Override
  public int workers() {
    return workers;
  }

  @Override
  public boolean rehearsal() {
    return rehearsal;
  }
}
