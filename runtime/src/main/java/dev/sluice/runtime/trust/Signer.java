package dev.sluice.runtime.trust;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import javax.security.auth.x500.X500Principal;

/// Who signed a bundle, once everything about the signature has been found right.
///
/// @param subject distinguished name of the certificate, as RFC 2253 writes it
/// @param fingerprint SHA-256 of the certificate, 64 hexadecimal digits in lower case
/// @param anchor distinguished name of the certificate of the trust folder that it leads to
/// @param ofDistribution whether that certificate is the one the build made for its own bundles
/// @param signed when, as a timestamp says; empty without one
public record Signer(
    String subject,
    String fingerprint,
    String anchor,
    boolean ofDistribution,
    Optional<Instant> signed) {

  /// Whether an operator means this signer: a common name, or `sha256:` and a fingerprint.
  public boolean isCalled(String name) {
    if (name.startsWith("sha256:")) {
      String digits = name.substring("sha256:".length()).replace(":", "");
      return digits.toLowerCase(Locale.ROOT).equals(fingerprint);
    }
    return !name.isEmpty() && commonName(subject).equals(name);
  }

  /// The common name of a distinguished name; empty if it has none, or two.
  static String commonName(String subject) {
    try {
      var names =
          new LdapName(subject)
              .getRdns().stream()
                  .filter(rdn -> rdn.getType().equalsIgnoreCase("CN"))
                  .map(Rdn::getValue)
                  .toList();
      return names.size() == 1 ? String.valueOf(names.getFirst()) : "";
    } catch (InvalidNameException e) {
      return "";
    }
  }

  /// A distinguished name as this class writes it.
  static String name(X500Principal principal) {
    return principal.getName();
  }

  static String fingerprint(X509Certificate certificate) {
    try {
      return HexFormat.of()
          .formatHex(MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded()));
    } catch (NoSuchAlgorithmException | CertificateEncodingException e) {
      throw new IllegalStateException("a certificate that was read can be hashed", e);
    }
  }
}
