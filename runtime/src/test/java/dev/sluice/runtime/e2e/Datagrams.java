package dev.sluice.runtime.e2e;

import dev.sluice.kernel.NetworkNamespace;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/// UDP sockets in a namespace.
final class Datagrams {
  private Datagrams() {}

  /// A socket that sends from this address to that one alone.
  static DatagramSocket open(String namespace, String from, int fromPort, String to, int toPort)
      throws Exception {
    DatagramSocket socket =
        NetworkNamespace.call(
            namespace,
            () -> new DatagramSocket(new InetSocketAddress(InetAddress.ofLiteral(from), fromPort)));
    socket.connect(InetAddress.ofLiteral(to), toPort);
    return socket;
  }
}
