package dev.sluice.runtime.pipeline;

/// Stub.
public record CanaryState(Phase phase, long packets, String message, long failedAt) {
  /// Stub.
  public enum Phase {
    RUNNING,
    WAITING,
    PASSED,
    FAILED
  }
}
