package dev.sluice.runtime.bench;

import java.util.List;

/// Something that forwards between `gw0` and `gw1` of a [World], until it is closed.
interface Forwarder extends AutoCloseable {
  /// Whether it has said that it forwards; packets tell for sure.
  boolean isReady();

  /// Whether it can still forward.
  boolean isAlive();

  /// CPU seconds that it has used so far, see [#cpuOf].
  double cpuSeconds();

  /// Whose seconds these are: `process`, or `cpuN` for all kernel work of that CPU.
  String cpuOf();

  /// What it said last, for a person who looks for a fault.
  List<String> lastWords();

  @Override
  void close();
}
