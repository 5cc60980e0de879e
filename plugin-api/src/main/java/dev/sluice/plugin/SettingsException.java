package dev.sluice.plugin;

/// A setting is wrong. The message is one sentence for the operator: file, key, value, and what is
/// allowed.
public class SettingsException extends Exception {
  private static final long serialVersionUID = 1L;

  public SettingsException(String message) {
    super(message);
  }
}
