package dev.sluice.runtime.pki;

/// The authority refuses, or its folder is not what it should be. The message is one sentence for
/// the operator.
public final class PkiException extends Exception {
  private static final long serialVersionUID = 1L;

  /// A refusal of the authority's own.
  ///
  /// @param message what is wrong, with the file or the value, and what is allowed
  public PkiException(String message) {
    super(message);
  }

  /// A refusal that has a cause below.
  ///
  /// @param cause what the library or the file system said
  public PkiException(String message, Throwable cause) {
    super(message, cause);
  }
}
