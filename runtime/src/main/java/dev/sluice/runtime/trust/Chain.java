package dev.sluice.runtime.trust;

import dev.sluice.runtime.config.TrustSettings.Revocation;
import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import java.security.PublicKey;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertStore;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.PKIXCertPathBuilderResult;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CRL;
import java.security.cert.X509CRLEntry;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// A certificate with those between it and a trusted one (RFC 5280, section 6).
///
/// @param path the certificate first, the trusted one last; one alone if it is trusted itself
record Chain(List<X509Certificate> path) {
  /// Index of `cRLSign` in [X509Certificate#getKeyUsage].
  private static final int CRL_SIGN = 6;

  Chain {
    path = List.copyOf(path);
  }

  X509Certificate anchor() {
    return path.getLast();
  }

  /// Finds the chain.
  ///
  /// @param between certificates that may stand between
  /// @param time when every certificate must be valid
  /// @param whose begins the sentence: "its signer"
  /// @throws TrustException if there is none, or some certificate of it is weak or not valid
  static Chain find(
      X509Certificate certificate,
      Collection<X509Certificate> between,
      Collection<X509Certificate> anchors,
      Instant time,
      String whose)
      throws TrustException {
    List<X509Certificate> path = new ArrayList<>();
    if (anchors.contains(certificate)) {
      path.add(certificate);
    } else {
      path.addAll(build(certificate, between, anchors, time, whose));
    }
    for (int at = 0; at < path.size(); at++) {
      Algorithms.requireStrong(path.get(at), at == path.size() - 1);
      requireValid(path.get(at), time);
    }
    return new Chain(path);
  }

  private static List<X509Certificate> build(
      X509Certificate certificate,
      Collection<X509Certificate> between,
      Collection<X509Certificate> anchors,
      Instant time,
      String whose)
      throws TrustException {
    String unknown =
        whose
            + " "
            + Signer.name(certificate.getSubjectX500Principal())
            + " is not known: no certificate of the trust store stands behind "
            + Signer.name(certificate.getIssuerX500Principal());
    if (anchors.isEmpty()) {
      throw new TrustException(unknown, true);
    }
    try {
      X509CertSelector target = new X509CertSelector();
      target.setCertificate(certificate);
      Set<TrustAnchor> trusted = new HashSet<>();
      anchors.forEach(anchor -> trusted.add(new TrustAnchor(anchor, null)));
      PKIXBuilderParameters wanted = new PKIXBuilderParameters(trusted, target);
      wanted.setRevocationEnabled(false); // Revocation is asked for below, in sentences
      wanted.setDate(Date.from(time));
      List<X509Certificate> known = new ArrayList<>(between);
      known.add(certificate);
      wanted.addCertStore(
          CertStore.getInstance("Collection", new CollectionCertStoreParameters(known)));
      PKIXCertPathBuilderResult built =
          (PKIXCertPathBuilderResult) CertPathBuilder.getInstance("PKIX").build(wanted);
      List<X509Certificate> path = new ArrayList<>();
      built.getCertPath().getCertificates().forEach(each -> path.add((X509Certificate) each));
      path.add(built.getTrustAnchor().getTrustedCert());
      return path;
    } catch (CertPathBuilderException e) {
      throw new TrustException(unknown + detail(e), true);
    } catch (InvalidAlgorithmParameterException e) {
      throw new TrustException(unknown, true);
    } catch (GeneralSecurityException e) {
      throw new TrustException("this Java cannot check certificates: " + e.getMessage());
    }
  }

  /// What a person can use of the reasons that a chain was not found.
  private static String detail(CertPathBuilderException refused) {
    Throwable cause = refused.getCause();
    String text = cause == null ? "" : String.valueOf(cause.getMessage());
    return text.isEmpty() || text.startsWith("unable to find") ? "" : " (" + text.strip() + ")";
  }

  private static void requireValid(X509Certificate certificate, Instant time)
      throws TrustException {
    String name = "the certificate " + Signer.name(certificate.getSubjectX500Principal());
    Instant begin = certificate.getNotBefore().toInstant();
    Instant end = certificate.getNotAfter().toInstant();
    if (time.isBefore(begin)) {
      throw new TrustException(name + " is not valid before " + begin, true);
    }
    if (time.isAfter(end)) {
      throw new TrustException(name + " expired on " + end, true);
    }
  }

  /// Refuses a chain with a revoked certificate in it. A list that is out of date still counts for
  /// what it revokes. A certificate once revoked stays so for everything that it signed, whenever:
  /// who has stolen the key can date back all but a timestamp, and need not have one.
  ///
  /// @return what was wanting, each a sentence; empty where every list is there and in date
  List<String> requireNotRevoked(Collection<X509CRL> lists, Revocation wanted)
      throws TrustException {
    List<String> wanting = new ArrayList<>();
    for (int at = 0; at + 1 < path.size(); at++) {
      X509Certificate certificate = path.get(at);
      X509Certificate issuer = path.get(at + 1);
      boolean current = false;
      for (X509CRL list : lists) {
        if (isOf(list, issuer)) {
          refuseRevoked(certificate, list);
          current |= isCurrent(list);
        }
      }
      if (!current) {
        String lack =
            "no revocation list of "
                + Signer.name(issuer.getSubjectX500Principal())
                + " that is in date is in the trust store";
        if (wanted == Revocation.REQUIRED) {
          throw new TrustException(lack + ", and revocation = required", true);
        }
        wanting.add(lack);
      }
    }
    return wanting;
  }

  private static void refuseRevoked(X509Certificate certificate, X509CRL list)
      throws TrustException {
    X509CRLEntry entry = list.getRevokedCertificate(certificate.getSerialNumber());
    if (entry != null) {
      throw new TrustException(
          "the certificate "
              + Signer.name(certificate.getSubjectX500Principal())
              + " was revoked on "
              + entry.getRevocationDate().toInstant(),
          true);
    }
  }

  private static boolean isCurrent(X509CRL list) {
    Instant now = Instant.now();
    Date next = list.getNextUpdate();
    return next != null
        && !now.isBefore(list.getThisUpdate().toInstant())
        && now.isBefore(next.toInstant());
  }

  private static boolean isOf(X509CRL list, X509Certificate issuer) {
    boolean[] usage = issuer.getKeyUsage();
    if (!list.getIssuerX500Principal().equals(issuer.getSubjectX500Principal())
        || (usage != null && !usage[CRL_SIGN])) {
      return false;
    }
    try {
      PublicKey key = issuer.getPublicKey();
      list.verify(key);
      return true;
    } catch (GeneralSecurityException e) {
      return false; // another authority of the same name, or nobody's: it says nothing here
    }
  }
}
