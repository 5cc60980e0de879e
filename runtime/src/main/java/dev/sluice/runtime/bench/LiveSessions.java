package dev.sluice.runtime.bench;

import dev.sluice.kernel.Ethtool;
import dev.sluice.kernel.FramePattern;
import dev.sluice.kernel.NetworkNamespace;
import dev.sluice.runtime.demo.Association;
import dev.sluice.runtime.demo.CredentialException;
import dev.sluice.runtime.demo.Credentials;
import dev.sluice.runtime.demo.GatewayTrust;
import dev.sluice.runtime.host.HostException;
import dev.sluice.runtime.lab.Ip;
import dev.sluice.runtime.lab.LabException;
import dev.sluice.runtime.pki.PkiException;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/// Many terminals that have authenticated at a running gateway, each with a TCP connection to the
/// master that the gateway follows: what a chain with terminal-auth and rule-firewall has to do for
/// each packet, it has to do for their traffic.
///
/// The terminals' certificates, handshakes and keep-alives are real; they share one interface and
/// one hardware address. Their connections are frames without a TCP behind them, because both ends
/// of the wire are in one network namespace, whose stack would connect them past the gateway.
final class LiveSessions implements AutoCloseable {
  private static final long OPEN_NANOS = TimeUnit.SECONDS.toNanos(120);
  private static final int HANDSHAKES_AT_A_TIME = 16;
  private static final int HANDSHAKE_MILLIS = 10_000;
  private static final String GATEWAY_MAC = "02:00:00:00:4d:02";

  private final String namespace;
  private final String terminalSide;
  private final long terminalMac;
  private final KeepAlive keepAlive;
  private final int sessions;

  private LiveSessions(
      String namespace, String terminalSide, long terminalMac, List<Association> associations) {
    this.namespace = namespace;
    this.terminalSide = terminalSide;
    this.terminalMac = terminalMac;
    this.keepAlive = KeepAlive.of(associations);
    this.sessions = associations.size();
  }

  /// What a gateway and its terminals find on disk.
  ///
  /// @param folder with `config`, `bundles` and `pki`
  record Prepared(Path folder, int sessions) {
    /// Without `sluice.cfg`, which is to name the ports `gw0` and `gw1`.
    Path config() {
      return folder.resolve("config");
    }

    Path bundles() {
      return folder.resolve("bundles");
    }

    Path state() {
      return folder.resolve("state");
    }

    private Path pki() {
      return folder.resolve("pki");
    }
  }

  /// Writes what a gateway and so many terminals need, with the bundles that the build has made.
  ///
  /// @param folder empty, or not there
  /// @param sessions 1..10000
  static Prepared prepare(Path folder, int sessions)
      throws IOException, PkiException, HostException {
    return prepare(folder, sessions, SessionFiles.builtBundles());
  }

  /// The same with the bundles of another folder.
  static Prepared prepare(Path folder, int sessions, Path plugins)
      throws IOException, PkiException {
    SessionFiles.write(folder, sessions, plugins);
    return new Prepared(folder, sessions);
  }

  /// Authenticates all terminals at a gateway that runs, and opens their connections; takes at most
  /// two minutes.
  ///
  /// @param namespace that both interfaces are in, without another route to the gateway
  /// @param terminalSide the other end of `gw0`
  /// @param masterSide the other end of `gw1`
  /// @throws IOException if not all of them are live in time; none is then
  static LiveSessions open(
      String namespace, String terminalSide, String masterSide, Prepared prepared)
      throws Exception {
    long deadline = System.nanoTime() + OPEN_NANOS;
    route(namespace, terminalSide);
    List<Association> associations = new ArrayList<>();
    try {
      List<DatagramSocket> sockets =
          NetworkNamespace.call(
              namespace,
              () -> {
                Ethtool.disableTransmitOffloads(terminalSide);
                return sockets(prepared.sessions());
              });
      authenticate(prepared, sockets, deadline, associations);
      long mac =
          NetworkNamespace.call(
              namespace,
              () ->
                  SessionConnections.open(terminalSide, masterSide, prepared.sessions(), deadline));
      return new LiveSessions(namespace, terminalSide, mac, associations);
    } catch (Exception e) {
      associations.forEach(Association::close);
      unroute(namespace, terminalSide);
      throw e;
    }
  }

  /// Gives the namespace all terminals' addresses at once, and a way to the gateway. There must be
  /// none to the master: the stack would answer its segments with resets.
  private static void route(String namespace, String terminalSide) throws LabException {
    Ip.batch(
        namespace,
        List.of(
            "route replace local %s dev %s".formatted(SessionFrames.TERMINALS, terminalSide),
            "route replace %s/32 dev %s".formatted(SessionFiles.GATEWAY, terminalSide),
            "neighbour replace %s lladdr %s nud permanent dev %s"
                .formatted(SessionFiles.GATEWAY, GATEWAY_MAC, terminalSide)));
  }

  private static void unroute(String namespace, String terminalSide) {
    try {
      Ip.batch(
          namespace,
          List.of(
              "route delete local %s dev %s".formatted(SessionFrames.TERMINALS, terminalSide),
              "route delete %s/32 dev %s".formatted(SessionFiles.GATEWAY, terminalSide),
              "neighbour delete %s dev %s".formatted(SessionFiles.GATEWAY, terminalSide)));
    } catch (LabException e) {
      System.err.println("the terminals' routes are not removed: " + e.getMessage());
    }
  }

  /// A socket belongs to the namespace of the thread that opens it, whoever uses it later.
  private static List<DatagramSocket> sockets(int sessions) throws IOException {
    List<DatagramSocket> sockets = new ArrayList<>();
    try {
      for (int terminal = 0; terminal < sessions; terminal++) {
        InetAddress address = InetAddress.ofLiteral(SessionFiles.address(terminal));
        sockets.add(new DatagramSocket(new InetSocketAddress(address, 0)));
      }
      return sockets;
    } catch (IOException e) {
      sockets.forEach(DatagramSocket::close);
      throw e;
    }
  }

  private static void authenticate(
      Prepared prepared,
      List<DatagramSocket> sockets,
      long deadline,
      List<Association> associations)
      throws IOException, CredentialException, InterruptedException {
    GatewayTrust trust = GatewayTrust.read(prepared.pki().resolve("ca.crt"));
    List<String> failures = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(HANDSHAKES_AT_A_TIME)) {
      List<Callable<Association>> handshakes = new ArrayList<>();
      for (int terminal = 0; terminal < sockets.size(); terminal++) {
        String name = SessionFiles.name(terminal);
        DatagramSocket socket = sockets.get(terminal);
        handshakes.add(() -> handshake(prepared.pki(), name, socket, trust));
      }
      long left = Math.max(0, deadline - System.nanoTime());
      for (Future<Association> future : threads.invokeAll(handshakes, left, TimeUnit.NANOSECONDS)) {
        switch (future.state()) {
          case SUCCESS -> associations.add(future.resultNow());
          case FAILED -> failures.add(future.exceptionNow().toString());
          default -> failures.addLast("no time was left");
        }
      }
    }
    if (!failures.isEmpty()) {
      sockets.forEach(DatagramSocket::close);
      throw new IOException(
          "%d of %d terminals are authenticated: %s"
              .formatted(associations.size(), sockets.size(), failures.getFirst()));
    }
  }

  private static Association handshake(
      Path pki, String name, DatagramSocket socket, GatewayTrust trust)
      throws IOException, CredentialException {
    Credentials credentials =
        Credentials.read(pki.resolve(name + ".crt"), pki.resolve(name + ".key"));
    InetSocketAddress gateway =
        new InetSocketAddress(InetAddress.ofLiteral(SessionFiles.GATEWAY), SessionFiles.AUTH_PORT);
    return Association.open(socket, gateway, credentials, trust, HANDSHAKE_MILLIS);
  }

  /// Frames from the terminals to the master that the gateway lets through, of all connections in
  /// turn.
  ///
  /// @param frameBytes 60..1514; from 68 on they have a stamp
  FramePattern pattern(int frameBytes) {
    return SessionFrames.pattern(terminalMac, frameBytes, sessions);
  }

  /// Sessions that have not ended, as far as their terminals know.
  int live() {
    return keepAlive.live();
  }

  /// Ends them all, and takes the terminals' addresses away.
  @Override
  public void close() {
    keepAlive.close();
    unroute(namespace, terminalSide);
  }
}
