package dev.sluice.runtime.arguments;

/// A command was called wrongly. The message is one sentence for the person who typed it.
public final class ArgumentException extends Exception {
  private static final long serialVersionUID = 1L;

  /// @param message what was typed and what is allowed
  public ArgumentException(String message) {
    super(message);
  }
}
