package dev.sluice.plugins.terminalauth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.plugin.MemoryTables;
import dev.sluice.plugin.SettingsException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What ends a session, and what does not.
class SessionLifeTest {
  private static final String ADDRESS = "10.0.0.11";
  private static final long HARDWARE = 0x02_00_00_00_00_11L;
  private static final String SUBJECT = "CN=DTU-0001,O=Example";

  private final AuthSite site = new AuthSite().list("DTU-0001", SUBJECT, ADDRESS);
  private TestAuthority.Identity identity = site.authority.terminal(SUBJECT);

  @BeforeEach
  void quiet() {
    site.set("keep-alive-s", 0);
  }

  @AfterEach
  void close() {
    site.close();
  }

  @Test
  void leaseEnds() throws IOException {
    site.set("lease-s", 1);
    Session session = authenticated();
    site.traffic(session, 1500);
    ends(session, "lease-ended");
  }

  @Test
  void idleSessionEnds() throws IOException {
    site.set("idle-s", 1);
    ends(authenticated(), "idle");
  }

  @Test
  void trafficKeepsAnIdleSession() throws IOException {
    site.set("idle-s", 1);
    Session session = authenticated();
    site.traffic(session, 1500);
    assertTrue(session.live());
  }

  @Test
  void missedKeepAliveEndsIt() throws IOException {
    site.set("keep-alive-s", 1).set("keep-alive-misses", 1);
    ends(authenticated(), "keep-alive-missed");
  }

  @Test
  void recordsKeepItAlive() throws IOException {
    site.set("keep-alive-s", 1).set("keep-alive-misses", 1).start();
    DtlsTerminal terminal = new DtlsTerminal(site, ADDRESS, HARDWARE);
    terminal.authenticate(identity);
    for (int i = 0; i < 4; i++) {
      Pause.millis(400);
      terminal.send("");
    }
    assertTrue(site.live(ADDRESS).live());
    ends(site.live(ADDRESS), "keep-alive-missed");
  }

  @Test
  void garbageDoesNotKeepItAlive() throws IOException {
    site.set("keep-alive-s", 1).set("keep-alive-misses", 1).start();
    DtlsTerminal terminal = new DtlsTerminal(site, ADDRESS, HARDWARE);
    terminal.authenticate(identity);
    Session session = site.live(ADDRESS);
    for (int i = 0; i < 10 && session.live(); i++) {
      Pause.millis(200);
      terminal.sendRaw(record(23, 1, i, new byte[40]));
    }
    ends(session, "keep-alive-missed");
  }

  @Test
  void forgedDatagramsDoNotEndIt() throws IOException {
    site.start();
    DtlsTerminal terminal = new DtlsTerminal(site, ADDRESS, HARDWARE);
    terminal.authenticate(identity);
    Session session = site.live(ADDRESS);
    Random random = new Random(7);
    for (int i = 0; i < 20_000; i++) {
      byte[] content = new byte[random.nextInt(64)];
      random.nextBytes(content);
      byte[] forged = record(19 + random.nextInt(7), random.nextInt(3), i, content);
      if (random.nextInt(4) == 0) {
        forged[random.nextInt(forged.length)] = (byte) random.nextInt();
      }
      terminal.sendRaw(forged);
      if (i % 20 == 0) {
        Pause.millis(1);
      }
    }
    Pause.millis(50);
    assertTrue(session.live());
    assertTrue(terminal.ask("PING").startsWith("PONG"));
  }

  private static byte[] record(int type, int epoch, int sequence, byte[] content) {
    return ByteBuffer.allocate(13 + content.length)
        .put((byte) type)
        .putShort((short) 0xfefd)
        .putShort((short) epoch)
        .putShort((short) 0)
        .putInt(sequence)
        .putShort((short) content.length)
        .put(content)
        .array();
  }

  @Test
  void endOfTheCertificateEndsIt() throws IOException {
    Instant now = Instant.now();
    TestAuthority.Wish wish =
        TestAuthority.Wish.terminal(SUBJECT).valid(now.minusSeconds(60), now.plusSeconds(3));
    identity = site.authority.issue(wish);
    ends(authenticated(), "expired");
  }

  @Test
  void revocationEndsItWithinASecond() throws IOException {
    Session session = authenticated();
    site.write("ca.crl", TestAuthority.pem(site.authority.revocationList(identity)));
    endsWithinASecond(session, "revoked");
  }

  @Test
  void otherRevocationDoesNotEndIt() throws IOException {
    Session session = authenticated();
    TestAuthority.Identity other = site.authority.terminal("CN=DTU-0002");
    site.write("ca.crl", TestAuthority.pem(site.authority.revocationList(other)));
    site.events.await("crl-reloaded", Map.of());
    assertTrue(session.live());
  }

  @Test
  void removalFromTheRegistryEndsItWithinASecond() throws IOException {
    Session session = authenticated();
    site.write("terminals.ini", "# nobody\n");
    endsWithinASecond(session, "unlisted");
    assertFalse(site.admission().isListed(0, IpAddress.parse(ADDRESS).low()));
  }

  @Test
  void changedEntryEndsItWithinASecond() throws IOException {
    Session session = authenticated();
    site.write("terminals.ini", site.registry() + "tcp-ports = 2500\n");
    endsWithinASecond(session, "registry-changed");
  }

  @Test
  void distrustOfTheAuthorityEndsItWithinASecond() throws IOException {
    Session session = authenticated();
    TestAuthority other = TestAuthority.root("CN=Site CA,O=Example");
    site.write("ca.crt", TestAuthority.pem(other.certificate()));
    endsWithinASecond(session, "unknown-ca");
  }

  @Test
  void badRegistryLeavesTheOldInForceAndIsReportedOnce() throws IOException {
    Session session = authenticated();
    site.write("terminals.ini", "[DTU-0001]\nsubject = CN=half");
    site.events.await(
        "registry-refused",
        Map.of(
            "reason",
            "terminals.ini [DTU-0001]: address is not set: give the terminal's IP " + "address"));
    Pause.millis(500);
    assertEquals(1, site.events.count("registry-refused", Map.of()));
    assertTrue(session.live());
    site.write("terminals.ini", site.registry() + "# good again\n");
    site.events.await("registry-reloaded", Map.of("detail", "1 terminals"));
    assertTrue(session.live());
  }

  @Test
  void badRegistryDoesNotHoldUpARevocation() throws IOException {
    Session session = authenticated();
    site.write("terminals.ini", "nonsense");
    site.events.await("registry-refused", Map.of());
    site.write("ca.crl", TestAuthority.pem(site.authority.revocationList(identity)));
    endsWithinASecond(session, "revoked");
  }

  @Test
  void olderRevocationListIsRefused() throws IOException {
    site.write("ca.crl", TestAuthority.pem(site.authority.revocationList(identity)));
    site.start();
    Instant soon = Instant.now().plusSeconds(3600);
    site.write("ca.crl", TestAuthority.pem(site.authority.revocationList(soon)));
    site.events.await("crl-refused", Map.of());
    assertThrows(
        IOException.class, () -> new DtlsTerminal(site, ADDRESS, HARDWARE).authenticate(identity));
  }

  @Test
  void overdueRevocationListIsReportedOnceAndKeepsTheSession() throws IOException {
    Instant soon = Instant.now().plusSeconds(5);
    site.write("ca.crl", TestAuthority.pem(site.authority.revocationList(soon)));
    Session session = authenticated();
    site.events.await("gateway-certificate-expires", Map.of("withinDays", 1));
    site.events.await("crl-overdue", Map.of("issuer", "O=Example,CN=Site CA"));
    Pause.millis(300);
    assertEquals(1, site.events.count("crl-overdue", Map.of()));
    assertTrue(session.live());
    assertThrows(
        IOException.class, () -> new DtlsTerminal(site, ADDRESS, HARDWARE).authenticate(identity));
    site.events.await("auth-refused", Map.of("cause", "crl-expired"));
  }

  @Test
  void vanishedFileLeavesTheOldInForce() throws IOException {
    Session session = authenticated();
    Files.delete(site.folder.resolve("ca.crl"));
    site.events.await("crl-refused", Map.of());
    Pause.millis(400);
    assertEquals(1, site.events.count("crl-refused", Map.of()));
    assertTrue(session.live());
  }

  @Test
  void mismatchesSuspendIt() throws IOException {
    site.set("mismatch-limit", 3).set("suspension-s", 2);
    Session session = authenticated();
    session.mismatches().add(3);
    ends(session, "binding-mismatch");
    DtlsTerminal again = new DtlsTerminal(site, ADDRESS, HARDWARE);
    assertEquals("drop auth-suspended", again.sendRaw(record(22, 0, 0, new byte[60])).toString());
    Pause.millis(2100);
    assertTrue(again.authenticate(identity).startsWith("SLUICE/1 OK"));
  }

  @Test
  void fewMismatchesAreReportedAndDoNotEndIt() throws IOException {
    site.set("mismatch-limit", 3);
    Session session = authenticated();
    session.mismatches().add(2);
    site.events.await("binding-mismatch", Map.of("terminal", "DTU-0001", "packets", 2L));
    assertTrue(session.live());
  }

  @Test
  void noMismatchesEndItUnlessALimitIsSet() throws IOException {
    Session session = authenticated();
    session.mismatches().add(1_000_000);
    site.events.await("binding-mismatch", Map.of("packets", 1_000_000L));
    Pause.millis(300);
    assertTrue(session.live());
  }

  @Test
  void changeOfSettingsKeepsTheSession() throws IOException {
    Session session = authenticated();
    long revision = site.admission().revision();
    site.set("lease-s", 7200).set("auth-port", 2406);
    site.admission().modified(site.properties);
    assertEquals(2406, site.admission().gate().authPort());
    assertTrue(site.admission().revision() > revision);
    assertSame(session, site.live(ADDRESS));
  }

  @Test
  void badChangeOfSettingsLeavesTheOldInForce() throws IOException {
    Session session = authenticated();
    site.set("lease-s", 0);
    site.admission().modified(site.properties);
    site.events.await(
        "settings-refused", Map.of("reason", "terminal.auth.cfg: lease-s = 0: allowed: 1..604800"));
    assertSame(session, site.live(ADDRESS));
  }

  @Test
  void firstSettingsThatAreBadAreThrownAndReported() {
    site.start();
    site.set("max-handshakes", "many");
    assertThrows(
        SettingsException.class,
        () -> new DtlsAdmission(new MemoryTables(), site, site.events, site.properties));
    site.events.await(
        "settings-refused",
        Map.of(
            "reason",
            "terminal.auth.cfg: max-handshakes = many: allowed: a whole number, 1..10000"));
  }

  @Test
  void keyThatOthersCanReadIsRefused() throws IOException {
    site.start();
    Files.setPosixFilePermissions(
        site.folder.resolve("gateway.key"), PosixFilePermissions.fromString("rw-r-----"));
    SettingsException e =
        assertThrows(
            SettingsException.class,
            () -> new DtlsAdmission(new MemoryTables(), site, site.events, site.properties));
    assertTrue(String.valueOf(e.getMessage()).contains("run chmod 600 "), e.getMessage());
  }

  @Test
  void keyOfAnotherCertificateIsRefused() {
    site.start();
    site.write("gateway.crt", TestAuthority.pem(site.authority.gateway().certificate()));
    SettingsException e =
        assertThrows(
            SettingsException.class,
            () -> new DtlsAdmission(new MemoryTables(), site, site.events, site.properties));
    assertEquals(
        "gateway.key: not the key of gateway.crt: allowed: the key it names", e.getMessage());
  }

  @Test
  void stopEndsItAndTellsTheTerminal() throws IOException {
    site.start();
    DtlsTerminal terminal = new DtlsTerminal(site, ADDRESS, HARDWARE);
    terminal.authenticate(identity);
    Session session = site.live(ADDRESS);
    site.admission().deactivate();
    assertFalse(session.live());
    site.events.await("session-ended", Map.of("cause", "gateway-stopped"));
    assertThrows(IOException.class, terminal::line);
  }

  private Session authenticated() throws IOException {
    site.start();
    DtlsTerminal terminal = new DtlsTerminal(site, ADDRESS, HARDWARE);
    assertTrue(terminal.authenticate(identity).startsWith("SLUICE/1 OK"));
    return site.live(ADDRESS);
  }

  private void ends(Session session, String cause) {
    site.events.await("session-ended", Map.of("cause", cause, "terminal", "DTU-0001"));
    assertFalse(session.live());
    assertNull(site.session(ADDRESS));
  }

  private void endsWithinASecond(Session session, String cause) {
    long began = System.nanoTime();
    Pause.until("the session ends", () -> !session.live());
    long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
    assertTrue(millis < 1000, "took " + millis + " ms");
    ends(session, cause);
  }
}
