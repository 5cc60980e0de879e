package dev.sluice.runtime.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.runtime.lab.Lab;
import dev.sluice.runtime.lab.LabBackend;
import dev.sluice.runtime.lab.LabTerminal;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The gateway is killed with SIGKILL under traffic, again and again, on ports of either kind.
@Tag("privileged")
@Timeout(600)
final class RestartTest {
  /// More of them where somebody asks for it: `-Dsluice.kills=20`.
  private static final int XDP_KILLS = Integer.getInteger("sluice.kills", 5);

  private static final int PACKET_KILLS = 3;
  private static final long FLOWING_BYTES = 500_000;

  @Test
  void killedGatewayOnPacketPortsLetsNothingPassAndStartsAgain() throws Exception {
    try (LabSite site = LabSite.open(LabBackend.PACKET, 2, "openssl", "tcpdump")) {
      killAgainAndAgain(site, PACKET_KILLS);
    }
  }

  @Test
  void killedGatewayOnXdpPortsLeavesNoProgramLetsNothingPassAndStartsAgain() throws Exception {
    try (LabSite site = LabSite.open(LabBackend.XDP, 2, "openssl", "tcpdump")) {
      killAgainAndAgain(site, XDP_KILLS);
    }
  }

  private static void killAgainAndAgain(LabSite site, int kills) throws Exception {
    boolean xdp = site.lab().backend() == LabBackend.XDP;
    List<Long> readyMillis = new ArrayList<>();
    for (int kill = 0; kill < kills; kill++) {
      site.startGateway();
      readyMillis.add(site.saidMillis());
      try (OpensslTerminal first = OpensslTerminal.accepted(site, site.terminal(1));
          OpensslTerminal second = OpensslTerminal.accepted(site, site.terminal(2));
          TcpListener firstListener = TcpListener.of(site, site.terminal(1));
          TcpListener secondListener = TcpListener.of(site, site.terminal(2));
          Traffic one = new Traffic(firstListener.connect());
          Traffic two = new Traffic(secondListener.connect())) {
        Await.until(
            () -> FLOWING_BYTES < Math.min(one.arrivedBytes(), two.arrivedBytes()),
            () -> "traffic; " + one.arrivedBytes() + " and " + two.arrivedBytes() + " bytes");
        assertEquals(xdp, !site.programs().isEmpty(), "XDP programs: " + site.programs());
        site.killGateway();
        assertNothingPasses(site, firstListener);
        assertEquals(List.of(), site.programs());
        assertTrue(first.isAlive() && second.isAlive(), "the terminals hold their sessions");
      }
    }
    site.startGateway();
    readyMillis.add(site.saidMillis());
    System.out.println(site.lab().backend() + " ports ready after ms: " + readyMillis);
    try (OpensslTerminal client = OpensslTerminal.accepted(site, site.terminal(1));
        TcpListener listener = TcpListener.of(site, site.terminal(1));
        TcpPair connection = listener.connect()) {
      connection.exchange(100_000);
      client.ping();
    }
  }

  /// Both sides go on sending: the kernels repeat what was not acknowledged, and new attempts come
  /// on top.
  private static void assertNothingPasses(LabSite site, TcpListener listener) throws Exception {
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
