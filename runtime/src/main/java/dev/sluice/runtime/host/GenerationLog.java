package dev.sluice.runtime.host;

import java.util.ArrayList;
import java.util.List;

/// How the last generations came. Written by the deploying thread, read by any.
final class GenerationLog {
  /// Older ones are forgotten.
  static final int MOST = 100;

  private volatile List<ChainSwitch.Switch> newestFirst = List.of();

  void add(ChainSwitch.Switch made) {
    List<ChainSwitch.Switch> longer = new ArrayList<>();
    longer.add(made);
    List<ChainSwitch.Switch> before = newestFirst;
    longer.addAll(before.subList(0, Math.min(before.size(), MOST - 1)));
    newestFirst = List.copyOf(longer);
  }

  /// Notes how long the last one took, now that it ends.
  void finish(long switchMicros) {
    if (newestFirst.isEmpty()) {
      return;
    }
    List<ChainSwitch.Switch> changed = new ArrayList<>(newestFirst);
    changed.set(0, changed.getFirst().took(switchMicros));
    newestFirst = List.copyOf(changed);
  }

  ChainSwitch.Switch last() {
    return newestFirst.getFirst();
  }

  List<ChainSwitch.Switch> all() {
    return newestFirst;
  }
}
