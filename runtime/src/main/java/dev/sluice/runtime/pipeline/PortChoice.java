package dev.sluice.runtime.pipeline;

import dev.sluice.kernel.XdpOptions;

/// By what back-end one port is to be opened, and why.
///
/// @param asked the port's name as the operator wrote it
/// @param backend `xdp`, `packet`, or one that is no interface
/// @param rest what the back-end opens: the interface's name, or files
/// @param xdp how, if the back-end is `xdp`
/// @param receiveQueues of the interface, as far as they matter to the pool; 1 if not known
/// @param fallsBack whether `packet` is taken where `xdp` cannot be opened after all
/// @param reason for the operator, or empty where there was nothing to choose
public record PortChoice(
    String asked,
    String backend,
    String rest,
    XdpOptions xdp,
    int receiveQueues,
    boolean fallsBack,
    String reason) {
  static final String XDP = "xdp";
  static final String PACKET = "packet";

  /// Whether the back-end is `xdp`.
  public boolean isXdp() {
    return backend.equals(XDP);
  }

  PortChoice packetBecause(String why) {
    return new PortChoice(asked, PACKET, rest, xdp, 1, false, why);
  }

  PortChoice with(XdpOptions options, String why) {
    return new PortChoice(asked, backend, rest, options, receiveQueues, fallsBack, why);
  }
}
