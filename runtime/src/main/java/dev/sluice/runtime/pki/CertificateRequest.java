package dev.sluice.runtime.pki;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/// What a certificate is to be.
///
/// @param name 1 to 64 letters, digits, dots, underscores and hyphens, a letter or digit first; the
///   files are called after it
/// @param subject distinguished name as RFC 4514 writes it
/// @param notBefore start of its life
/// @param notAfter end of its life
/// @param alternativeNames `dns:NAME` or `ip:ADDRESS` each
public record CertificateRequest(
    CertificateKind kind,
    String name,
    String subject,
    Instant notBefore,
    Instant notAfter,
    List<String> alternativeNames) {

  /// How long a certificate lives unless somebody says otherwise.
  public static final int DEFAULT_DAYS = 1095;

  /// A device whose clock is this slow still accepts a new certificate.
  static final Duration CLOCK_SKEW = Duration.ofMinutes(5);

  public CertificateRequest {
    alternativeNames = List.copyOf(alternativeNames);
  }

  /// A certificate with the subject `CN=name` that is valid from now on.
  public static CertificateRequest of(CertificateKind kind, String name, int days) {
    Instant now = Instant.now();
    return new CertificateRequest(
        kind,
        name,
        "CN=" + name,
        now.minus(CLOCK_SKEW),
        now.plus(Duration.ofDays(days)),
        List.of());
  }

  /// The same for another holder.
  public CertificateRequest withSubject(String distinguishedName) {
    return new CertificateRequest(
        kind, name, distinguishedName, notBefore, notAfter, alternativeNames);
  }

  /// The same for another time.
  public CertificateRequest withLife(Instant from, Instant to) {
    return new CertificateRequest(kind, name, subject, from, to, alternativeNames);
  }

  /// The same with alternative names.
  public CertificateRequest withAlternativeNames(List<String> names) {
    return new CertificateRequest(kind, name, subject, notBefore, notAfter, names);
  }
}
