package dev.sluice.kernel;

import java.util.concurrent.atomic.AtomicLong;

/// A count that one thread keeps and any thread reads.
///
/// Reader and writer agree on nothing but the number itself, hence opaque access: whole, in order,
/// and as cheap as a plain field.
final class Tally {
  private final AtomicLong value = new AtomicLong();

  /// By the one thread that keeps the count.
  void add(long more) {
    value.setOpaque(value.getPlain() + more);
  }

  long value() {
    return value.getOpaque();
  }
}
