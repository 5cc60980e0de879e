package dev.sluice.runtime.pipeline;

import dev.sluice.plugin.HashFunction;
import dev.sluice.plugin.PacketHandler;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A chain in force: immutable, read once per batch by each thread.
///
/// @param number counts up from 1; 0 is the closed one that a pipeline begins with
/// @param chain what it was made from
/// @param hash spreads packets
/// @param lanes what the loops of each WorkThread keep from generation to generation
/// @param loops one for each WorkThread
/// @param handlers what the loops call, one list for each WorkThread, in the order of the chain; a
///   fallback comes behind the handler that is on trial
record Generation(
    long number,
    Chain chain,
    HashFunction hash,
    List<Lane> lanes,
    List<BatchLoop> loops,
    List<List<LoopSpinner.Counted>> handlers) {

  /// What a pipeline begins with: nothing passes.
  static Generation first(int workers, HashFunction hash) {
    List<Lane> lanes =
        IntStream.range(0, workers)
            .mapToObj(worker -> Lane.of(worker, workers, Lane.Habits.STANDARD))
            .toList();
    return first(lanes, hash);
  }

  /// What a rehearsal begins with.
  static Generation ofRehearsal(HashFunction hash) {
    return first(List.of(Lane.of(0, 1, Lane.Habits.REHEARSAL)), hash);
  }

  /// What such lanes begin with.
  static Generation first(List<Lane> lanes, HashFunction hash) {
    return of(0, Chain.closed(hash), lanes, List.of(), null, new StandIns(hash));
  }

  /// The generation after this one. A handler instance that both have keeps its counters.
  Generation next(Chain next) {
    return next(next, null, new StandIns(next.hash()));
  }

  /// The same, whose loops tell a trace what they do, and do not call what is stuck.
  Generation next(Chain next, @Nullable Trace trace, StandIns standIns) {
    return of(number + 1, next, lanes, handlers, trace, standIns);
  }

  private static Generation of(
      long number,
      Chain chain,
      List<Lane> lanes,
      List<List<LoopSpinner.Counted>> before,
      @Nullable Trace trace,
      StandIns standIns) {
    List<BatchLoop> loops = new ArrayList<>();
    List<List<LoopSpinner.Counted>> handlers = new ArrayList<>();
    for (Lane lane : lanes) {
      // For each WorkThread by itself: they may share an instance, but each counter has one writer.
      IdentityHashMap<PacketHandler, HandlerCounters> known = new IdentityHashMap<>();
      if (lane.worker() < before.size()) {
        before
            .get(lane.worker())
            .forEach(counted -> known.put(counted.handler(), counted.counters()));
      }
      List<LoopSpinner.Place> places = places(chain, lane.worker(), known, standIns);
      handlers.add(places.stream().flatMap(Generation::all).toList());
      loops.add(loop(chain, places, lane, trace));
    }
    HashFunction hash = standIns.callableHash(chain.hash());
    return new Generation(number, chain, hash, lanes, List.copyOf(loops), List.copyOf(handlers));
  }

  private static BatchLoop loop(
      Chain chain, List<LoopSpinner.Place> places, Lane lane, @Nullable Trace trace) {
    if (trace != null) {
      return LoopSpinner.traced(places, chain.open(), lane, trace);
    }
    return chain.open() ? LoopSpinner.loop(places, lane) : new ClosedLoop();
  }

  private static Stream<LoopSpinner.Counted> all(LoopSpinner.Place place) {
    return Stream.concat(Stream.of(place.counted()), Stream.ofNullable(place.fallback()));
  }

  private static List<LoopSpinner.Place> places(
      Chain chain,
      int worker,
      IdentityHashMap<PacketHandler, HandlerCounters> known,
      StandIns standIns) {
    List<LoopSpinner.Place> places = new ArrayList<>();
    for (Chain.Link link : chain.links()) {
      Guard guard = link.guard();
      LoopSpinner.Counted fallback =
          guard == null
              ? null
              : counted(
                  standIns.callable(guard.fallback().get(worker)), guard.bundle(), null, known);
      PacketHandler handler = standIns.callable(link.handlers().get(worker));
      places.add(new LoopSpinner.Place(counted(handler, link.bundle(), guard, known), fallback));
    }
    return List.copyOf(places);
  }

  private static LoopSpinner.Counted counted(
      PacketHandler handler,
      String bundle,
      @Nullable Guard guard,
      IdentityHashMap<PacketHandler, HandlerCounters> known) {
    HandlerCounters counters = known.get(handler);
    return new LoopSpinner.Counted(
        handler, counters == null ? new HandlerCounters(bundle) : counters, guard);
  }
}
