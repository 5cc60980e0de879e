package dev.sluice.runtime.e2e;

import dev.sluice.kernel.NetworkNamespace;
import dev.sluice.runtime.lab.LabTerminal;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/// A kernel TCP server in a terminal's namespace, and the way for the master to connect to it.
final class TcpListener implements AutoCloseable {
  /// Of IEC 60870-5-104.
  static final int PORT = 2404;

  /// What a connection that can be made never needs.
  private static final Duration REFUSAL = Duration.ofMillis(700);

  private final LabSite site;
  private final InetSocketAddress address;
  private final ServerSocketChannel server;
  private final BlockingQueue<SocketChannel> accepted = new LinkedBlockingQueue<>();
  private final AtomicInteger acceptedCount = new AtomicInteger();

  private TcpListener(LabSite site, InetSocketAddress address, ServerSocketChannel server) {
    this.site = site;
    this.address = address;
    this.server = server;
    Thread.ofPlatform().name("accept " + address).daemon().start(this::accept);
  }

  static TcpListener of(LabSite site, LabTerminal terminal) throws Exception {
    InetSocketAddress address =
        new InetSocketAddress(InetAddress.ofLiteral(terminal.address()), PORT);
    ServerSocketChannel server =
        NetworkNamespace.call(
            terminal.namespace(),
            () -> ServerSocketChannel.open(StandardProtocolFamily.INET).bind(address));
    return new TcpListener(site, address, server);
  }

  private void accept() {
    try {
      while (true) {
        SocketChannel channel = server.accept();
        acceptedCount.incrementAndGet();
        accepted.add(channel);
      }
    } catch (ClosedChannelException _) {
      // The listener is over.
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /// How many connections have come through, whoever opened them.
  int acceptedCount() {
    return acceptedCount.get();
  }

  /// Connects from the master's namespace until it succeeds: the first attempts may fall into the
  /// pause that the kernel makes between its questions for a hardware address.
  TcpPair connect() throws Exception {
    long deadline = System.nanoTime() + LabSite.PATIENCE.toNanos();
    while (true) {
      try {
        SocketChannel master = open(Duration.ofSeconds(3));
        SocketChannel terminal = accepted.poll(LabSite.PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        if (terminal == null) {
          throw new AssertionError("connected, but nothing was accepted");
        }
        return new TcpPair(master, terminal);
      } catch (IOException e) {
        if (System.nanoTime() - deadline > 0) {
          throw new AssertionError("no connection: " + e + "; " + site.lastWords(), e);
        }
      }
    }
  }

  /// Whether the master gets no connection.
  boolean refusesMaster() throws Exception {
    try (SocketChannel channel = open(REFUSAL)) {
      return !channel.isConnected();
    } catch (IOException _) {
      return true;
    }
  }

  private SocketChannel open(Duration limit) throws Exception {
    SocketChannel channel =
        NetworkNamespace.call(
            site.lab().masterNamespace(), () -> SocketChannel.open(StandardProtocolFamily.INET));
    try {
      channel.socket().connect(address, (int) limit.toMillis());
      return channel;
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (SocketChannel channel : accepted) {
      channel.close();
    }
  }
}
