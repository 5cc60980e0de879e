package dev.sluice.runtime.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.runtime.lab.LabTerminal;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Who is let in: `openssl s_client` as the terminal, then kernel TCP from the master to port 2404.
/// The master knows the terminals' hardware addresses, so that it is the gateway that stops it.
@Tag("privileged")
@Timeout(300)
final class AuthenticationTest {
  private static final int BYTES = 600_000;
  private static final int VLAN = 7;

  private static LabSite site;

  @BeforeAll
  static void start() throws Exception {
    site = LabSite.open(5, "openssl");
    System.out.println("gateway ready after " + site.startGateway() + " ms");
  }

  @AfterAll
  static void end() throws Exception {
    if (site != null) {
      site.close();
    }
  }

  /// The end of an attempt: an event with its cause, and no way for the master.
  private static void assertRefused(LabTerminal terminal, int mark, String address, String cause)
      throws Exception {
    site.events().await(mark, "auth-refused", Map.of("address", address, "cause", cause));
    assertShut(terminal);
    assertTrue(
        site.events().since(mark).stream()
            .noneMatch(event -> "auth-accepted".equals(event.get("event"))),
        () -> "accepted: " + site.events().since(mark));
  }

  private static void assertShut(LabTerminal terminal) throws Exception {
    site.masterKnows(terminal);
    try (TcpListener listener = TcpListener.of(site, terminal)) {
      assertTrue(listener.refusesMaster());
      assertEquals(0, listener.acceptedCount());
    } finally {
      site.masterForgets(terminal);
    }
  }

  @Test
  void listedCertificateOpensTheWayBothWays() throws Exception {
    LabTerminal terminal = site.terminal(1);
    int mark = site.events().mark();
    try (OpensslTerminal client = OpensslTerminal.of(site, terminal)) {
      client.awaitLine("Verify return code: 0 (ok)");
      client.awaitLine("SLUICE/1 OK lease=3600 keep-alive=30");
      site.events()
          .await(
              mark,
              "auth-accepted",
              Map.of("terminal", "t1", "address", terminal.address(), "vlan", "none"));
      try (TcpListener listener = TcpListener.of(site, terminal);
          TcpPair connection = listener.connect()) {
        connection.exchange(1);
        connection.exchange(BYTES);
      }
      client.say("BYE");
      site.events().await(mark, "session-ended", Map.of("cause", "closed-by-terminal"));
    }
    assertShut(terminal);
  }

  @Test
  void terminalThatShowsNoCertificateIsRefused() throws Exception {
    LabTerminal terminal = site.terminal(1);
    int mark = site.events().mark();
    try (OpensslTerminal client = OpensslTerminal.withoutCertificate(site, terminal)) {
      client.awaitLine("alert handshake failure");
      client.awaitEnd();
      assertRefused(terminal, mark, terminal.address(), "no-certificate");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "unknown_authority, unknown-ca, alert unknown ca",
    "revoked, revoked, alert certificate revoked",
    "expired, expired, alert certificate expired",
    "wrong_usage, wrong-usage, alert unsupported certificate"
  })
  void wrongCertificateOfTheListedSubjectIsRefused(String trial, String cause, String alert)
      throws Exception {
    LabTerminal terminal = site.terminal(1);
    Map<String, String> files = site.lab().properties();
    Path certificate = Path.of(files.getOrDefault(trial + ".cert", ""));
    Path key = Path.of(files.getOrDefault(trial + ".key", ""));
    int mark = site.events().mark();
    try (OpensslTerminal client = OpensslTerminal.with(site, terminal, certificate, key)) {
      client.awaitLine(alert);
      client.awaitEnd();
      assertRefused(terminal, mark, terminal.address(), cause);
    }
  }

  @Test
  void certificateOfAnotherTerminalIsRefused() throws Exception {
    LabTerminal thief = site.terminal(2);
    LabTerminal owner = site.terminal(1);
    int mark = site.events().mark();
    try (OpensslTerminal client =
        OpensslTerminal.with(site, thief, owner.certificate(), owner.key())) {
      client.awaitLine("alert access denied");
      client.awaitEnd();
      assertRefused(thief, mark, thief.address(), "wrong-address");
    }
    assertShut(owner);
  }

  @Test
  void addressThatIsNotListedGetsNoAnswer() throws Exception {
    LabTerminal terminal = site.terminal(3);
    String unlisted = "10.104.0.77";
    LabSite.ip(
        terminal.namespace(), "address add " + unlisted + "/24 dev " + terminal.interfaceName());
    LabSite.knowMaster(terminal, terminal.interfaceName());
    int mark = site.events().mark();
    try (OpensslTerminal client =
        OpensslTerminal.with(
            site, terminal, terminal.certificate(), terminal.key(), "-bind", unlisted + ":4000")) {
      assertRefused(terminal, mark, unlisted, "unlisted");
      assertUnanswered(client);
    }
  }

  @Test
  void wrongHardwareAddressGetsNoAnswer() throws Exception {
    LabTerminal terminal = site.terminal(4);
    String wrong = "02:53:4c:00:00:99";
    LabSite.ip(terminal.namespace(), "link set " + LabTerminal.WIRE + " address " + wrong);
    LabSite.knowMaster(terminal, terminal.interfaceName());
    int mark = site.events().mark();
    try (OpensslTerminal client = OpensslTerminal.of(site, terminal)) {
      site.events().await(mark, "auth-refused", Map.of("terminal", "t4", "mac", wrong));
      assertRefused(terminal, mark, terminal.address(), "wrong-mac");
      assertUnanswered(client);
    }
  }

  @Test
  void wrongVlanGetsNoAnswerAndTheRightOneIsLetIn() throws Exception {
    LabTerminal terminal = site.terminal(5);
    int mark = site.events().mark();
    try (VlanWire wire = new VlanWire(terminal, VLAN)) {
      LabSite.knowMaster(terminal, VlanWire.STATION);
      try (OpensslTerminal client = OpensslTerminal.of(site, terminal)) {
        site.events().await(mark, "auth-refused", Map.of("terminal", "t5", "vlan", "" + VLAN));
        assertRefused(terminal, mark, terminal.address(), "wrong-vlan");
        assertUnanswered(client);
        // So it was the VLAN alone: listed there, the same client gets in with its next try.
        listOnVlan("t5");
        client.awaitLine("SLUICE/1 OK");
        site.events().await(mark, "auth-accepted", Map.of("terminal", "t5", "vlan", "" + VLAN));
      }
    }
  }

  private static void assertUnanswered(OpensslTerminal client) throws Exception {
    assertFalse(client.hasSaid("SLUICE/1"));
    assertFalse(client.hasSaid("alert"));
    assertFalse(client.hasSaid("BEGIN CERTIFICATE"));
  }

  private static void listOnVlan(String id) throws Exception {
    String registry = site.configuration("terminals.ini");
    int at = registry.indexOf("vlan = none", registry.indexOf("[" + id + "]"));
    int mark = site.events().mark();
    site.configure(
        "terminals.ini",
        registry.substring(0, at) + "vlan = " + VLAN + registry.substring(at + 11));
    site.events().await(mark, "registry-reloaded", Map.of());
  }
}
