package dev.sluice.runtime.demo;

/// A certificate or key file that cannot be used; the message is one sentence that names the file.
public final class CredentialException extends Exception {
  private static final long serialVersionUID = 1;

  CredentialException(String message, Throwable cause) {
    super(message, cause);
  }

  CredentialException(String message) {
    super(message);
  }
}
