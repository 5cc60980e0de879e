package dev.sluice.runtime.host;

/// A bundle is refused. The message is one sentence for the operator, without the file's name.
final class RefusedException extends Exception {
  private static final long serialVersionUID = 1L;

  /// Whether another configuration, and nothing else, could make the bundle acceptable.
  private final boolean configurationMayCure;

  RefusedException(String message) {
    this(message, false);
  }

  RefusedException(String message, boolean configurationMayCure) {
    super(message);
    this.configurationMayCure = configurationMayCure;
  }

  boolean configurationMayCure() {
    return configurationMayCure;
  }

  String sentence() {
    return String.valueOf(getMessage());
  }
}
