package dev.sluice.runtime.demo;

/// A step of the demo did not show what it should. The message is one sentence with what was seen.
final class StepException extends Exception {
  private static final long serialVersionUID = 1;

  StepException(String message) {
    super(message);
  }

  StepException(String message, Throwable cause) {
    super(message, cause);
  }
}
