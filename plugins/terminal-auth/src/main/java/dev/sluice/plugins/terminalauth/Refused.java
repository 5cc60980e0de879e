package dev.sluice.plugins.terminalauth;

/// A terminal's certificate was refused, or does not qualify any more.
final class Refused extends Exception {
  private static final long serialVersionUID = 1L;

  private final Cause cause;

  /// @param detail what an operator wants to know beside the cause word
  Refused(Cause cause, String detail) {
    super(detail);
    this.cause = cause;
  }

  Cause why() {
    return cause;
  }
}
