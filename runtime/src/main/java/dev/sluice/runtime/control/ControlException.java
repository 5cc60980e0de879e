package dev.sluice.runtime.control;

/// The gateway does not do what was asked. The message is one sentence for the operator.
public final class ControlException extends Exception {
  private static final long serialVersionUID = 1L;

  /// A refusal.
  ///
  /// @param message what is refused, and why
  public ControlException(String message) {
    super(message);
  }

  /// A refusal that something else caused.
  public ControlException(String message, Throwable cause) {
    super(message, cause);
  }
}
