package dev.sluice.runtime.arguments;

/// A command was called wrongly. The message is one sentence for the person who typed it.
public final class ArgumentException extends Exception {
  private static final long serialVersionUID = 1L;

  /// A word that is not allowed.
  ///
  /// @param message what was typed and what is allowed
  public ArgumentException(String message) {
    super(message);
  }

  /// A value that cannot be read.
  ///
  /// @param cause why the value cannot be read
  public ArgumentException(String message, Throwable cause) {
    super(message, cause);
  }
}
