package dev.sluice.kernel;

/// Whether a device can carry frames.
public enum LinkState {
  UP,
  /// The interface is down, or its far end is.
  NO_CARRIER,
  /// The interface no longer exists; the device will never come back.
  GONE
}
