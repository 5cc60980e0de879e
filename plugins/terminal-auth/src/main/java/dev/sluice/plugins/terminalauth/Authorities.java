package dev.sluice.plugins.terminalauth;

import dev.sluice.plugin.SettingsException;
import dev.sluice.plugins.terminalauth.AdmissionSettings.CertificatePolicy;
import dev.sluice.plugins.terminalauth.AdmissionSettings.RevocationPolicy;
import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import java.security.Provider;
import java.security.cert.CertPath;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Set;

/// The authorities that may issue terminals' certificates, and what they have revoked. Immutable; a
/// change of the files makes a new one.
final class Authorities {
  private final Provider provider;
  private final List<X509Certificate> roots;
  private final PathFinder finder;
  private final List<RevocationList> revocationLists;

  /// @param certificates self-signed ones are trusted; others only complete paths
  /// @throws SettingsException if there is no root among them
  Authorities(
      List<X509Certificate> certificates, List<RevocationList> revocationLists, Provider provider)
      throws SettingsException {
    this.provider = provider;
    this.revocationLists = List.copyOf(revocationLists);
    this.roots = certificates.stream().filter(this::isRoot).toList();
    List<X509Certificate> others = certificates.stream().filter(one -> !isRoot(one)).toList();
    this.finder = new PathFinder(roots, others, provider);
    if (roots.isEmpty()) {
      throw new SettingsException(
          "ca-files: no root authority in them: allowed: files with a self-signed certificate");
    }
  }

  private boolean isRoot(X509Certificate certificate) {
    return certificate.getBasicConstraints() >= 0
        && certificate.getSubjectX500Principal().equals(certificate.getIssuerX500Principal())
        && PathFinder.signed(certificate, certificate, provider);
  }

  /// Refuses a list that is older than the one of the same authority here: who puts an old list
  /// back takes revocations back.
  void refuseOlder(String source, RevocationList candidate) throws SettingsException {
    for (RevocationList list : revocationLists) {
      if (list.issuer().equals(candidate.issuer())
          && candidate.thisUpdate().isBefore(list.thisUpdate())) {
        throw new SettingsException(
            source
                + ": the revocation list of "
                + candidate.issuer()
                + " is of "
                + candidate.thisUpdate()
                + ": allowed: one not older than that in force, of "
                + list.thisUpdate());
      }
    }
  }

  /// The lists that one of the authorities has signed: no other is ever looked at.
  List<RevocationList> signedLists() {
    List<X509Certificate> signers = finder.ofTheSite();
    return revocationLists.stream()
        .filter(list ->
            signers.stream()
                .anyMatch(one ->
                    one.getSubjectX500Principal().equals(list.issuer())
                        && list.isSignedBy(one, provider)))
        .toList();
  }

  /// The lists whose successor should be here by now.
  List<RevocationList> overdue(Instant now) {
    return revocationLists.stream().filter(list -> list.isOverdue(now)).toList();
  }

  List<X509Certificate> roots() {
    return roots;
  }

  /// Checks what a terminal has presented, the terminal's own certificate first.
  ///
  /// @return the path from the terminal's certificate to the root, which [#recheck] takes
  /// @throws Refused with the cause
  List<X509Certificate> check(
      List<X509Certificate> presented, CertificatePolicy policy, Instant now) throws Refused {
    if (presented.isEmpty()) {
      throw new Refused(Cause.NO_CERTIFICATE, "the terminal sent no certificate");
    }
    X509Certificate leaf = presented.getFirst();
    List<X509Certificate> path = finder.find(presented);
    recheck(path, policy, now);
    KeyRules.requireTerminalUsage(leaf);
    KeyRules.requireStrongEcKey(leaf);
    for (X509Certificate authority : path.subList(1, path.size())) {
      KeyRules.requireAuthorityKey(authority);
    }
    validate(path, now);
    return path;
  }

  /// Checks again what can have changed since the path was found good: the roots, the validity, the
  /// revocation lists. Costs no signature check, unless a revocation list is new.
  void recheck(List<X509Certificate> path, CertificatePolicy policy, Instant now) throws Refused {
    if (!roots.contains(path.getLast())) {
      throw new Refused(Cause.UNKNOWN_CA, name(path.getLast()) + " is no root any more");
    }
    for (X509Certificate certificate : path) {
      requireValid(certificate, policy, now);
    }
    requireNotRevoked(path);
  }

  private static void requireValid(
      X509Certificate certificate, CertificatePolicy policy, Instant now) throws Refused {
    Instant begin = certificate.getNotBefore().toInstant();
    if (now.plusMillis(policy.clockSkewMs()).isBefore(begin)) {
      throw new Refused(Cause.NOT_YET_VALID, name(certificate) + " is valid from " + begin);
    }
    Instant end = certificate.getNotAfter().toInstant();
    if (now.isAfter(end)) {
      throw new Refused(Cause.EXPIRED, name(certificate) + " was valid until " + end);
    }
  }

  private void requireNotRevoked(List<X509Certificate> path) throws Refused {
    for (int i = 0; i < path.size() - 1; i++) {
      X509Certificate certificate = path.get(i);
      for (RevocationList list : listsOf(path.get(i + 1))) {
        if (list.names(certificate)) {
          throw new Refused(Cause.REVOKED, name(certificate) + " is on the revocation list");
        }
      }
    }
  }

  /// Asks that there be current revocation lists for a new handshake; a session that lives goes on
  /// without, so that a late list does not cut every terminal off.
  void requireRevocationLists(List<X509Certificate> path, RevocationPolicy policy, Instant now)
      throws Refused {
    for (X509Certificate authority : path.subList(1, path.size())) {
      List<RevocationList> lists = listsOf(authority);
      if (lists.isEmpty() && policy != RevocationPolicy.ALLOW_MISSING) {
        throw new Refused(Cause.CRL_MISSING, "no revocation list of " + name(authority));
      }
      if (policy == RevocationPolicy.REQUIRE_CURRENT
          && lists.stream().allMatch(list -> list.isOverdue(now))) {
        throw new Refused(
            Cause.CRL_EXPIRED, "the revocation list of " + name(authority) + " is overdue");
      }
    }
  }

  private List<RevocationList> listsOf(X509Certificate authority) {
    return revocationLists.stream()
        .filter(list -> list.issuer().equals(authority.getSubjectX500Principal()))
        .filter(list -> list.isSignedBy(authority, provider))
        .toList();
  }

  /// Leaves what is not looked at elsewhere to PKIX: basic and name constraints, path lengths, key
  /// usage of authorities, unknown critical extensions.
  private void validate(List<X509Certificate> path, Instant now) throws Refused {
    try {
      CertPath below =
          CertificateFactory.getInstance("X.509", provider)
              .generateCertPath(path.subList(0, path.size() - 1));
      PKIXParameters parameters = new PKIXParameters(Set.of(new TrustAnchor(path.getLast(), null)));
      parameters.setRevocationEnabled(false);
      parameters.setDate(dateWithin(path, now));
      CertPathValidator.getInstance("PKIX", provider).validate(below, parameters);
    } catch (CertPathValidatorException e) {
      throw new Refused(Cause.BAD_CERTIFICATE, String.valueOf(e.getMessage()));
    } catch (InvalidAlgorithmParameterException e) {
      throw new Refused(Cause.BAD_CERTIFICATE, "no path: " + e.getMessage());
    } catch (GeneralSecurityException e) {
      throw new Refused(Cause.BAD_CERTIFICATE, "unreadable path: " + e.getMessage());
    }
  }

  /// Now, or the latest begin of validity where the clock's allowed skew puts that after now.
  private static Date dateWithin(List<X509Certificate> path, Instant now) {
    Instant date = now;
    for (X509Certificate certificate : path) {
      Instant begin = certificate.getNotBefore().toInstant();
      date = begin.isAfter(date) ? begin : date;
    }
    return Date.from(date);
  }

  @Override
  public String toString() {
    int revoked = revocationLists.stream().mapToInt(RevocationList::size).sum();
    return roots.size() + " roots, " + revocationLists.size() + " lists, " + revoked + " revoked";
  }

  private static String name(X509Certificate certificate) {
    return certificate.getSubjectX500Principal().getName();
  }
}
