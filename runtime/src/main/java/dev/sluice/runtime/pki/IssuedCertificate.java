package dev.sluice.runtime.pki;

import java.math.BigInteger;
import java.time.Instant;
import java.util.Optional;

/// One row of the index: a certificate that was signed.
///
/// @param name what the operator calls it, and what its files are called
/// @param serial positive, at most 16 bytes
/// @param subject as RFC 4514 writes it
/// @param notBefore to the second
/// @param notAfter to the second
/// @param revocation empty while it stands
public record IssuedCertificate(
    String name,
    CertificateKind kind,
    BigInteger serial,
    String subject,
    Instant notBefore,
    Instant notAfter,
    Optional<Revocation> revocation) {

  /// When and why it was revoked.
  public record Revocation(Instant at, RevocationReason reason) {}

  /// What a person reads: `valid`, `not yet valid`, `expired` or `revoked (REASON)`.
  public String state(Instant now) {
    if (revocation.isPresent()) {
      return "revoked (" + revocation.get().reason().word() + ")";
    }
    if (now.isBefore(notBefore)) {
      return "not yet valid";
    }
    return now.isAfter(notAfter) ? "expired" : "valid";
  }

  /// Whether another certificate may take the name over.
  boolean isOver(Instant now) {
    return revocation.isPresent() || now.isAfter(notAfter);
  }
}
