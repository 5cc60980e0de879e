package dev.sluice.runtime.e2e;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.runtime.lab.LabTerminal;
import dev.sluice.runtime.pki.Authority;
import dev.sluice.runtime.pki.RevocationReason;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// When a session ends, both ends of its connection see a reset within a second.
@Tag("privileged")
@Timeout(300)
final class SessionEndTest {
  private static final long LIMIT_MILLIS = 1000;

  private static LabSite site;

  @BeforeAll
  static void start() throws Exception {
    site = LabSite.open(4, "openssl");
    site.startGateway();
  }

  @AfterAll
  static void end() throws Exception {
    if (site != null) {
      site.close();
    }
  }

  /// What ends the session.
  private interface End {
    void of(OpensslTerminal client) throws Exception;
  }

  private static void assertCut(int number, String cause, End end) throws Exception {
    LabTerminal terminal = site.terminal(number);
    int mark = site.events().mark();
    try (OpensslTerminal client = OpensslTerminal.accepted(site, terminal);
        TcpListener listener = TcpListener.of(site, terminal);
        TcpPair connection = listener.connect()) {
      connection.exchange(1000);
      long millis =
          connection.millisUntilBothAreReset(() -> {
            end.of(client);
            return client;
          });
      System.out.println(cause + ": both ends were reset after " + millis + " ms");
      site.events()
          .await(mark, "session-ended", Map.of("terminal", terminal.name(), "cause", cause));
      client.awaitEnd();
      assertTrue(millis < LIMIT_MILLIS, "cut after " + millis + " ms");
      site.masterKnows(terminal);
      assertTrue(listener.refusesMaster());
    }
  }

  @Test
  void byeCutsTheConnection() throws Exception {
    assertCut(1, "closed-by-terminal", client -> client.say("BYE"));
  }

  @Test
  void closeNotifyCutsTheConnection() throws Exception {
    assertCut(2, "closed-by-terminal", OpensslTerminal::closeNotify);
  }

  @Test
  void revocationCutsTheConnection() throws Exception {
    Authority authority = Authority.open(site.lab().pki());
    assertCut(3, "revoked", _ -> authority.revoke("t3", RevocationReason.KEY_COMPROMISE));
  }

  @Test
  void removalFromTheRegistryCutsTheConnection() throws Exception {
    String registry = site.configuration("terminals.ini");
    String without = registry.substring(0, registry.indexOf("[t4]"));
    assertCut(4, "unlisted", _ -> site.configure("terminals.ini", without));
  }
}
