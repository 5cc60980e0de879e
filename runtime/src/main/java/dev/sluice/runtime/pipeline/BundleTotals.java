package dev.sluice.runtime.pipeline;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongPredicate;

/// What all handlers did since the gateway began, by bundle: those in the chain, and those that
/// have left it, whose counts are added up once no thread uses them any more. So no count goes down
/// when a bundle is replaced.
///
/// At most [#MOST_TITLES] bundles that left are told apart; from then on the one that left first is
/// added to [#EARLIER].
final class BundleTotals {
  static final int MOST_TITLES = 256;
  static final String EARLIER = "(earlier)";

  /// Handlers that left and may still be in use: only where a thread is stuck are there many. What
  /// the oldest still count beyond this number is lost.
  private static final int MOST_LEAVING = 16_384;

  private final LongPredicate reached;
  private final LinkedHashMap<String, BundleSum> past = new LinkedHashMap<>();
  private final List<Leaving> leaving = new ArrayList<>();
  private Generation inForce;

  /// @param since the generation that it is not in any more
  private record Leaving(HandlerCounters counters, long since) {}

  /// @param reached whether all threads that count have come to the generation of this number, with
  ///   what they did before visible to the caller
  BundleTotals(Generation first, LongPredicate reached) {
    this.inForce = first;
    this.reached = reached;
  }

  /// To be called by whoever publishes, when another generation is in force.
  synchronized void replaced(Generation next) {
    Set<HandlerCounters> stays = counters(next);
    for (HandlerCounters each : counters(inForce)) {
      if (!stays.contains(each)) {
        leaving.add(new Leaving(each, next.number()));
      }
    }
    inForce = next;
    settle();
  }

  private static Set<HandlerCounters> counters(Generation generation) {
    Set<HandlerCounters> all = Collections.newSetFromMap(new IdentityHashMap<>());
    generation.handlers().forEach(list -> list.forEach(each -> all.add(each.counters())));
    return all;
  }

  private void settle() {
    while (!leaving.isEmpty()
        && (leaving.size() > MOST_LEAVING || reached.test(leaving.getFirst().since()))) {
      HandlerCounters gone = leaving.removeFirst().counters();
      BundleSum sum = past.remove(gone.bundle());
      BundleSum now = sum == null ? new BundleSum(gone.bundle()) : sum;
      now.add(gone);
      past.putLast(gone.bundle(), now);
    }
    forget();
  }

  /// A bundle that is in the chain again keeps its row.
  private void forget() {
    if (past.size() <= MOST_TITLES) {
      return;
    }
    List<String> oldest = new ArrayList<>(past.keySet());
    Map<String, Integer> places = places();
    for (String title : oldest) {
      if (past.size() <= MOST_TITLES) {
        return;
      }
      if (!places.containsKey(title) && !title.equals(EARLIER)) {
        BundleSum sum = past.remove(title);
        if (sum != null) {
          past.computeIfAbsent(EARLIER, BundleSum::new).add(sum);
        }
      }
    }
  }

  private Map<String, Integer> places() {
    Map<String, Integer> places = new LinkedHashMap<>();
    List<Chain.Link> links = inForce.chain().links();
    for (int place = 0; place < links.size(); place++) {
      places.putIfAbsent(links.get(place).bundle(), place);
      Guard guard = links.get(place).guard();
      if (guard != null) {
        places.putIfAbsent(guard.bundle(), place);
      }
    }
    return places;
  }

  /// A row for each bundle: those of the chain in their order, then those that have left it.
  synchronized List<BundleCounters> rows() {
    settle();
    Map<String, Integer> places = places();
    Map<String, BundleSum> sums = new LinkedHashMap<>();
    places.keySet().forEach(title -> sums.put(title, new BundleSum(title)));
    past.forEach((title, sum) -> sums.computeIfAbsent(title, BundleSum::new).add(sum));
    for (HandlerCounters each : counters(inForce)) {
      sums.computeIfAbsent(each.bundle(), BundleSum::new).add(each);
    }
    for (Leaving each : leaving) {
      HandlerCounters counters = each.counters();
      sums.computeIfAbsent(counters.bundle(), BundleSum::new).add(counters);
    }
    List<BundleCounters> rows = new ArrayList<>();
    sums.forEach((title, sum) -> rows.add(sum.row(places.getOrDefault(title, -1))));
    return List.copyOf(rows);
  }
}
