package dev.sluice.runtime.host;

import dev.sluice.runtime.pipeline.Chain;
import dev.sluice.runtime.pipeline.ChainTarget;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// A pipeline of two WorkThreads that only keeps what is published.
final class RecordedChains implements ChainTarget {
  final List<Chain> all = new CopyOnWriteArrayList<>();

  /// What `publish` answers.
  volatile boolean left = true;

  @Override
  public int workThreads() {
    return 2;
  }

  @Override
  public boolean publish(Chain chain, Duration patience) {
    all.add(chain);
    return left;
  }

  @Override
  public long generation() {
    return all.size();
  }

  Chain last() {
    return all.getLast();
  }

  /// The bundles of the last chain.
  List<String> bundles() {
    return last().links().stream().map(Chain.Link::bundle).toList();
  }
}
