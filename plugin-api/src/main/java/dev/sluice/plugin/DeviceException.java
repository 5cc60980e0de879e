package dev.sluice.plugin;

/// A device could not be opened, or lost its use. The message is one sentence for the operator:
/// which device, what is wrong, what to do.
public class DeviceException extends Exception {
  private static final long serialVersionUID = 1L;

  public DeviceException(String message) {
    super(message);
  }

  public DeviceException(String message, Throwable cause) {
    super(message, cause);
  }
}
