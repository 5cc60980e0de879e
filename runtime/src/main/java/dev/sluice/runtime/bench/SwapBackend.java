package dev.sluice.runtime.bench;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Where `bench swap` has its gateway.
enum SwapBackend {
  /// A process, ports by AF_XDP.
  XDP,
  /// A process, ports by AF_PACKET.
  PACKET,
  /// In this process, ports in memory.
  MEMORY;

  String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  static List<String> labels() {
    return Arrays.stream(values()).map(SwapBackend::label).toList();
  }

  static Optional<SwapBackend> named(String label) {
    return Arrays.stream(values()).filter(one -> one.label().equals(label)).findFirst();
  }

  /// The system that it is in other benchmarks.
  BenchSystem system() {
    return this == PACKET ? BenchSystem.SLUICE_PACKET : BenchSystem.SLUICE_XDP_FUSED;
  }
}
