package dev.sluice.runtime.pipeline;

import dev.sluice.plugin.HashFunction;
import dev.sluice.plugin.PacketHandler;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;

/// A chain in force: immutable, read once per batch by each thread.
///
/// @param number counts up from 1; 0 is the closed one that a pipeline begins with
/// @param chain what it was made from
/// @param loops one for each WorkThread
/// @param handlers what the loops call, one list for each WorkThread, in the order of the chain
record Generation(
    long number, Chain chain, List<BatchLoop> loops, List<List<LoopSpinner.Counted>> handlers) {

  /// What a pipeline begins with: nothing passes.
  static Generation first(int workers, HashFunction hash) {
    return of(0, Chain.closed(hash), workers, List.of());
  }

  /// The generation after this one. A handler instance that both have keeps its counters.
  Generation next(Chain next, int workers) {
    return of(number + 1, next, workers, handlers);
  }

  private static Generation of(
      long number, Chain chain, int workers, List<List<LoopSpinner.Counted>> before) {
    List<BatchLoop> loops = new ArrayList<>();
    List<List<LoopSpinner.Counted>> handlers = new ArrayList<>();
    for (int worker = 0; worker < workers; worker++) {
      // For each WorkThread by itself: they may share an instance, but each counter has one writer.
      IdentityHashMap<PacketHandler, HandlerCounters> known = new IdentityHashMap<>();
      if (worker < before.size()) {
        before.get(worker).forEach(counted -> known.put(counted.handler(), counted.counters()));
      }
      List<LoopSpinner.Counted> counted = counted(chain, worker, known);
      handlers.add(counted);
      loops.add(chain.open() ? LoopSpinner.spin(counted) : LoopSpinner.closed());
    }
    return new Generation(number, chain, List.copyOf(loops), List.copyOf(handlers));
  }

  private static List<LoopSpinner.Counted> counted(
      Chain chain, int worker, IdentityHashMap<PacketHandler, HandlerCounters> known) {
    List<LoopSpinner.Counted> counted = new ArrayList<>();
    for (Chain.Link link : chain.links()) {
      PacketHandler handler = link.handlers().get(worker);
      HandlerCounters counters = known.get(handler);
      counted.add(
          new LoopSpinner.Counted(
              handler, counters == null ? new HandlerCounters(link.bundle()) : counters));
    }
    return List.copyOf(counted);
  }

  HashFunction hash() {
    return chain.hash();
  }
}
