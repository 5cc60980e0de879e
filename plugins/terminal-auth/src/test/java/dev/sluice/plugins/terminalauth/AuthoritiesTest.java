package dev.sluice.plugins.terminalauth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.plugin.SettingsException;
import dev.sluice.plugins.terminalauth.AdmissionSettings.CertificatePolicy;
import dev.sluice.plugins.terminalauth.AdmissionSettings.RevocationPolicy;
import dev.sluice.plugins.terminalauth.TestAuthority.Identity;
import dev.sluice.plugins.terminalauth.TestAuthority.Wish;
import java.math.BigInteger;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.RSAPublicKey;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.junit.jupiter.api.Test;

class AuthoritiesTest {
  private static final String SUBJECT = "CN=DTU-1,O=Example";
  private static final CertificatePolicy STRICT =
      new CertificatePolicy(RevocationPolicy.REQUIRE_CURRENT, 300_000);

  private final TestAuthority root = TestAuthority.root("CN=Root,O=Example");
  private final Instant now = Instant.now();

  @Test
  void goodCertificateGivesItsPath() throws Exception {
    Identity good = root.terminal(SUBJECT);
    assertEquals(
        List.of(good.certificate(), root.certificate()),
        check(trust(List.of(root.revocationList())), STRICT, good.certificate()));
  }

  @Test
  void rootInThePresentedChainDoesNoHarm() throws Exception {
    Identity good = root.terminal(SUBJECT);
    List<X509Certificate> path =
        check(
            trust(List.of(root.revocationList())), STRICT, good.certificate(), root.certificate());
    assertEquals(2, path.size());
  }

  @Test
  void intermediateIsTakenFromTheChainOrTheFile() throws Exception {
    TestAuthority middle = root.below("CN=Region,O=Example");
    Identity good = middle.terminal(SUBJECT);
    List<X509CRL> lists = List.of(root.revocationList(), middle.revocationList());
    assertEquals(3, check(trust(lists), STRICT, good.certificate(), middle.certificate()).size());
    Authorities both = trust(List.of(root.certificate(), middle.certificate()), lists);
    assertEquals(3, check(both, STRICT, good.certificate()).size());
  }

  @Test
  void intermediateWithoutARevocationListIsRefused() throws Exception {
    TestAuthority middle = root.below("CN=Region,O=Example");
    Authorities authorities = trust(List.of(root.revocationList()));
    refuses(
        Cause.CRL_MISSING,
        () ->
            check(
                authorities, STRICT, middle.terminal(SUBJECT).certificate(), middle.certificate()));
  }

  @Test
  void revokedIntermediateIsRefused() throws Exception {
    TestAuthority middle = root.below("CN=Region,O=Example");
    X509CRL list = root.revocationList(new Identity(middle.certificate(), middle.gateway().keys()));
    Authorities authorities = trust(List.of(list, middle.revocationList()));
    refuses(
        Cause.REVOKED,
        () ->
            check(
                authorities, STRICT, middle.terminal(SUBJECT).certificate(), middle.certificate()));
  }

  @Test
  void terminalThatActsAsAuthorityIsRefused() throws Exception {
    // A terminal's certificate signs another one: basic constraints forbid it.
    Identity terminal = root.terminal("CN=DTU-9,O=Example");
    TestAuthority impostor = TestAuthority.of(terminal);
    Authorities authorities = trust(List.of(root.revocationList()));
    refuses(
        Cause.BAD_CERTIFICATE,
        () ->
            check(
                authorities,
                new CertificatePolicy(RevocationPolicy.ALLOW_MISSING, 0),
                impostor.terminal(SUBJECT).certificate(),
                terminal.certificate()));
  }

  @Test
  void unknownAuthorityIsRefused() throws Exception {
    refuses(Cause.UNKNOWN_CA, TestAuthority.root("CN=Other").terminal(SUBJECT));
  }

  @Test
  void unknownAuthorityOfTheSameNameIsRefused() throws Exception {
    refuses(Cause.UNKNOWN_CA, TestAuthority.root("CN=Root,O=Example").terminal(SUBJECT));
  }

  @Test
  void keyOfAnIssuerThatNobodyTrustsIsNotUsed() throws Exception {
    // As long as the library takes. It first looks whether this is a prime, then reckons with it.
    BigInteger modulus = new BigInteger(16_384, new Random(1)).setBit(16_383).setBit(0);
    while (hasSmallFactor(modulus)) {
      modulus = modulus.add(BigInteger.TWO);
    }
    SubjectPublicKeyInfo slow =
        new SubjectPublicKeyInfo(
            new AlgorithmIdentifier(PKCSObjectIdentifiers.rsaEncryption, DERNull.INSTANCE),
            new RSAPublicKey(modulus, modulus.shiftRight(1).setBit(0)));
    TestAuthority forger = TestAuthority.rootOf(forgedAuthority().curve("RSA2048"));
    Identity leaf = forger.issue(Wish.terminal(SUBJECT));
    X509Certificate heavy = forger.issue(forgedAuthority(), slow);
    Authorities authorities = trust(List.of(root.revocationList()));
    assertTimeout(
        Duration.ofMillis(500),
        () ->
            refuses(Cause.UNKNOWN_CA, () -> check(authorities, STRICT, leaf.certificate(), heavy)));
  }

  private static boolean hasSmallFactor(BigInteger number) {
    return IntStream.range(2, 1000)
        .mapToObj(BigInteger::valueOf)
        .anyMatch(factor -> number.mod(factor).signum() == 0);
  }

  private static Wish forgedAuthority() {
    return Wish.terminal("CN=Forger").asAuthority().purpose(null);
  }

  @Test
  void selfSignedTerminalIsRefused() throws Exception {
    TestAuthority self = TestAuthority.rootOf(Wish.terminal(SUBJECT));
    Authorities authorities = trust(List.of(root.revocationList()));
    refuses(Cause.UNKNOWN_CA, () -> check(authorities, STRICT, self.certificate()));
  }

  @Test
  void revokedIsRefused() throws Exception {
    Identity bad = root.terminal(SUBJECT);
    Authorities authorities = trust(List.of(root.revocationList(bad)));
    refuses(Cause.REVOKED, () -> check(authorities, STRICT, bad.certificate()));
  }

  @Test
  void expiredIsRefused() throws Exception {
    refuses(Cause.EXPIRED, issue(now.minusSeconds(100), now.minusSeconds(2)));
  }

  @Test
  void notYetValidIsRefused() throws Exception {
    refuses(Cause.NOT_YET_VALID, issue(now.plusSeconds(400), now.plusSeconds(1000)));
  }

  @Test
  void beginWithinTheAllowedSkewIsAccepted() throws Exception {
    Identity early = issue(now.plusSeconds(100), now.plusSeconds(1000));
    Authorities authorities = trust(List.of(root.revocationList()));
    assertEquals(2, check(authorities, STRICT, early.certificate()).size());
  }

  @Test
  void expiredRootIsRefused() throws Exception {
    Instant past = now.minus(Duration.ofDays(2));
    TestAuthority old =
        TestAuthority.rootOf(
            Wish.terminal("CN=Old").asAuthority().valid(past, now.minusSeconds(60)));
    Authorities authorities = trust(List.of(old.certificate()), List.of(old.revocationList()));
    refuses(Cause.EXPIRED, () -> check(authorities, STRICT, old.terminal(SUBJECT).certificate()));
  }

  @Test
  void serverOnlyUsageIsRefused() throws Exception {
    refuses(
        Cause.WRONG_USAGE,
        root.issue(Wish.terminal(SUBJECT).purpose(KeyPurposeId.id_kp_serverAuth)));
  }

  @Test
  void missingExtendedUsageIsRefused() throws Exception {
    refuses(Cause.WRONG_USAGE, root.issue(Wish.terminal(SUBJECT).purpose(null)));
  }

  @Test
  void anyExtendedUsageIsRefused() throws Exception {
    refuses(
        Cause.WRONG_USAGE,
        root.issue(Wish.terminal(SUBJECT).purpose(KeyPurposeId.anyExtendedKeyUsage)));
  }

  @Test
  void missingKeyUsageIsRefused() throws Exception {
    refuses(Cause.WRONG_USAGE, root.issue(Wish.terminal(SUBJECT).usage(0)));
  }

  @Test
  void keyAgreementAloneIsRefused() throws Exception {
    refuses(Cause.WRONG_USAGE, root.issue(Wish.terminal(SUBJECT).usage(KeyUsage.keyAgreement)));
  }

  @Test
  void authorityAsTerminalIsRefused() throws Exception {
    refuses(Cause.WRONG_USAGE, root.issue(Wish.terminal(SUBJECT).asAuthority()));
  }

  @Test
  void rsaTerminalIsRefused() throws Exception {
    refuses(Cause.WEAK_KEY, root.issue(Wish.terminal(SUBJECT).curve("RSA2048")));
  }

  @Test
  void smallCurveIsRefused() throws Exception {
    refuses(Cause.WEAK_KEY, root.issue(Wish.terminal(SUBJECT).curve("secp224r1")));
  }

  @Test
  void p384IsAccepted() throws Exception {
    Identity good = root.issue(Wish.terminal(SUBJECT).curve("secp384r1"));
    Authorities authorities = trust(List.of(root.revocationList()));
    assertEquals(2, check(authorities, STRICT, good.certificate()).size());
  }

  @Test
  void weakAuthorityIsRefused() throws Exception {
    TestAuthority weak =
        TestAuthority.rootOf(Wish.terminal("CN=Weak").asAuthority().curve("RSA1024"));
    Authorities authorities = trust(List.of(weak.certificate()), List.of(weak.revocationList()));
    refuses(Cause.WEAK_KEY, () -> check(authorities, STRICT, weak.terminal(SUBJECT).certificate()));
  }

  @Test
  void nothingPresentedIsRefused() throws Exception {
    Authorities authorities = trust(List.of(root.revocationList()));
    refuses(Cause.NO_CERTIFICATE, () -> check(authorities, STRICT));
  }

  @Test
  void missingRevocationListIsRefusedUnlessAllowed() throws Exception {
    Authorities authorities = trust(List.of());
    X509Certificate good = root.terminal(SUBJECT).certificate();
    refuses(Cause.CRL_MISSING, () -> check(authorities, STRICT, good));
    refuses(
        Cause.CRL_MISSING, () -> check(authorities, policy(RevocationPolicy.ALLOW_OVERDUE), good));
    assertEquals(2, check(authorities, policy(RevocationPolicy.ALLOW_MISSING), good).size());
  }

  @Test
  void revocationListOfAnotherKeyDoesNotCount() throws Exception {
    X509CRL forged = TestAuthority.root("CN=Root,O=Example").revocationList();
    Authorities authorities = trust(List.of(forged));
    X509Certificate good = root.terminal(SUBJECT).certificate();
    refuses(Cause.CRL_MISSING, () -> check(authorities, STRICT, good));
  }

  @Test
  void overdueRevocationListIsRefusedUnlessAllowed() throws Exception {
    Identity bad = root.terminal("CN=DTU-2");
    Authorities authorities = trust(List.of(root.revocationList(now.minusSeconds(5), bad)));
    X509Certificate good = root.terminal(SUBJECT).certificate();
    refuses(Cause.CRL_EXPIRED, () -> check(authorities, STRICT, good));
    CertificatePolicy allowed = policy(RevocationPolicy.ALLOW_OVERDUE);
    assertEquals(2, check(authorities, allowed, good).size());
    refuses(Cause.REVOKED, () -> check(authorities, allowed, bad.certificate()));
  }

  @Test
  void fileWithoutARootIsRefused() {
    TestAuthority middle = root.below("CN=Region");
    SettingsException e =
        assertThrows(
            SettingsException.class,
            () -> trust(List.of(middle.certificate()), List.<X509CRL>of()));
    assertTrue(String.valueOf(e.getMessage()).contains("no root authority"), e.getMessage());
  }

  private Identity issue(Instant begin, Instant end) {
    return root.issue(Wish.terminal(SUBJECT).valid(begin, end));
  }

  private static CertificatePolicy policy(RevocationPolicy revocation) {
    return new CertificatePolicy(revocation, 0);
  }

  private Authorities trust(List<X509CRL> lists) throws SettingsException {
    return trust(List.of(root.certificate()), lists);
  }

  private static Authorities trust(List<X509Certificate> certificates, List<X509CRL> lists)
      throws SettingsException {
    List<RevocationList> made = new ArrayList<>();
    for (X509CRL list : lists) {
      made.add(RevocationList.of("ca.crl", list));
    }
    return new Authorities(certificates, made, TestAuthority.PROVIDER);
  }

  private List<X509Certificate> check(
      Authorities authorities, CertificatePolicy policy, X509Certificate... presented)
      throws Refused {
    List<X509Certificate> path = authorities.check(List.of(presented), policy, now);
    authorities.requireRevocationLists(path, policy.revocation(), now);
    return path;
  }

  private void refuses(Cause cause, Identity identity) throws SettingsException {
    Authorities authorities = trust(List.of(root.revocationList()));
    refuses(cause, () -> check(authorities, STRICT, identity.certificate()));
  }

  private interface Check {
    List<X509Certificate> run() throws Refused;
  }

  private static void refuses(Cause cause, Check check) {
    Refused refused = assertThrows(Refused.class, check::run);
    assertEquals(cause, refused.why(), refused.getMessage());
  }
}
