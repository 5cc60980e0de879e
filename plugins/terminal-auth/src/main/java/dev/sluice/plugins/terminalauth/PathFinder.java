package dev.sluice.plugins.terminalauth;

import java.security.GeneralSecurityException;
import java.security.Provider;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import javax.security.auth.x500.X500Principal;

/// Finds the certificates between a terminal's own and a root.
///
/// It goes from the roots down, so that no key is used before an authority that we trust has signed
/// for it: whoever knocks may make up issuers whose keys take seconds to reckon with.
///
/// @param roots those that are trusted
/// @param intermediates those that complete paths beside what a terminal presents
record PathFinder(
    List<X509Certificate> roots, List<X509Certificate> intermediates, Provider provider) {
  /// Longest path from a terminal's certificate up to and including its root.
  static final int MAX_PATH = 5;

  /// Every authority that the operator has named.
  List<X509Certificate> ofTheSite() {
    return Stream.concat(roots.stream(), intermediates.stream()).toList();
  }

  /// The path from the first of the presented certificates to a root.
  ///
  /// @throws Refused if there is none
  List<X509Certificate> find(List<X509Certificate> presented) throws Refused {
    X509Certificate leaf = presented.getFirst();
    Collection<X509Certificate> open = issuersByName(leaf, presented);
    List<List<X509Certificate>> paths = roots.stream().map(List::of).toList();
    for (int length = 1; length < MAX_PATH; length++) {
      List<List<X509Certificate>> longer = new ArrayList<>();
      for (List<X509Certificate> path : paths) {
        X509Certificate issuer = path.getFirst();
        if (issued(issuer, leaf)) {
          return below(leaf, path);
        }
        // Who signs and is no authority is found, for PKIX to refuse, but nothing further below.
        if (issuer.getBasicConstraints() >= 0) {
          open.stream()
              .filter(one -> issued(issuer, one))
              .forEach(one -> longer.add(below(one, path)));
        }
      }
      longer.forEach(path -> open.remove(path.getFirst()));
      paths = longer;
    }
    throw new Refused(
        Cause.UNKNOWN_CA,
        "nobody we trust issued "
            + leaf.getSubjectX500Principal().getName()
            + " over at most "
            + MAX_PATH
            + " certificates");
  }

  /// What may stand between the leaf and a root, so far as names tell, without using a key.
  private Collection<X509Certificate> issuersByName(
      X509Certificate leaf, List<X509Certificate> presented) {
    Set<X500Principal> wanted = new HashSet<>(Set.of(leaf.getIssuerX500Principal()));
    Set<X509Certificate> found = new LinkedHashSet<>();
    for (int length = 1; length < MAX_PATH; length++) {
      Stream.concat(intermediates.stream(), presented.stream().skip(1))
          .filter(one -> wanted.contains(one.getSubjectX500Principal()))
          .forEach(found::add);
      found.forEach(one -> wanted.add(one.getIssuerX500Principal()));
    }
    roots.forEach(found::remove);
    return found;
  }

  private static List<X509Certificate> below(
      X509Certificate certificate, List<X509Certificate> path) {
    return Stream.concat(Stream.of(certificate), path.stream()).toList();
  }

  private boolean issued(X509Certificate issuer, X509Certificate certificate) {
    return issuer.getSubjectX500Principal().equals(certificate.getIssuerX500Principal())
        && signed(issuer, certificate, provider);
  }

  /// Whether this issuer's key has signed the certificate.
  static boolean signed(X509Certificate issuer, X509Certificate certificate, Provider provider) {
    try {
      certificate.verify(issuer.getPublicKey(), provider);
      return true;
    } catch (GeneralSecurityException e) {
      return false;
    }
  }
}
