package dev.sluice.plugin;

/// The paper's first strategy: a counter returned and incremented. The fastest, but the packets of
/// one connection spread over all WorkThreads, so no handler can follow the connection.
///
/// An instance is for one ReadThread: its counter is not safe for concurrent use.
public final class RoundRobin implements HashFunction {
  private int next;

  @Override
  public int hash(Packet packet) {
    return next++;
  }
}
