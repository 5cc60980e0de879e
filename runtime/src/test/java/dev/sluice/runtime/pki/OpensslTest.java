package dev.sluice.runtime.pki;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What another implementation says about our certificates and lists.
final class OpensslTest {
  private record Answer(int code, String text) {}

  @TempDir Path temp;
  private Authority authority;

  @BeforeEach
  void init() throws Exception {
    try {
      run(temp, "version");
    } catch (IOException e) {
      System.out.println("SKIPPED OpensslTest: openssl is not installed");
      abort("openssl is not installed");
    }
    authority = Authority.create(temp.resolve("pki"), "Trial CA");
  }

  private static Answer run(Path folder, String... words) throws Exception {
    List<String> command = new ArrayList<>(List.of("openssl"));
    command.addAll(List.of(words));
    Process process =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Answer(process.waitFor(), text);
  }

  private Answer verify(String purpose, String name) throws Exception {
    return run(
        temp.resolve("pki"),
        "verify",
        "-x509_strict",
        "-crl_check",
        "-purpose",
        purpose,
        "-CAfile",
        "ca.crt",
        "-CRLfile",
        "ca.crl",
        name + ".crt");
  }

  private void issue(CertificateKind kind, String name) throws Exception {
    authority.issue(CertificateRequest.of(kind, name, 1));
  }

  private static void assertAccepted(Answer answer) {
    assertEquals(0, answer.code(), answer.text());
  }

  private static void assertRefused(Answer answer, String cause) {
    assertTrue(answer.code() != 0 && answer.text().contains(cause), answer.text());
  }

  @Test
  void certificatesAreAcceptedForTheirUse() throws Exception {
    issue(CertificateKind.TERMINAL, "t1");
    issue(CertificateKind.GATEWAY, "gw");
    assertAccepted(verify("sslclient", "t1"));
    assertAccepted(verify("sslserver", "gw"));
    assertRefused(verify("sslserver", "t1"), "unsuitable certificate purpose");
    assertRefused(verify("sslclient", "gw"), "unsuitable certificate purpose");
  }

  @Test
  void revokedExpiredAndFutureAreRefused() throws Exception {
    issue(CertificateKind.TERMINAL, "revoked");
    authority.revoke("revoked", RevocationReason.CESSATION_OF_OPERATION);
    Instant now = Instant.now();
    Duration day = Duration.ofDays(1);
    CertificateRequest request = CertificateRequest.of(CertificateKind.TERMINAL, "expired", 1);
    authority.issue(request.withLife(now.minus(day.multipliedBy(2)), now.minus(day)));
    CertificateRequest early = CertificateRequest.of(CertificateKind.TERMINAL, "future", 1);
    authority.issue(early.withLife(now.plus(day), now.plus(day.multipliedBy(2))));
    assertRefused(verify("sslclient", "revoked"), "certificate revoked");
    assertRefused(verify("sslclient", "expired"), "certificate has expired");
    assertRefused(verify("sslclient", "future"), "certificate is not yet valid");
  }

  @Test
  void anotherAuthorityOfTheSameNameIsRefused() throws Exception {
    Authority rogue = Authority.create(temp.resolve("rogue"), "Trial CA");
    rogue.issue(CertificateRequest.of(CertificateKind.TERMINAL, "t1", 1));
    Files.copy(rogue.certificateFile("t1"), authority.certificateFile("t1"));
    assertRefused(verify("sslclient", "t1"), "verification failed");
  }

  @Test
  void listIsSignedByTheAuthority() throws Exception {
    assertAccepted(run(temp.resolve("pki"), "crl", "-in", "ca.crl", "-CAfile", "ca.crt", "-noout"));
  }

  @Test
  void keyBelongsToItsCertificate() throws Exception {
    issue(CertificateKind.TERMINAL, "t1");
    Path pki = temp.resolve("pki");
    Answer fromKey = run(pki, "pkey", "-in", "t1.key", "-pubout");
    assertAccepted(fromKey);
    assertEquals(fromKey, run(pki, "x509", "-in", "t1.crt", "-noout", "-pubkey"));
  }
}
