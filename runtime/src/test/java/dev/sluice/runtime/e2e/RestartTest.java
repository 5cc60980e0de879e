package dev.sluice.runtime.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.runtime.lab.Lab;
import dev.sluice.runtime.lab.LabTerminal;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The gateway is killed with SIGKILL under traffic, again and again.
@Tag("privileged")
@Timeout(300)
final class RestartTest {
  private static final int KILLS = 3;
  private static final long FLOWING_BYTES = 500_000;

  private static LabSite site;

  @BeforeAll
  static void start() throws Exception {
    site = LabSite.open(2, "openssl", "tcpdump");
  }

  @AfterAll
  static void end() throws Exception {
    if (site != null) {
      site.close();
    }
  }

  @Test
  void killedGatewayLetsNothingPassAndStartsAgain() throws Exception {
    for (int kill = 0; kill < KILLS; kill++) {
      System.out.println("gateway ready after " + site.startGateway() + " ms");
      try (OpensslTerminal first = OpensslTerminal.accepted(site, site.terminal(1));
          OpensslTerminal second = OpensslTerminal.accepted(site, site.terminal(2));
          TcpListener firstListener = TcpListener.of(site, site.terminal(1));
          TcpListener secondListener = TcpListener.of(site, site.terminal(2));
          Traffic one = new Traffic(firstListener.connect());
          Traffic two = new Traffic(secondListener.connect())) {
        Await.until(
            () -> FLOWING_BYTES < Math.min(one.arrivedBytes(), two.arrivedBytes()),
            () -> "traffic; " + one.arrivedBytes() + " and " + two.arrivedBytes() + " bytes");
        site.killGateway();
        assertNothingPasses(firstListener);
        assertTrue(first.isAlive() && second.isAlive(), "the terminals hold their sessions");
      }
    }
    System.out.println("gateway ready after " + site.startGateway() + " ms");
    try (OpensslTerminal client = OpensslTerminal.accepted(site, site.terminal(1));
        TcpListener listener = TcpListener.of(site, site.terminal(1));
        TcpPair connection = listener.connect()) {
      connection.exchange(100_000);
      client.ping();
    }
  }

  /// Both sides go on sending: the kernels repeat what was not acknowledged, and new attempts come
  /// on top.
  private static void assertNothingPasses(TcpListener listener) throws Exception {
    Lab lab = site.lab();
    LabTerminal terminal = site.terminal(1);
    LabSite.knowMaster(terminal, LabTerminal.WIRE);
    try (Tcpdump atMaster = Tcpdump.on(lab.masterNamespace(), LabTerminal.WIRE);
        Tcpdump atTerminal = Tcpdump.on(terminal.namespace(), LabTerminal.WIRE);
        Tcpdump fromTerminals = Tcpdump.on(lab.gatewayNamespace(), Lab.TERMINAL_PORT);
        Tcpdump fromMaster = Tcpdump.on(lab.gatewayNamespace(), Lab.MASTER_PORT)) {
      send(terminal.namespace(), terminal.address(), Lab.MASTER_ADDRESS);
      send(lab.masterNamespace(), Lab.MASTER_ADDRESS, terminal.address());
      assertTrue(listener.refusesMaster());
      assertFalse(fromTerminals.frames(lab.switchNamespace(), "up0").isEmpty());
      assertFalse(fromMaster.frames(lab.masterNamespace(), LabTerminal.WIRE).isEmpty());
      assertEquals(List.of(), atMaster.frames(lab.gatewayNamespace(), Lab.MASTER_PORT));
      assertEquals(
          List.of(),
          atTerminal.frames(lab.switchNamespace(), terminal.name()).stream()
              .filter(frame -> frame.contains(" " + Lab.MASTER_HARDWARE_ADDRESS + " > "))
              .toList());
    }
  }

  private static void send(String namespace, String from, String to) throws Exception {
    try (DatagramSocket socket = Datagrams.open(namespace, from, 0, to, TcpListener.PORT)) {
      for (int i = 0; i < 50; i++) {
        socket.send(new DatagramPacket(new byte[200], 200));
      }
    } catch (IOException e) {
      throw new AssertionError("from " + from, e);
    }
  }
}
