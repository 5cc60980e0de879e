package dev.sluice.runtime.bundle;

/// A project or a bundle is refused. The message is one sentence for its author, or empty if what
/// is wrong has been printed already.
final class BundleException extends Exception {
  private static final long serialVersionUID = 1L;

  BundleException(String message) {
    super(message);
  }

  BundleException(String message, Throwable cause) {
    super(message, cause);
  }
}
