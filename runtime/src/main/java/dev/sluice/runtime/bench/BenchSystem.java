package dev.sluice.runtime.bench;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// What is measured against each other.
enum BenchSystem {
  SLUICE_XDP_FUSED("sluice-xdp-fused", Kind.GATEWAY),
  SLUICE_XDP_PIPELINED("sluice-xdp-pipelined", Kind.GATEWAY),
  SLUICE_PACKET("sluice-packet", Kind.GATEWAY),
  TESTPMD_XDP("testpmd-xdp", Kind.TESTPMD),
  TESTPMD_PACKET("testpmd-packet", Kind.TESTPMD),
  BRIDGE("bridge", Kind.KERNEL),
  BRIDGE_NFT10("bridge-nft10", Kind.KERNEL),
  XDP_REDIRECT("xdp-redirect", Kind.KERNEL);

  /// Who forwards.
  enum Kind {
    /// `sluice run`.
    GATEWAY,
    /// DPDK's own forwarder.
    TESTPMD,
    /// Nobody but the kernel.
    KERNEL
  }

  private final String label;
  private final Kind kind;

  BenchSystem(String label, Kind kind) {
    this.label = label;
    this.kind = kind;
  }

  /// Its name in tables and rows.
  String label() {
    return label;
  }

  Kind kind() {
    return kind;
  }

  static Optional<BenchSystem> named(String label) {
    return Stream.of(values()).filter(system -> system.label.equals(label)).findFirst();
  }

  static List<String> labels() {
    return Stream.of(values()).map(BenchSystem::label).toList();
  }

  /// What its rate is divided by: testpmd over the same way into the kernel.
  BenchSystem reference() {
    return this == SLUICE_PACKET || this == TESTPMD_PACKET ? TESTPMD_PACKET : TESTPMD_XDP;
  }

  /// Whether it takes its packets from the host's stack, so that no other program's XDP may keep
  /// them from there.
  boolean receivesBehindXdp() {
    return switch (this) {
      case SLUICE_PACKET, TESTPMD_PACKET, BRIDGE, BRIDGE_NFT10 -> true;
      case SLUICE_XDP_FUSED, SLUICE_XDP_PIPELINED, TESTPMD_XDP, XDP_REDIRECT -> false;
    };
  }

  /// Chains that it is measured with.
  List<BenchChain> chains(List<BenchChain> wanted) {
    return kind == Kind.GATEWAY ? wanted : List.of(BenchChain.NONE);
  }

  /// What it needs and this machine does not have, as a sentence.
  Optional<String> missing() {
    return switch (this) {
      case TESTPMD_XDP, TESTPMD_PACKET -> missing(TestpmdForwarder.PROGRAM, "dpdk-dev");
      case BRIDGE_NFT10 -> missing("nft", "nftables");
      default -> Optional.empty();
    };
  }

  private static Optional<String> missing(String program, String debianPackage) {
    return ExternalProgram.isInstalled(program)
        ? Optional.empty()
        : Optional.of(
            "%s is not installed (Debian: apt-get install %s)".formatted(program, debianPackage));
  }
}
