package dev.sluice.runtime.control;

/// A filter cannot be read. The message is one sentence for the person who typed it, with the
/// column.
public final class FilterException extends Exception {
  private static final long serialVersionUID = 1L;

  FilterException(String message) {
    super(message);
  }
}
