package dev.sluice.plugins.rulefirewall;

import java.util.List;
import java.util.concurrent.atomic.AtomicLongArray;

/// How often each rule of one WorkThread's list was hit, and behind them the default.
///
/// One thread counts, and others read what it has counted so far: a count is written whole and in
/// no order with anything else, so opaque access is enough.
final class RuleHits {
  private static final String DEFAULT = "default";

  private final List<Rule> rules;
  private final AtomicLongArray counts;

  RuleHits(List<Rule> rules) {
    this.rules = List.copyOf(rules);
    this.counts = new AtomicLongArray(rules.size() + 1);
  }

  /// Counts one hit. The WorkThread only.
  void count(int place) {
    counts.setOpaque(place, counts.getPlain(place) + 1);
  }

  int places() {
    return counts.length();
  }

  long at(int place) {
    return counts.getOpaque(place);
  }

  /// What tells the rule from any other, also after the file has changed.
  String identity(int place) {
    return place == rules.size() ? DEFAULT : label(place) + " " + rules.get(place).text();
  }

  String label(int place) {
    return place == rules.size() ? DEFAULT : rules.get(place).label();
  }
}
