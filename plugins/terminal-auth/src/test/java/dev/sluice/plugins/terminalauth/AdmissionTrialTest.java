package dev.sluice.plugins.terminalauth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.plugin.MemoryTables;
import dev.sluice.plugin.SettingsException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
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
            .over(datagram -> {
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

  @Test
  void candidateThatHasJudgedNothingEndsNothing() throws Exception {
    site.start();
    Session session = authenticated();
    site.write("t2.ini", site.registry().replace(ADDRESS, "10.0.0.99"));
    site.set("registry-file", "t2.ini");
    MemoryTables[] tables = new MemoryTables[1];
    DtlsAdmission failing = site.beside(tables);
    failing.inForce(System.nanoTime(), false);
    assertFalse(failing.owns());
    Pause.millis(400);
    failing.deactivate();
    tables[0].close();
    assertTrue(session.live());
    assertTrue(site.admission().owns());
  }

  @Test
  void candidateThatReadsTheRegistryWrongLeavesTheSessionsToTheOther() throws Exception {
    site.list("T2", "CN=T2", "10.0.0.12").start();
    Session unlisted = authenticated();
    new DtlsTerminal(site, "10.0.0.12", HARDWARE + 1)
        .authenticate(site.authority.terminal("CN=T2"));
    Session renamed = site.live("10.0.0.12");
    String wrong = site.registry().replace(ADDRESS, "10.0.0.99").replace("[T2]", "[T3]");
    site.write("t2.ini", wrong);
    site.set("registry-file", "t2.ini");
    MemoryTables[] tables = new MemoryTables[1];
    DtlsAdmission failing = site.beside(tables);
    failing.inForce(System.nanoTime(), true);
    assertTrue(failing.owns());
    Pause.millis(400);
    IpAddress ip = IpAddress.parse("10.0.0.12");
    assertNull(failing.session(ip.high(), ip.low()), "its own gate does not let it pass");
    failing.deactivate();
    tables[0].close();
    site.admission().inForce(System.nanoTime(), true);
    Pause.millis(400);
    assertTrue(unlisted.live());
    assertTrue(renamed.live());
    assertEquals(0, site.events.count("session-ended", Map.of()));
  }

  @Test
  void whatTheRegistryOfTheNewVersionDoesNotListEndsWhenTheOldIsGone() throws Exception {
    site.start();
    Session session = authenticated();
    site.write("t2.ini", site.registry().replace(ADDRESS, "10.0.0.99"));
    site.set("registry-file", "t2.ini");
    site.swap();
    site.events.await("session-ended", Map.of("cause", "unlisted"));
    assertFalse(session.live());
  }

  @Test
  void terminalThatTheCandidateKnowsForRevokedIsCutAtOnce() throws Exception {
    site.start();
    Session session = authenticated();
    site.write("ca2.crl", TestAuthority.pem(site.authority.revocationList(identity)));
    site.set("crl-files", "ca2.crl");
    DtlsAdmission fresh = site.beside(new MemoryTables[1]);
    fresh.inForce(System.nanoTime(), true);
    site.events.await("session-ended", Map.of("cause", "revoked"));
    assertFalse(session.live());
    fresh.deactivate();
  }

  @Test
  void sessionsEndThoughTheirTerminalsCannotBeTold() throws Exception {
    TestAuthority.Identity other = site.authority.terminal("CN=T2");
    site.list("T2", "CN=T2", "10.0.0.12").start();
    Session first = authenticated();
    new DtlsTerminal(site, "10.0.0.12", HARDWARE + 1).authenticate(other);
    Session second = site.live("10.0.0.12");
    site.cannotSend = true;
    site.write("ca.crl", TestAuthority.pem(site.authority.revocationList(identity, other)));
    site.events.await("session-ended", Map.of("cause", "revoked", "terminal", "DTU-0001"));
    site.events.await("session-ended", Map.of("cause", "revoked", "terminal", "T2"));
    assertFalse(first.live() || second.live());
  }

  @Test
  void datagramIsGoodForFourAnswersAndATerminalForEightInASecond() throws Exception {
    site.start();
    List<byte[]> kept = new ArrayList<>();
    AtomicBoolean keeps = new AtomicBoolean();
    DtlsTerminal terminal =
        new DtlsTerminal(site, ADDRESS, HARDWARE)
            .over(datagram -> {
              if (keeps.get()) {
                kept.add(datagram);
              }
              return keeps.get() ? new byte[] {1} : datagram;
            });
    terminal.authenticate(identity);
    keeps.set(true);
    for (int i = 0; i < 32; i++) {
      terminal.send("x\nx\nx\nx");
    }
    keeps.set(false);
    int before = site.sentFrames.get();
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    kept.subList(0, 16).forEach(all::writeBytes);
    terminal.sendRaw(all.toByteArray());
    Pause.millis(200);
    assertEquals(4, site.sentFrames.get() - before);
    kept.subList(16, 32).forEach(terminal::sendRaw);
    Pause.millis(300);
    assertEquals(8, site.sentFrames.get() - before);
    Pause.millis(1000);
    assertTrue(terminal.ask("PING").length() > 0);
  }

  @Test
  void olderRevocationListIsRefusedByTheNextVersionToo() throws Exception {
    String old = TestAuthority.pem(site.authority.revocationList());
    Instant later = Instant.now().plus(Duration.ofHours(36));
    String newer = TestAuthority.pem(site.authority.revocationList(later, identity));
    site.write("ca.crl", newer);
    site.start();
    Pause.millis(400);
    site.write("old.crl", old);
    site.set("crl-files", "old.crl");
    AssertionError refused =
        assertThrows(AssertionError.class, () -> site.beside(new MemoryTables[1]));
    assertTrue(String.valueOf(refused.getMessage()).contains("allowed: one not older"));
    site.set("crl-files", "old.crl, ca.crl");
    site.beside(new MemoryTables[1]).deactivate();
  }

  @Test
  void olderRevocationListIsRefusedWithOtherSettings() throws Exception {
    String old = TestAuthority.pem(site.authority.revocationList());
    Instant later = Instant.now().plus(Duration.ofHours(36));
    site.write("ca.crl", TestAuthority.pem(site.authority.revocationList(later, identity)));
    site.start();
    site.write("old.crl", old);
    site.set("crl-files", "old.crl");
    site.admission().modified(site.properties);
    assertEquals(1, site.events.count("settings-refused", Map.of()));
  }

  @Test
  void revocationListWithALowerNumberIsOlder() throws Exception {
    RevocationFloor floor = new RevocationFloor(site.tables());
    Instant next = Instant.now().plus(Duration.ofDays(1));
    floor.raise(list(next, 300));
    floor.refuseOlder(List.of(list(next, 300)));
    floor.refuseOlder(List.of(list(next, 301)));
    floor.refuseOlder(List.of(list(next, 2), list(next, 300)));
    assertThrows(SettingsException.class, () -> floor.refuseOlder(List.of(list(next, 299))));
    floor.raise(list(next, 5));
    assertThrows(SettingsException.class, () -> floor.refuseOlder(List.of(list(next, 299))));
  }

  private RevocationList list(Instant next, int number) throws SettingsException {
    return RevocationList.of("x", site.authority.numbered(next, number));
  }

  private Session authenticated() throws IOException {
    DtlsTerminal terminal = new DtlsTerminal(site, ADDRESS, HARDWARE);
    assertTrue(terminal.authenticate(identity).startsWith("SLUICE/1 OK"));
    return site.live(ADDRESS);
  }
}
