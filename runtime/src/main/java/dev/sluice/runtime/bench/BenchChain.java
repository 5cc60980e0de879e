package dev.sluice.runtime.bench;

import java.util.Locale;

/// What packets go through in a system under test.
enum BenchChain {
  /// One handler that lets everything pass: a gateway without any lets nothing through.
  EMPTY,

  /// terminal-auth with a thousand live sessions, then a bundle of rules.
  REAL,

  /// Systems that have no chain of bundles.
  NONE;

  String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
