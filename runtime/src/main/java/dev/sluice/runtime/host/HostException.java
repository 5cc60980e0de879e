package dev.sluice.runtime.host;

/// The gateway cannot be set up. The message is one sentence for the operator.
public final class HostException extends Exception {
  private static final long serialVersionUID = 1L;

  public HostException(String message) {
    super(message);
  }

  public HostException(String message, Throwable cause) {
    super(message, cause);
  }
}
