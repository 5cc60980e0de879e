package dev.sluice.runtime.iec104;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/// A terminal that does not exist: the TCP server of IEC 60870-5-104, with a few points and
/// outputs.
///
/// Every connection is a redundancy group of its own, so each one that has started data transfer
/// gets every spontaneous value.
public final class SimulatedTerminal implements AutoCloseable {
  /// Connections beyond this many are closed at once.
  static final int MAX_LINKS = 4;

  /// Where it listens and what it has.
  ///
  /// @param listen where to accept connections; port 0 lets the kernel choose
  /// @param commonAddress the station's, 1..65534
  /// @param points monitored single points, as many measured values, and as many outputs that
  ///   single commands switch, 1..16
  public record Settings(
      InetSocketAddress listen, int commonAddress, int points, LinkTiming timing) {
    public Settings {
      if (commonAddress < 1 || 65_534 < commonAddress) {
        throw new IllegalArgumentException("common address " + commonAddress + " not in 1..65534");
      }
      if (points < 1 || 16 < points) {
        throw new IllegalArgumentException("points " + points + " not in 1..16");
      }
    }
  }

  /// Is told what happens, on the threads it happens on.
  public interface Observer {
    void started(SocketAddress master);

    void ended(SocketAddress master, String cause);

    /// A single command has switched an output.
    void executed(int objectAddress, boolean on);
  }

  private final Settings settings;
  private final Observer observer;
  private final LinkCounters counters = new LinkCounters();
  private final LongAdder commands = new LongAdder();
  private final ServerSocket server = new ServerSocket();
  private final Set<TerminalLink> links = ConcurrentHashMap.newKeySet();
  private volatile int spontaneousPerSecond;

  /// A terminal that listens from now on.
  ///
  /// @throws IOException if the address cannot be had
  public SimulatedTerminal(Settings settings, Observer observer) throws IOException {
    this.settings = settings;
    this.observer = observer;
    server.setReuseAddress(true);
    try {
      server.bind(settings.listen());
    } catch (IOException e) {
      server.close();
      throw new IOException("cannot listen on " + settings.listen() + ": " + e.getMessage(), e);
    }
    Thread.ofVirtual().name("terminal-accept").start(this::accept);
  }

  /// Where it listens.
  public SocketAddress address() {
    return server.getLocalSocketAddress();
  }

  public LinkCounters counters() {
    return counters;
  }

  /// Single commands executed.
  public long commandsExecuted() {
    return commands.sum();
  }

  /// Sets how many spontaneous values a second each link gets, 0..10000.
  public void spontaneousPerSecond(int rate) {
    if (rate < 0 || 10_000 < rate) {
      throw new IllegalArgumentException("rate " + rate + " not in 0..10000");
    }
    spontaneousPerSecond = rate;
  }

  int spontaneousPerSecond() {
    return spontaneousPerSecond;
  }

  Settings settings() {
    return settings;
  }

  Observer observer() {
    return observer;
  }

  void executed(int objectAddress, boolean on) {
    commands.increment();
    observer.executed(objectAddress, on);
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        serve(server.accept());
      } catch (IOException e) {
        if (!server.isClosed()) {
          observer.ended(server.getLocalSocketAddress(), "accept: " + e.getMessage());
        }
      }
    }
  }

  private void serve(Socket socket) throws IOException {
    if (MAX_LINKS <= links.size()) {
      socket.close();
      return;
    }
    TerminalLink link = new TerminalLink(this, socket, counters);
    links.add(link);
    if (server.isClosed()) {
      // A virtual thread may be given a connection that comes while the socket is being closed.
      links.remove(link);
      socket.close();
      return;
    }
    Thread.ofVirtual()
        .name("terminal-link")
        .start(() -> {
          try {
            link.run();
          } finally {
            links.remove(link);
          }
        });
  }

  /// Stops listening and ends every link.
  @Override
  public void close() throws IOException {
    server.close();
    for (TerminalLink link : links) {
      link.close();
    }
  }
}
