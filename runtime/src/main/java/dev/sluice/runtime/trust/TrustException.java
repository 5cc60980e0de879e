package dev.sluice.runtime.trust;

/// A bundle, or what it is to be judged by, is refused. The message is one sentence for the
/// operator, without the bundle's file name.
public final class TrustException extends Exception {
  private static final long serialVersionUID = 1L;

  /// Whether other settings or another trust folder, and nothing else, could cure it.
  private final boolean operatorMayCure;

  /// A refusal that no setting cures.
  public TrustException(String message) {
    this(message, false);
  }

  TrustException(String message, boolean operatorMayCure) {
    super(message);
    this.operatorMayCure = operatorMayCure;
  }

  /// Whether other settings or another trust folder, and nothing else, could cure it.
  public boolean operatorMayCure() {
    return operatorMayCure;
  }

  /// The message.
  public String sentence() {
    return String.valueOf(getMessage());
  }
}
