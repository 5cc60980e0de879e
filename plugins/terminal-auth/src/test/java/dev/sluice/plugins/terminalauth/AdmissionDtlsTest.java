package dev.sluice.plugins.terminalauth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.plugin.Verdict;
import java.io.IOException;
import java.time.Instant;
import java.util.Map;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.CipherSuite;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Handshakes from end to end, over frames.
class AdmissionDtlsTest {
  private static final String ADDRESS = "10.0.0.11";
  private static final String OTHER = "10.0.0.12";
  private static final long HARDWARE = 0x02_00_00_00_00_11L;
  private static final String SUBJECT = "CN=DTU-0001,O=Example";

  private final AuthSite site =
      new AuthSite().list("DTU-0001", SUBJECT, ADDRESS).list("DTU-0002", "CN=DTU-0002", OTHER);

  @AfterEach
  void close() {
    site.close();
  }

  @Test
  void listedTerminalIsAccepted() throws IOException {
    TestAuthority.Identity identity = site.authority.terminal(SUBJECT);
    site.start();
    long before = site.admission().revision();
    assertNull(site.session(ADDRESS));
    DtlsTerminal terminal = new DtlsTerminal(site, ADDRESS, HARDWARE);
    assertEquals("SLUICE/1 OK lease=3600 keep-alive=30", terminal.authenticate(identity));
    Session session = site.live(ADDRESS);
    assertEquals("DTU-0001", session.terminal().id());
    assertTrue(session.binding().matches(site.terminalSide, 0xffffff, HARDWARE));
    assertTrue(site.admission().revision() > before);
    assertTrue(terminal.ask("PING").matches("PONG lease=3(600|59[0-9])"));
    assertEquals("ERR unknown line: allowed: PING, BYE", terminal.ask("HELLO"));
    site.events.await(
        "auth-accepted",
        Map.of(
            "terminal", "DTU-0001",
            "address", ADDRESS,
            "port", "eth1",
            "vlan", "none",
            "mac", "02:00:00:00:00:11",
            "serial", identity.certificate().getSerialNumber().toString(16)));
  }

  @Test
  void recordOfManyLinesIsAnsweredFourTimes() throws IOException {
    site.start();
    DtlsTerminal terminal = new DtlsTerminal(site, ADDRESS, HARDWARE);
    terminal.authenticate(site.authority.terminal(SUBJECT));
    // What arrives while the handshake's thread ends may be overtaken; an answer says it has ended.
    assertTrue(terminal.ask("PING").startsWith("PONG"));
    terminal.send("?\n".repeat(400));
    terminal.send("PING");
    for (int i = 0; i < 4; i++) {
      assertEquals("ERR unknown line: allowed: PING, BYE", terminal.line());
    }
    assertTrue(terminal.line().startsWith("PONG"));
  }

  @Test
  void byeEndsTheSession() throws IOException {
    site.start();
    DtlsTerminal terminal = new DtlsTerminal(site, ADDRESS, HARDWARE);
    terminal.authenticate(site.authority.terminal(SUBJECT));
    Session session = site.live(ADDRESS);
    terminal.send("BYE");
    site.events.await("session-ended", Map.of("cause", "closed-by-terminal"));
    assertTrue(!session.live());
    assertNull(site.session(ADDRESS));
  }

  @Test
  void closeNotifyEndsTheSession() throws IOException {
    site.start();
    DtlsTerminal terminal = new DtlsTerminal(site, ADDRESS, HARDWARE);
    terminal.authenticate(site.authority.terminal(SUBJECT));
    terminal.hangUp();
    site.events.await("session-ended", Map.of("cause", "closed-by-terminal"));
    assertNull(site.session(ADDRESS));
  }

  @Test
  void bothSuitesAreSpoken() throws IOException {
    site.start();
    TestAuthority.Identity identity = site.authority.terminal(SUBJECT);
    DtlsTerminal terminal =
        new DtlsTerminal(
            site, ADDRESS, HARDWARE, 4000, CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384);
    assertTrue(terminal.authenticate(identity).startsWith("SLUICE/1 OK"));
  }

  @Test
  void otherSuiteIsRefused() {
    site.start();
    DtlsTerminal terminal =
        new DtlsTerminal(
            site, ADDRESS, HARDWARE, 4000, CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256);
    refuses(terminal, site.authority.terminal(SUBJECT), "protocol", 40);
  }

  @Test
  void missingCertificateIsRefused() {
    refuses(null, "no-certificate", AlertDescription.handshake_failure);
  }

  @Test
  void unknownAuthorityOfTheSameNameIsRefused() {
    TestAuthority rogue = TestAuthority.root("CN=Site CA,O=Example");
    refuses(rogue.terminal(SUBJECT), "unknown-ca", AlertDescription.unknown_ca);
  }

  @Test
  void revokedCertificateIsRefused() {
    TestAuthority.Identity identity = site.authority.terminal(SUBJECT);
    site.write("ca.crl", TestAuthority.pem(site.authority.revocationList(identity)));
    refuses(identity, "revoked", AlertDescription.certificate_revoked);
  }

  @Test
  void expiredCertificateIsRefused() {
    Instant now = Instant.now();
    TestAuthority.Wish wish =
        TestAuthority.Wish.terminal(SUBJECT).valid(now.minusSeconds(7200), now.minusSeconds(3600));
    refuses(site.authority.issue(wish), "expired", AlertDescription.certificate_expired);
  }

  @Test
  void serversCertificateIsRefused() {
    TestAuthority.Wish wish =
        TestAuthority.Wish.terminal(SUBJECT).purpose(KeyPurposeId.id_kp_serverAuth);
    refuses(site.authority.issue(wish), "wrong-usage", AlertDescription.unsupported_certificate);
  }

  @Test
  void otherSubjectIsRefused() {
    refuses(site.authority.terminal("CN=DTU-9999"), "unlisted", AlertDescription.access_denied);
  }

  @Test
  void listedSubjectAtAnotherAddressIsRefused() {
    refuses(
        site.authority.terminal("CN=DTU-0002"), "wrong-address", AlertDescription.access_denied);
  }

  @Test
  void missingRevocationListIsRefused() {
    site.set("crl-files", "");
    refuses(site.authority.terminal(SUBJECT), "crl-missing", AlertDescription.certificate_unknown);
  }

  @Test
  void certificateOfAnotherKeyIsRefused() {
    TestAuthority.Identity good = site.authority.terminal(SUBJECT);
    TestAuthority.Identity thief =
        new TestAuthority.Identity(good.certificate(), site.authority.terminal("CN=thief").keys());
    refuses(thief, "bad-signature", AlertDescription.decrypt_error);
  }

  @Test
  void unlistedAddressGetsNoAnswer() {
    site.start();
    DtlsTerminal terminal = new DtlsTerminal(site, "10.0.0.99", HARDWARE);
    Verdict verdict = terminal.sendRaw(new byte[100]);
    assertEquals("drop auth-unlisted", verdict.toString());
    site.events.await("auth-refused", Map.of("cause", "unlisted", "address", "10.0.0.99"));
    assertEquals(0, site.sentFrames.get());
  }

  @Test
  void anotherSocketRenewsTheSameSession() throws IOException {
    site.start();
    TestAuthority.Identity identity = site.authority.terminal(SUBJECT);
    DtlsTerminal first = new DtlsTerminal(site, ADDRESS, HARDWARE);
    first.authenticate(identity);
    Session session = site.live(ADDRESS);
    DtlsTerminal second = new DtlsTerminal(site, ADDRESS, HARDWARE);
    second.authenticate(identity);
    assertSame(session, site.session(ADDRESS));
    assertTrue(session.live());
    site.events.await("auth-accepted", Map.of("renewed", true));
    // The first association is closed by the gateway, and that does not end the session.
    assertThrows(IOException.class, first::line);
    assertTrue(session.live());
    assertTrue(second.ask("PING").startsWith("PONG"));
    assertEquals(0, site.events.count("session-ended", Map.of()));
  }

  @Test
  void samePortAfterRestartRenewsTheSession() throws IOException {
    site.start();
    TestAuthority.Identity identity = site.authority.terminal(SUBJECT);
    int suite = CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256;
    new DtlsTerminal(site, ADDRESS, HARDWARE, 4000, suite).authenticate(identity);
    Session session = site.live(ADDRESS);
    DtlsTerminal again = new DtlsTerminal(site, ADDRESS, HARDWARE, 4000, suite);
    assertTrue(again.authenticate(identity).startsWith("SLUICE/1 OK"));
    assertSame(session, site.session(ADDRESS));
  }

  @Test
  void otherHardwareAddressMovesTheSession() throws IOException {
    site.start();
    TestAuthority.Identity identity = site.authority.terminal(SUBJECT);
    new DtlsTerminal(site, ADDRESS, HARDWARE).authenticate(identity);
    Session session = site.live(ADDRESS);
    new DtlsTerminal(site, ADDRESS, HARDWARE + 1).authenticate(identity);
    assertNotSame(session, site.live(ADDRESS));
    assertTrue(!session.live());
    site.events.await(
        "session-moved", Map.of("fromMac", "02:00:00:00:00:11", "mac", "02:00:00:00:00:12"));
  }

  private void refuses(TestAuthority.@Nullable Identity identity, String cause, int alert) {
    site.start();
    refuses(new DtlsTerminal(site, ADDRESS, HARDWARE), identity, cause, alert);
  }

  private void refuses(
      DtlsTerminal terminal, TestAuthority.@Nullable Identity identity, String cause, int alert) {
    assertThrows(IOException.class, () -> terminal.authenticate(identity));
    assertEquals(alert, terminal.alertReceived());
    site.events.await("auth-refused", Map.of("cause", cause, "terminal", "DTU-0001"));
    assertNull(site.session(ADDRESS));
  }
}
