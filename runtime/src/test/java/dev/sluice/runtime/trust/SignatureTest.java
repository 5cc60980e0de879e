package dev.sluice.runtime.trust;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.runtime.config.TrustSettings.Revocation;
import dev.sluice.runtime.trust.TestCertificates.Wanted;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Who signed a bundle, and every way in which a signature can be wrong.
class SignatureTest {
  private static final Duration DAY = Duration.ofDays(1);

  @TempDir Path folder;

  private final Instant now = Instant.now();
  private TestCertificates root;
  private Path trust;
  private Path jar;

  @BeforeEach
  void trustOneAuthority() throws Exception {
    root = TestCertificates.root("Root");
    trust = folder.resolve("trust");
    root.trusted(trust);
    jar = folder.resolve("b.jar");
  }

  private SignatureCheck.Found check(Revocation revocation) throws TrustException {
    TrustStore none = new TrustStore(folder.resolve("distribution"));
    return new SignatureCheck(new TrustStore(trust).content(), none.content(), revocation)
        .check(BundleFile.read(jar));
  }

  private Signer accepted() throws TrustException {
    return check(Revocation.BEST).signer();
  }

  private void refused(String sentence) {
    refused(Revocation.BEST, sentence);
  }

  private void refused(Revocation revocation, String sentence) {
    TrustException refused = assertThrows(TrustException.class, () -> check(revocation));
    assertTrue(refused.sentence().contains(sentence), refused.sentence());
    assertFalse(refused.sentence().contains("\n"), refused.sentence());
  }

  private void signed(TestCertificates... signers) throws IOException {
    TestBundle.harmless().signed(jar, signers);
  }

  private void rewritten(Map<String, byte[]> entries) throws IOException {
    Files.write(jar, TestBundle.zip(entries));
  }

  @Test
  void signersOfEachKindOfKeyAreAccepted() throws Exception {
    for (Wanted wanted :
        List.of(
            Wanted.signer("EC"),
            Wanted.signer("EC 384").key("EC", 384),
            Wanted.signer("RSA").key("RSA", 2048),
            Wanted.signer("Ed25519").key("Ed25519", 0))) {
      TestCertificates signer = root.issue(wanted);
      signed(signer);
      Signer found = accepted();
      assertEquals("CN=" + wanted.name(), found.subject());
      assertEquals("CN=Root", found.anchor());
      assertEquals(Signer.fingerprint(signer.certificate()), found.fingerprint());
    }
  }

  @Test
  void signerBelowAnIntermediateAuthorityIsAccepted() throws Exception {
    TestCertificates between = root.issue(Wanted.authority("Between"));
    signed(between.signer("Deep"));
    assertEquals("CN=Root", accepted().anchor());
  }

  @Test
  void certificateThatIsTrustedItselfNeedsNoAuthority() throws Exception {
    TestCertificates alone = TestCertificates.selfSigned(Wanted.signer("Alone"));
    signed(alone);
    refused("its signer CN=Alone is not known");
    alone.trusted(trust);
    assertEquals("CN=Alone", accepted().anchor());
  }

  @Test
  void oneTrustedSignerOfTwoIsEnough() throws Exception {
    signed(TestCertificates.root("Other").signer("Stranger"), root.signer("Alice"));
    assertEquals("CN=Alice", accepted().subject());
  }

  @Test
  void unsignedBundleIsRefused() throws Exception {
    TestBundle.harmless().at(jar);
    refused("it is not signed (unsigned entry about.txt)");
  }

  @Test
  void oneUnsignedEntryIsRefusedByName() throws Exception {
    signed(root.signer("Alice"));
    Map<String, byte[]> entries = TestBundle.read(jar);
    entries.put("extra/More.txt", new byte[] {1});
    rewritten(entries);
    refused("it has the unsigned entry extra/More.txt");
  }

  @Test
  void unsignedEntryBesideTheSignaturesOwnIsRefused() throws Exception {
    signed(root.signer("Alice"));
    Map<String, byte[]> entries = TestBundle.read(jar);
    entries.put("META-INF/sub/S0.SF", new byte[] {1});
    rewritten(entries);
    refused("it has the unsigned entry META-INF/sub/S0.SF");
  }

  @Test
  void tamperedClassIsRefusedByName() throws Exception {
    signed(root.signer("Alice"));
    Map<String, byte[]> entries = TestBundle.read(jar);
    entries.putAll(
        TestBundle.classes("guard.Guard", "package guard; public class Guard { int n = 2; }"));
    rewritten(entries);
    refused("it was tampered with: entry guard/Guard.class");
  }

  @Test
  void missingEntryIsRefusedByName() throws Exception {
    signed(root.signer("Alice"));
    Map<String, byte[]> entries = TestBundle.read(jar);
    entries.remove("guard/Guard.class");
    rewritten(entries);
    refused("it was signed with an entry guard/Guard.class, which is missing");
  }

  private void changed(String name, String from, String to) throws IOException {
    Map<String, byte[]> entries = TestBundle.read(jar);
    String text = new String(TestBundle.one(entries, name), StandardCharsets.UTF_8);
    assertTrue(text.contains(from), text);
    entries.put(name, text.replace(from, to).getBytes(StandardCharsets.UTF_8));
    rewritten(entries);
  }

  @Test
  void tamperedManifestIsRefused() throws Exception {
    signed(root.signer("Alice"));
    changed("META-INF/MANIFEST.MF", "Bundle-Version: 1.0", "Bundle-Version: 9.0");
    refused("its manifest was changed after S0 signed it");
  }

  @Test
  void tamperedSignatureFileIsRefused() throws Exception {
    signed(root.signer("Alice"));
    changed("META-INF/S0.SF", "Created-By", "Creeted-By");
    refused("its signature S0 does not fit");
  }

  @Test
  void signatureThatLeavesOutTheManifestAsAWholeIsRefused() throws Exception {
    signed(root.signer("Alice"));
    Map<String, byte[]> entries = TestBundle.read(jar);
    TrustException refused =
        assertThrows(
            TrustException.class,
            () ->
                SignatureBlock.verify(
                    "S0",
                    TestBundle.one(entries, "META-INF/S0.SF"),
                    TestBundle.one(entries, "META-INF/S0.EC"),
                    new byte[] {1}));
    assertTrue(refused.sentence().contains("covers another one"), refused.sentence());
  }

  @Test
  void twoSignersOfHalfTheEntriesEachAreRefused() throws Exception {
    signed(root.signer("Alice"));
    Map<String, byte[]> entries = TestBundle.read(jar);
    entries.put("half/Two.txt", new byte[] {2});
    rewritten(entries);
    TestCertificates stranger = TestCertificates.root("Other").signer("Stranger");
    TestBundle.sign(jar, stranger, "S1");
    TrustException refused = assertThrows(TrustException.class, this::accepted);
    // The first no longer covers the manifest; the second, who covers all, is nobody's.
    assertTrue(refused.sentence().contains("CN=Stranger is not known"), refused.sentence());
  }

  @Test
  void unknownSignerIsRefusedByName() throws Exception {
    signed(TestCertificates.root("Root").signer("Alice"));
    refused("its signer CN=Alice is not known: no certificate of the trust store stands behind");
  }

  @Test
  void nobodyIsTrustedWhereTheFolderIsMissing() throws Exception {
    signed(root.signer("Alice"));
    trust = folder.resolve("nowhere");
    refused("its signer CN=Alice is not known");
  }

  @Test
  void expiredSignerIsRefusedWithTheDate() throws Exception {
    Instant end = Instant.ofEpochSecond(now.minus(DAY).getEpochSecond());
    signed(root.issue(Wanted.signer("Old").life(now.minus(DAY.multipliedBy(9)), end)));
    refused("expired on " + end + ", and no timestamp says that it was signed before");
  }

  private TestCertificates old() {
    return root.issue(Wanted.signer("Old").life(now.minus(DAY.multipliedBy(9)), now.minus(DAY)));
  }

  private TestCertificates timeAuthority(TestCertificates timeRoot) {
    return timeRoot.issue(
        Wanted.signer("Clock")
            .life(now.minus(DAY.multipliedBy(50)), now.plus(DAY))
            .purpose(Optional.of(KeyPurposeId.id_kp_timeStamping)));
  }

  private void stamp(TestCertificates authority, Instant time) throws IOException {
    Map<String, byte[]> entries = TestBundle.read(jar);
    entries.put(
        "META-INF/S0.EC", authority.stamped(TestBundle.one(entries, "META-INF/S0.EC"), time));
    rewritten(entries);
  }

  @Test
  void timestampKeepsTheBundleOfAnExpiredSigner() throws Exception {
    TestCertificates timeRoot = TestCertificates.root("Time root");
    timeRoot.trusted(trust.resolve("tsa"));
    signed(old());
    Instant time = Instant.ofEpochSecond(now.minus(DAY.multipliedBy(5)).getEpochSecond());
    stamp(timeAuthority(timeRoot), time);
    assertEquals(Optional.of(time), accepted().signed());
  }

  @Test
  void timestampOfAfterTheEndKeepsNothing() throws Exception {
    TestCertificates timeRoot = TestCertificates.root("Time root");
    timeRoot.trusted(trust.resolve("tsa"));
    signed(old());
    stamp(timeAuthority(timeRoot), now.minus(Duration.ofHours(1)));
    refused("CN=Old");
  }

  @Test
  void timestampOfAnUnknownAuthorityKeepsNothing() throws Exception {
    TestCertificates timeRoot = TestCertificates.root("Time root");
    timeRoot.trusted(trust); // trusted for bundles, which is not for time
    signed(old());
    stamp(timeAuthority(timeRoot), now.minus(DAY.multipliedBy(5)));
    refused("the authority of its timestamp, CN=Clock is not known");
  }

  @Test
  void timestampByACertificateForOtherPurposesKeepsNothing() throws Exception {
    TestCertificates timeRoot = TestCertificates.root("Time root");
    timeRoot.trusted(trust.resolve("tsa"));
    signed(old());
    assertThrows(
        IllegalStateException.class,
        () -> stamp(timeRoot.signer("No clock"), now.minus(DAY.multipliedBy(5))),
        "not even Bouncy Castle makes one");
    refused("no timestamp says that it was signed before");
  }

  @Test
  void timestampOfAnotherSignatureKeepsNothing() throws Exception {
    TestCertificates timeRoot = TestCertificates.root("Time root");
    timeRoot.trusted(trust.resolve("tsa"));
    TestCertificates clock = timeAuthority(timeRoot);
    TestCertificates old = old();
    signed(old);
    Map<String, byte[]> mine = TestBundle.read(jar);
    TestBundle.harmless().entry("other", "x").signed(jar, old);
    byte[] other = TestBundle.one(TestBundle.read(jar), "META-INF/S0.EC");
    byte[] stamped = clock.stamped(other, now.minus(DAY.multipliedBy(5)));
    mine.put("META-INF/S0.EC", stamped);
    rewritten(mine);
    refused("its signature S0 does not fit");
  }

  @Test
  void signerOfTheFutureIsRefused() throws Exception {
    signed(root.issue(Wanted.signer("Early").life(now.plus(DAY), now.plus(DAY.multipliedBy(2)))));
    refused("CN=Early is not valid before");
  }

  @Test
  void signerBelowAnExpiredAuthorityIsRefused() throws Exception {
    TestCertificates old =
        TestCertificates.selfSigned(
            Wanted.authority("Old root").life(now.minus(DAY.multipliedBy(9)), now.minus(DAY)));
    old.trusted(trust);
    signed(old.signer("Alice"));
    refused("the certificate CN=Old root expired on");
  }

  @Test
  void revokedSignerIsRefusedWithTheDate() throws Exception {
    TestCertificates alice = root.signer("Alice");
    signed(alice);
    root.revoke(trust, now.plus(DAY), alice.certificate());
    refused("the certificate CN=Alice was revoked on 2026-01-02T03:04:05Z");
  }

  @Test
  void revokedAuthorityTakesItsSignersWithIt() throws Exception {
    TestCertificates between = root.issue(Wanted.authority("Between"));
    signed(between.signer("Deep"));
    root.revoke(trust, now.plus(DAY), between.certificate());
    refused("the certificate CN=Between was revoked on");
  }

  @Test
  void listThatIsOutOfDateStillRevokes() throws Exception {
    TestCertificates alice = root.signer("Alice");
    signed(alice);
    root.revoke(trust, now.minus(Duration.ofHours(1)), alice.certificate());
    refused("was revoked on");
  }

  @Test
  void listOfAnotherAuthorityOfTheSameNameRevokesNothing() throws Exception {
    TestCertificates alice = root.signer("Alice");
    signed(alice);
    TestCertificates.root("Root").revoke(trust, now.plus(DAY), alice.certificate());
    assertEquals("CN=Alice", accepted().subject());
    refused(Revocation.REQUIRED, "no revocation list of CN=Root that is in date");
  }

  @Test
  void revocationListMustBeThereAndInDateWhereItIsRequired() throws Exception {
    signed(root.signer("Alice"));
    assertEquals(1, check(Revocation.BEST).wanting().size());
    refused(Revocation.REQUIRED, "no revocation list of CN=Root that is in date");
    root.revoke(trust, now.minus(Duration.ofHours(1)));
    refused(Revocation.REQUIRED, "no revocation list of CN=Root that is in date");
    root.revoke(trust, now.plus(DAY));
    assertEquals(List.of(), check(Revocation.REQUIRED).wanting());
  }

  @Test
  void certificateForOtherPurposesIsRefused() throws Exception {
    signed(root.issue(Wanted.signer("Client").purpose(Optional.of(KeyPurposeId.id_kp_clientAuth))));
    refused("CN=Client is not for code signing");
    signed(root.issue(Wanted.signer("None").purpose(Optional.empty())));
    refused("CN=None is not for code signing");
    signed(root.issue(Wanted.signer("Crypt").usage(KeyUsage.keyEncipherment)));
    refused("CN=Crypt is not for digital signatures");
  }

  @Test
  void signerBelowACertificateThatIsNoAuthorityIsRefused() throws Exception {
    TestCertificates alice = root.signer("Alice");
    signed(alice.signer("Mallory"));
    refused("its signer CN=Mallory is not known");
  }

  @Test
  void weakKeysAreRefusedByName() throws Exception {
    signed(root.issue(Wanted.signer("Short").key("RSA", 1024)));
    refused("the certificate CN=Short uses RSA with 1024 bits");
    TestCertificates weak =
        TestCertificates.selfSigned(Wanted.authority("Weak root").key("RSA", 1024));
    weak.trusted(trust);
    signed(weak.signer("Alice"));
    refused("RSA with 1024 bits");
  }

  @Test
  void weakDigestsAreRefusedByName() throws Exception {
    TestCertificates alice = root.issue(Wanted.signer("Alice").key("RSA", 2048));
    TestBundle.harmless().at(jar);
    Path keys = folder.resolve("alice.p12");
    Stock.store(keys, alice);
    for (String digest : List.of("SHA1", "MD5")) {
      TestBundle.harmless().at(jar);
      Stock.jarsigner(keys, jar, "-digestalg", digest);
      refused("its manifest's digest of about.txt uses " + (digest.equals("MD5") ? digest : "SHA"));
      TestBundle.harmless().at(jar);
      Stock.jarsigner(keys, jar, "-sigalg", digest + "withRSA");
      refused("uses " + (digest.equals("MD5") ? "MD5" : "SHA1"));
    }
  }

  @Test
  void certificateThatWasSignedWeaklyIsRefused() throws Exception {
    TestCertificates rsa =
        TestCertificates.selfSigned(Wanted.authority("RSA root").key("RSA", 2048));
    rsa.trusted(trust);
    signed(rsa.issue(Wanted.signer("Alice").digest("SHA1")));
    refused("CN=Alice");
  }

  @Test
  void lonePartsOfASignatureAreRefused() throws Exception {
    signed(root.signer("Alice"));
    Map<String, byte[]> whole = TestBundle.read(jar);
    for (String part : List.of("META-INF/S0.SF", "META-INF/S0.EC")) {
      Map<String, byte[]> entries = new LinkedHashMap<>(whole);
      entries.remove(part);
      rewritten(entries);
      refused("its signature S0 lacks a part, or has one too many");
    }
    Map<String, byte[]> entries = new LinkedHashMap<>(whole);
    entries.put("META-INF/S0.RSA", TestBundle.one(whole, "META-INF/S0.EC"));
    rewritten(entries);
    refused("its signature S0 lacks a part, or has one too many");
  }

  @Test
  void rubbishInTheBlockIsRefused() throws Exception {
    signed(root.signer("Alice"));
    Map<String, byte[]> entries = TestBundle.read(jar);
    byte[] block = TestBundle.one(entries, "META-INF/S0.EC");
    for (int bytes : List.of(0, 1, block.length / 2, block.length - 1)) {
      entries.put("META-INF/S0.EC", java.util.Arrays.copyOf(block, bytes));
      rewritten(entries);
      refused("its signature S0");
    }
  }

  @Test
  void fileOfTheTrustFolderThatCannotBeReadTrustsNobody() throws Exception {
    signed(root.signer("Alice"));
    for (String name : List.of("bad.crt", "bad.pem", "bad.crl")) {
      for (String content : List.of("", "rubbish", "-----BEGIN CERTIFICATE-----\nAAAA\n")) {
        Path bad = Files.writeString(trust.resolve(name), content);
        refused("nobody is trusted while " + bad + " of the trust store cannot be read");
        Files.delete(bad);
      }
    }
    assertEquals("CN=Alice", accepted().subject());
  }

  @Test
  void trustFolderIsReadAgainWhenItChanges() throws Exception {
    TrustStore store = new TrustStore(trust);
    assertEquals(1, store.content().anchors().size());
    String before = store.look();
    Path more = TestCertificates.root("More").trusted(trust);
    assertFalse(before.equals(store.look()));
    assertEquals(2, store.content().anchors().size());
    Files.delete(more);
    assertEquals(1, store.content().anchors().size());
  }
}
