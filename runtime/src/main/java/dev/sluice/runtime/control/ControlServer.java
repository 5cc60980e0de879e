package dev.sluice.runtime.control;

/// The gateway's end of the control socket.
public final class ControlServer {
  /// Most clients at once; a further one is told so and sent away.
  public static final int MOST_CLIENTS = 32;

  private ControlServer() {}
}
