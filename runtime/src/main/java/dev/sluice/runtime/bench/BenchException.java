package dev.sluice.runtime.bench;

/// A measurement cannot be made. The message is one sentence for the person who asked for it.
final class BenchException extends Exception {
  private static final long serialVersionUID = 1L;

  BenchException(String message) {
    super(message);
  }

  BenchException(String message, Throwable cause) {
    super(message, cause);
  }
}
