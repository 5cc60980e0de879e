package dev.sluice.runtime.config;

/// The hash functions that come with the gateway.
public enum HashStrategy {
  /// Symmetric, over addresses, protocol and ports, behind VLAN tags and extension headers.
  FLOW,
  /// The paper's second: bytes 26 to 37.
  FOUR_TUPLE_XOR,
  /// The paper's third: bytes 26 to 33.
  TWO_TUPLE_XOR,
  /// The paper's first: each packet to the next WorkThread.
  ROUND_ROBIN
}
