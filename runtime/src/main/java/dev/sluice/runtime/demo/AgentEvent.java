package dev.sluice.runtime.demo;

/// What becomes of a terminal's authentication.
sealed interface AgentEvent {
  /// The gateway lets the terminal's traffic through.
  ///
  /// @param leaseSeconds for so long, unless the agent authenticates again
  /// @param keepAliveSeconds and only while it hears from the agent at least this often
  record Accepted(int leaseSeconds, int keepAliveSeconds) implements AgentEvent {}

  /// The gateway said no.
  ///
  /// @param alert the alert's name in RFC 5246, such as `certificate_revoked`
  record Refused(String alert) implements AgentEvent {}

  /// There was no answer, or none that can be trusted.
  record Failed(String cause) implements AgentEvent {}

  /// A session that was accepted is over.
  record Ended(String cause) implements AgentEvent {}
}
