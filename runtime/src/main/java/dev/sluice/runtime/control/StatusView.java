package dev.sluice.runtime.control;

import java.util.List;

/// What a gateway is, and how it does. A text that does not apply is empty.
///
/// @param version of Sluice
/// @param pid of the gateway's process
/// @param uptimeSeconds since its ports began to receive
/// @param generation number of the chain in force
/// @param chain its bundles in order, each as symbolic name and version
/// @param closedBecause why nothing passes now; empty if packets may pass
/// @param developmentMode whether protections are off that a gateway in service must have
/// @param trust whose bundles are taken, in words
/// @param ports in pairs
/// @param stateFolder absolute
/// @param restarts of the gateway by its supervisor; -1 without one
/// @param lastRestartCause why it was started again last
public record StatusView(
    String version,
    long pid,
    long uptimeSeconds,
    long generation,
    List<String> chain,
    String closedBecause,
    boolean developmentMode,
    String trust,
    List<Port> ports,
    String stateFolder,
    int restarts,
    String lastRestartCause) {
  public StatusView {
    chain = List.copyOf(chain);
    ports = List.copyOf(ports);
  }

  /// A port.
  ///
  /// @param name as it was opened
  /// @param method how its back-end works, in words
  /// @param link `UP`, `DOWN` or `UNKNOWN`
  public record Port(String name, String method, String link, long received, long sent) {}
}
