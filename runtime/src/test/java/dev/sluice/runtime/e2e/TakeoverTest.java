package dev.sluice.runtime.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.runtime.lab.Lab;
import dev.sluice.runtime.lab.LabTerminal;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Another host takes the address of a terminal that has a session, with a hardware address of its
/// own.
///
/// It gets nothing through. A stray packet disturbs the rightful terminal's connection as little as
/// nothing; from the third in ten seconds on, which is the `mismatch-limit` set here, the gateway
/// takes it for an attack, ends the session, cuts its connections and lets nobody in from that
/// address for as long as `suspension-s` says. Then the rightful terminal gets in again.
@Tag("privileged")
@Timeout(300)
final class TakeoverTest {
  private static LabSite site;

  @BeforeAll
  static void start() throws Exception {
    site = LabSite.open(2, "openssl", "tcpdump");
    site.configure(
        "terminal.auth.cfg",
        site.configuration("terminal.auth.cfg") + "mismatch-limit = 3\nsuspension-s = 3\n");
    site.startGateway();
  }

  @AfterAll
  static void end() throws Exception {
    if (site != null) {
      site.close();
    }
  }

  @Test
  void anotherHostWithTheTerminalsAddressGetsNothingThrough() throws Exception {
    LabTerminal owner = site.terminal(1);
    LabTerminal impostor = site.terminal(2);
    try (OpensslTerminal client = OpensslTerminal.accepted(site, owner);
        TcpListener listener = TcpListener.of(site, owner);
        TcpPair connection = listener.connect();
        Tcpdump master = Tcpdump.on(site.lab().masterNamespace(), LabTerminal.WIRE)) {
      LabSite.ip(impostor.namespace(), "address add " + owner.address() + "/32 dev eth0");
      LabSite.knowMaster(impostor, LabTerminal.WIRE);
      int mark = site.events().mark();
      speak(impostor, owner.address(), 1);
      site.events().await(mark, "binding-mismatch", Map.of("address", owner.address()));
      connection.exchange(10_000);

      long millis =
          connection.millisUntilBothAreReset(() -> {
            speak(impostor, owner.address(), 20);
            return connection;
          });
      System.out.println("taken over: connection cut " + millis + " ms after the attack began");
      site.events()
          .await(mark, "session-ended", Map.of("terminal", "t1", "cause", "binding-mismatch"));
      client.awaitLine("closed");
      assertCameFrom(List.of(owner.hardwareAddress()), master);
      assertGetsInAgain(owner, listener, mark);
    }
  }

  /// Sends datagrams to the master's port 2404 with a source address that may be another's.
  private static void speak(LabTerminal from, String source, int datagrams) throws Exception {
    try (DatagramSocket socket =
        Datagrams.open(from.namespace(), source, 0, Lab.MASTER_ADDRESS, TcpListener.PORT)) {
      for (int i = 0; i < datagrams; i++) {
        socket.send(new DatagramPacket(new byte[100], 100));
      }
    }
  }

  private static void assertCameFrom(List<String> hardwareAddresses, Tcpdump master)
      throws Exception {
    List<String> frames = master.frames(site.lab().gatewayNamespace(), Lab.MASTER_PORT);
    assertTrue(frames.size() > 3, () -> "the rightful terminal's own: " + frames);
    assertEquals(
        List.of(),
        frames.stream()
            .filter(frame -> hardwareAddresses.stream().noneMatch(at -> frame.contains(" " + at)))
            .toList());
  }

  private static void assertGetsInAgain(LabTerminal owner, TcpListener listener, int mark)
      throws Exception {
    try (OpensslTerminal client = OpensslTerminal.of(site, owner)) {
      site.events().await(mark, "auth-refused", Map.of("terminal", "t1", "cause", "suspended"));
      client.awaitLine("SLUICE/1 OK"); // it repeats its hello by itself
      try (TcpPair connection = listener.connect()) {
        connection.exchange(10_000);
      }
    }
  }
}
