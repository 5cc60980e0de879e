package dev.sluice.runtime.lab;

/// The lab cannot be made or removed. The message is one sentence for the operator.
public final class LabException extends Exception {
  private static final long serialVersionUID = 1L;

  /// A refusal of the lab's own.
  ///
  /// @param message what is wrong and what helps
  public LabException(String message) {
    super(message);
  }

  /// A refusal that has a cause below.
  ///
  /// @param cause what the system said
  public LabException(String message, Throwable cause) {
    super(message, cause);
  }
}
