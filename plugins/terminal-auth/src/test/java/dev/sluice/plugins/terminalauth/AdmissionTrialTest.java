package dev.sluice.plugins.terminalauth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.plugin.MemoryTables;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Two versions of admission side by side, of which one is on trial.
class AdmissionTrialTest {
  private static final String ADDRESS = "10.0.0.11";
  private static final long HARDWARE = 0x02_00_00_00_00_11L;
  private static final String SUBJECT = "CN=DTU-0001,O=Example";

  private final AuthSite site = new AuthSite().list("DTU-0001", SUBJECT, ADDRESS);
  private final TestAuthority.Identity identity = site.authority.terminal(SUBJECT);

  @AfterEach
  void close() {
    site.close();
  }

  @Test
  void handshakeThatEndsAfterTheOwnershipIsLostBeginsNoSession() throws Exception {
    site.start();
    site.write("ca2.crl", TestAuthority.pem(site.authority.revocationList(identity)));
    site.set("crl-files", "ca2.crl");
    DtlsAdmission fresh = site.beside(new MemoryTables[1]);
    AtomicBoolean finishing = new AtomicBoolean();
    DtlsTerminal terminal =
        new DtlsTerminal(site, ADDRESS, HARDWARE)
            .over(
                datagram -> {
                  for (byte[] record : Records.of(datagram)) {
                    if (Records.epochOf(record) == 1 && finishing.compareAndSet(false, true)) {
                      fresh.inForce(System.nanoTime(), true);
                    }
                  }
                  return datagram;
                });
    try {
      terminal.authenticate(identity);
    } catch (IOException e) {
      assertNotNull(e.getMessage());
    }
    assertTrue(fresh.owns());
    assertEquals(0, site.events.count("auth-accepted", Map.of()));
    site.events.await("auth-refused", Map.of("cause", "replaced"));
    IpAddress ip = IpAddress.parse(ADDRESS);
    assertNull(fresh.session(ip.high(), ip.low()));
    fresh.deactivate();
  }
}
