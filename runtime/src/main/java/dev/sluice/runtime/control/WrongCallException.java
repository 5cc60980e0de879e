package dev.sluice.runtime.control;

/// A request that cannot be understood, whoever sent it. The message is one sentence.
final class WrongCallException extends Exception {
  private static final long serialVersionUID = 1L;

  WrongCallException(String message) {
    super(message);
  }
}
