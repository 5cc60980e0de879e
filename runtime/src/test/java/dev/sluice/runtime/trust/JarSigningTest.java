package dev.sluice.runtime.trust;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.runtime.pki.Authority;
import dev.sluice.runtime.pki.CertificateKind;
import dev.sluice.runtime.pki.CertificateRequest;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSigner;
import java.time.Duration;
import java.time.Instant;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class JarSigningTest {
  @TempDir Path temp;
  private Authority authority;

  @BeforeEach
  void issue() throws Exception {
    authority = Authority.create(temp.resolve("pki"), "Trial");
    authority.issue(CertificateRequest.of(CertificateKind.SIGNER, "alice", 7));
    authority.issue(CertificateRequest.of(CertificateKind.SIGNER, "bob", 7));
    authority.issue(CertificateRequest.of(CertificateKind.TERMINAL, "t1", 7));
  }

  private String refusal(Path key, Path chain) {
    return String.valueOf(
        assertThrows(TrustException.class, () -> JarSigning.read(key, chain)).getMessage());
  }

  @Test
  void signedJarVerifiesWithTheSignersCertificate() throws Exception {
    Path jar = temp.resolve("a.jar");
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().putValue("Manifest-Version", "1.0");
    manifest.getMainAttributes().putValue("Bundle-SymbolicName", "a");
    try (OutputStream file = Files.newOutputStream(jar);
        JarOutputStream out = new JarOutputStream(file, manifest)) {
      out.putNextEntry(new JarEntry("x"));
      out.write(1);
    }
    JarSigning alice =
        JarSigning.read(authority.keyFile("alice"), authority.certificateFile("alice"));
    alice.sign(jar, jar);
    assertEquals("CN=alice", alice.subject());
    try (JarFile signed = new JarFile(jar.toFile(), true)) {
      assertEquals("a", signed.getManifest().getMainAttributes().getValue("Bundle-SymbolicName"));
      JarEntry entry = signed.getJarEntry("x");
      signed.getInputStream(entry).readAllBytes();
      CodeSigner[] signers = entry.getCodeSigners();
      assertEquals(1, signers.length);
      assertEquals(alice.chain(), signers[0].getSignerCertPath());
    }
  }

  @Test
  void keyOfAnotherIsRefused() {
    String sentence = refusal(authority.keyFile("bob"), authority.certificateFile("alice"));
    assertTrue(
        sentence.startsWith(
            authority.keyFile("bob") + ": is not the key of the first certificate of "),
        sentence);
    assertTrue(sentence.endsWith("CN=alice"), sentence);
  }

  @Test
  void certificateForAnotherPurposeIsRefused() {
    String sentence = refusal(authority.keyFile("t1"), authority.certificateFile("t1"));
    assertTrue(sentence.startsWith(authority.certificateFile("t1") + ": "), sentence);
    assertTrue(sentence.contains("CN=t1 is not for code signing"), sentence);
    sentence = refusal(authority.keyFile("ca"), authority.certificateFile("ca"));
    assertTrue(sentence.contains("is not for code signing"), sentence);
  }

  @Test
  void certificateOutsideItsTimeIsRefused() throws Exception {
    Instant now = Instant.now();
    authority.issue(
        CertificateRequest.of(CertificateKind.SIGNER, "old", 7)
            .withLife(now.minus(Duration.ofDays(2)), now.minus(Duration.ofDays(1))));
    authority.issue(
        CertificateRequest.of(CertificateKind.SIGNER, "young", 7)
            .withLife(now.plus(Duration.ofDays(1)), now.plus(Duration.ofDays(2))));
    assertTrue(
        refusal(authority.keyFile("old"), authority.certificateFile("old"))
            .contains("CN=old ended on "));
    assertTrue(
        refusal(authority.keyFile("young"), authority.certificateFile("young"))
            .contains("CN=young begins on "));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "\u0000\u0001",
        "-----BEGIN PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        "-----BEGIN PRIVATE KEY-----\n=\n-----END PRIVATE KEY-----\n",
        "-----BEGIN PRIVATE KEY-----\n!\n-----END PRIVATE KEY-----\n",
        "-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n",
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
      })
  void whatIsNoKeyOrCertificateIsOneSentence(String text) throws Exception {
    Path file = Files.writeString(temp.resolve("file.pem"), text);
    assertTrue(refusal(file, authority.certificateFile("alice")).startsWith(file + ": "));
    assertTrue(refusal(authority.keyFile("alice"), file).startsWith(file + ": "));
  }

  @Test
  void filesThatCannotBeReadAreOneSentence() {
    Path nowhere = temp.resolve("nowhere.pem");
    assertEquals(nowhere + ": no such file", refusal(nowhere, authority.certificateFile("alice")));
    assertEquals(nowhere + ": no such file", refusal(authority.keyFile("alice"), nowhere));
    assertTrue(refusal(temp, authority.certificateFile("alice")).startsWith(temp + ": "));
    assertTrue(refusal(authority.keyFile("alice"), temp).startsWith(temp + ": "));
  }
}
