package dev.sluice.runtime.pki;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.Security;
import java.security.cert.CRLReason;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1OctetString;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class AuthorityTest {
  private static final String CRL_NUMBER = "2.5.29.20";
  private static final String SUBJECT_KEY_IDENTIFIER = "2.5.29.14";
  private static final String AUTHORITY_KEY_IDENTIFIER = "2.5.29.35";
  private static final int SHORTEST_SERIAL_BITS = 65;

  @TempDir Path temp;
  private Path folder;
  private Authority authority;

  @BeforeEach
  void init() throws Exception {
    folder = temp.resolve("pki");
    authority = Authority.create(folder, "Trial, with a comma");
  }

  private static CertificateRequest terminal(String name) {
    return CertificateRequest.of(CertificateKind.TERMINAL, name, 30);
  }

  private X509Certificate certificate(String name) throws Exception {
    try (InputStream in = Files.newInputStream(authority.certificateFile(name))) {
      return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
    }
  }

  private X509CRL crl() throws Exception {
    try (InputStream in = Files.newInputStream(authority.revocationListFile())) {
      return (X509CRL) CertificateFactory.getInstance("X.509").generateCRL(in);
    }
  }

  private long crlNumber() throws Exception {
    byte[] value = ASN1OctetString.getInstance(crl().getExtensionValue(CRL_NUMBER)).getOctets();
    return ASN1Integer.getInstance(value).longValueExact();
  }

  private static String refusal(Executable act) {
    String message = String.valueOf(assertThrows(PkiException.class, act).getMessage());
    assertFalse(message.contains("\n"), message);
    return message;
  }

  @Test
  void authoritySignsCertificatesAndListsOnly() throws Exception {
    X509Certificate ca = certificate("ca");
    ca.verify(ca.getPublicKey());
    assertEquals(0, ca.getBasicConstraints());
    boolean[] usage = new boolean[9];
    usage[5] = true; // keyCertSign
    usage[6] = true; // cRLSign
    assertArrayEquals(usage, ca.getKeyUsage());
    assertEquals("CN=Trial\\, with a comma", ca.getSubjectX500Principal().getName());
  }

  @ParameterizedTest
  @CsvSource({
    "TERMINAL, 1.3.6.1.5.5.7.3.2",
    "GATEWAY, 1.3.6.1.5.5.7.3.1",
    "SIGNER, 1.3.6.1.5.5.7.3.3"
  })
  void eachKindHasItsUseAndNoOther(CertificateKind kind, String purpose) throws Exception {
    authority.issue(CertificateRequest.of(kind, "x", 1));
    X509Certificate issued = certificate("x");
    issued.verify(certificate("ca").getPublicKey());
    boolean[] usage = new boolean[9];
    usage[0] = true; // digitalSignature
    assertArrayEquals(usage, issued.getKeyUsage());
    assertEquals(List.of(purpose), issued.getExtendedKeyUsage());
    assertEquals(-1, issued.getBasicConstraints());
    assertNotNull(issued.getExtensionValue(SUBJECT_KEY_IDENTIFIER));
    assertNotNull(issued.getExtensionValue(AUTHORITY_KEY_IDENTIFIER));
    assertEquals("SHA256withECDSA", issued.getSigAlgName());
  }

  @Test
  void subjectIsReadBackAsItWasWritten() throws Exception {
    authority.issue(terminal("x").withSubject("CN=DTU-0001,O=Grid\\, North,C=CN"));
    assertEquals(
        "CN=DTU-0001,O=Grid\\, North,C=CN", certificate("x").getSubjectX500Principal().getName());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"CN=a\tb", "CN=a\nb", "CN=a\u2028b", "CN=a\u0000", "CN=a\u0085b", "", " ", "foo"})
  void subjectThatWouldSpoilTheIndexIsRefused(String subject) throws Exception {
    authority.issue(terminal("before"));
    refusal(() -> authority.issue(terminal("x").withSubject(subject)));
    refusal(() -> authority.issue(terminal("x").withSubject("CN=" + "y".repeat(300))));
    authority.revoke("before", RevocationReason.of("unspecified"));
    assertEquals(1, authority.issued().size());
  }

  @Test
  void authorityIsNotCalledByALineEnd() {
    refusal(() -> Authority.create(temp.resolve("other"), "a\nb"));
    refusal(() -> Authority.create(Path.of(""), "a"));
    assertFalse(Files.exists(temp.resolve("other")));
  }

  @Test
  void alternativeNamesAreInTheCertificate() throws Exception {
    authority.issue(
        terminal("x").withAlternativeNames(List.of("ip:10.0.0.1", "ip:fd00::1", "dns:a.b")));
    assertEquals(
        Set.of("10.0.0.1", "fd00:0:0:0:0:0:0:1", "a.b"),
        Set.copyOf(
            certificate("x").getSubjectAlternativeNames().stream()
                .map(name -> name.get(1).toString())
                .toList()));
  }

  @Test
  void serialsAreLongAndDiffer() throws Exception {
    Set<BigInteger> serials = new HashSet<>();
    for (int i = 0; i < 20; i++) {
      serials.add(authority.issue(terminal("t" + i)).serial());
    }
    assertEquals(20, serials.size());
    assertTrue(
        serials.stream().mapToInt(BigInteger::bitLength).max().orElse(0) >= SHORTEST_SERIAL_BITS);
  }

  @Test
  void keysAreForTheOwnerAlone() throws Exception {
    authority.issue(terminal("x"));
    assertEquals("rwx------", mode(folder));
    assertEquals("rw-------", mode(authority.keyFile("ca")));
    assertEquals("rw-------", mode(authority.keyFile("x")));
  }

  private static String mode(Path file) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }

  @Test
  void nothingUnfinishedStaysBehind() throws Exception {
    authority.issue(terminal("x"));
    authority.revoke("x", RevocationReason.SUPERSEDED);
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(
          Set.of(".lock", "ca.crl", "ca.crt", "ca.key", "index", "x.crt", "x.key"),
          Set.copyOf(files.map(file -> file.getFileName().toString()).toList()));
    }
  }

  @Test
  void newAuthorityHasAnEmptyListForThirtyDays() throws Exception {
    X509CRL list = crl();
    list.verify(certificate("ca").getPublicKey());
    assertNull(list.getRevokedCertificates());
    assertEquals(1, crlNumber());
    assertEquals(
        Duration.ofDays(30),
        Duration.between(list.getThisUpdate().toInstant(), list.getNextUpdate().toInstant()));
  }

  @Test
  void revokedCertificateIsListedWithItsReason() throws Exception {
    BigInteger serial = authority.issue(terminal("x")).serial();
    authority.revoke("x", RevocationReason.KEY_COMPROMISE);
    assertEquals(
        CRLReason.KEY_COMPROMISE, crl().getRevokedCertificate(serial).getRevocationReason());
    assertEquals("revoked (keyCompromise)", authority.issued().getFirst().state(Instant.now()));
  }

  @Test
  void reasonUnspecifiedIsLeftOut() throws Exception {
    BigInteger serial = authority.issue(terminal("x")).serial();
    authority.revoke("x", RevocationReason.UNSPECIFIED);
    assertFalse(crl().getRevokedCertificate(serial).hasExtensions());
  }

  @Test
  void listsAreNumberedUpwards() throws Exception {
    authority.issue(terminal("x"));
    authority.revoke("x", RevocationReason.UNSPECIFIED);
    assertEquals(2, crlNumber());
    assertEquals(3, Authority.open(folder).renewRevocationList());
    assertEquals(3, crlNumber());
    Files.delete(authority.revocationListFile());
    assertEquals(4, authority.renewRevocationList());
    assertEquals(1, crl().getRevokedCertificates().size());
  }

  @Test
  void nameIsIssuedOnce() throws Exception {
    authority.issue(terminal("x"));
    byte[] before = Files.readAllBytes(authority.certificateFile("x"));
    assertTrue(refusal(() -> authority.issue(terminal("x"))).contains("revoke it first"));
    assertArrayEquals(before, Files.readAllBytes(authority.certificateFile("x")));
  }

  @Test
  void fleetIsIssuedWholeOrNotAtAll() throws Exception {
    authority.issue(terminal("before"));
    List<CertificateRequest> free = List.of(terminal("a"), terminal("b"));
    for (CertificateRequest bad :
        List.of(
            terminal("before"), terminal("a"), terminal("../c"), terminal("c").withSubject(""))) {
      refusal(() -> authority.issueAll(List.of(free.get(0), free.get(1), bad)));
      assertEquals(1, authority.issued().size());
    }
    List<IssuedCertificate> issued = authority.issueAll(free);
    assertEquals(issued, authority.issued().subList(1, 3));
    assertTrue(Files.isReadable(authority.certificateFile("b")));
    assertTrue(Files.isReadable(authority.keyFile("b")));
    assertEquals(List.of(), authority.issueAll(List.of()));
  }

  @Test
  void nameIsFreeAgainAfterRevocationAndAfterTheEnd() throws Exception {
    BigInteger first = authority.issue(terminal("x")).serial();
    authority.revoke("x", RevocationReason.SUPERSEDED);
    BigInteger second = authority.issue(terminal("x")).serial();
    assertNotNull(crl().getRevokedCertificate(first));
    assertNull(crl().getRevokedCertificate(second));
    Instant now = Instant.now();
    authority.issue(
        terminal("y").withLife(now.minus(Duration.ofDays(2)), now.minus(Duration.ofDays(1))));
    authority.issue(terminal("y"));
    assertEquals(4, authority.issued().size());
  }

  @Test
  void revokedTwiceAndUnknownAreRefused() throws Exception {
    authority.issue(terminal("x"));
    authority.revoke("x", RevocationReason.UNSPECIFIED);
    assertTrue(
        refusal(() -> authority.revoke("x", RevocationReason.UNSPECIFIED)).contains("is revoked"));
    assertTrue(
        refusal(() -> authority.revoke("y", RevocationReason.UNSPECIFIED))
            .contains("no certificate"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "ca", "index", "../x", "a/b", ".x", "a b", "-x", "ä", "a\nb"})
  void wrongNameIsRefused(String name) throws Exception {
    PkiException refused = assertThrows(PkiException.class, () -> authority.issue(terminal(name)));
    assertTrue(String.valueOf(refused.getMessage()).startsWith("the name '"));
    assertEquals(List.of(), authority.issued());
  }

  @ParameterizedTest
  @ValueSource(strings = {"t1", "CN", "=x", "CN=a,,O=b", "1.2.x=a"})
  void wrongSubjectIsRefused(String subject) throws Exception {
    CertificateRequest request = terminal("x").withSubject(subject);
    assertTrue(refusal(() -> authority.issue(request)).startsWith("the subject '" + subject));
    assertEquals(List.of(), authority.issued());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "10.0.0.1", "ip:", "ip:10.0.0", "ip:host", "dns:", "dns:a b", "dns:-", "x:y"})
  void wrongAlternativeNameIsRefused(String name) {
    CertificateRequest request = terminal("x").withAlternativeNames(List.of(name));
    assertTrue(refusal(() -> authority.issue(request)).startsWith("the alternative name '" + name));
  }

  @Test
  void lifeMustBeginBeforeItEndsAndEndBeforeTheAuthority() {
    Instant now = Instant.now();
    assertTrue(
        refusal(() -> authority.issue(terminal("x").withLife(now, now))).contains("cannot end"));
    CertificateRequest tooLong = terminal("x").withLife(now, now.plus(Duration.ofDays(3651)));
    assertTrue(refusal(() -> authority.issue(tooLong)).contains("cannot outlive"));
  }

  @Test
  void folderThatIsNotEmptyIsRefused() throws Exception {
    assertTrue(refusal(() -> Authority.create(folder, "x")).contains("is not empty"));
    Path file = Files.createFile(temp.resolve("file"));
    assertTrue(refusal(() -> Authority.create(file, "x")).contains("is a file"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"ca.crt", "ca.key", "index"})
  void folderThatLacksAFileIsNoPki(String name) throws Exception {
    Files.delete(folder.resolve(name));
    assertTrue(refusal(() -> Authority.open(folder)).contains("no readable " + name));
  }

  @ParameterizedTest
  @CsvSource({"ca.crt, ''", "ca.key, nonsense", "ca.crt, -----BEGIN CERTIFICATE-----"})
  void folderWithDamagedFilesIsRefused(String name, String content) throws Exception {
    Files.writeString(folder.resolve(name), content);
    assertTrue(refusal(() -> Authority.open(folder)).contains(name));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "crl-number x",
        "crl-number 1\nnonsense",
        "crl-number 1\nzz\tterminal\tx\t2026-01-01T00:00:00Z\t2026-02-01T00:00:00Z\tvalid\tCN=x",
        "crl-number 1\n1f\trouter\tx\t2026-01-01T00:00:00Z\t2026-02-01T00:00:00Z\tvalid\tCN=x",
        "crl-number 1\n1f\tterminal\tx\tyesterday\t2026-02-01T00:00:00Z\tvalid\tCN=x",
        "crl-number 1\n1f\tterminal\tx\t2026-01-01T00:00:00Z\t2026-02-01T00:00:00Z\trevoked\tCN=x"
      })
  void damagedIndexIsRefusedAndLeftAlone(String content) throws Exception {
    Path index = folder.resolve("index");
    Files.writeString(index, content);
    assertThrows(PkiException.class, () -> authority.issue(terminal("x")));
    assertThrows(PkiException.class, () -> authority.revoke("x", RevocationReason.UNSPECIFIED));
    assertEquals(content, Files.readString(index));
  }

  @Test
  void manyAtOnceAllEnterTheIndex() throws Exception {
    List<Future<IssuedCertificate>> results = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      for (int i = 0; i < 12; i++) {
        String name = "t" + i;
        results.add(threads.submit(() -> Authority.open(folder).issue(terminal(name))));
      }
    }
    for (Future<IssuedCertificate> result : results) {
      assertNotNull(result.get());
    }
    assertEquals(12, authority.issued().size());
  }

  @Test
  void providerIsNotRegisteredWithTheJvm() {
    assertNull(Security.getProvider("BC"));
  }
}
