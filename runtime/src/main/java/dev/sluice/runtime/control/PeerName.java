package dev.sluice.runtime.control;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import jdk.net.ExtendedSocketOptions;

/// Who is at the other end of a socket, by what the kernel says.
final class PeerName {
  private PeerName() {}

  /// The name of the user that the client's process runs as, for the event log.
  static String of(SocketChannel channel) {
    try {
      return channel.getOption(ExtendedSocketOptions.SO_PEERCRED).user().getName();
    } catch (IOException | UnsupportedOperationException e) {
      return "(not known)";
    }
  }
}
