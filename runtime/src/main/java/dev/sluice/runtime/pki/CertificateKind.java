package dev.sluice.runtime.pki;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.bouncycastle.asn1.x509.KeyPurposeId;

/// What a certificate is for, which is its extended key usage (RFC 5280, 4.2.1.12).
public enum CertificateKind {
  /// A terminal: it is the client of the handshake.
  TERMINAL,
  /// The gateway: it is the server of the handshake.
  GATEWAY,
  /// Somebody who signs bundles.
  SIGNER;

  KeyPurposeId purpose() {
    return switch (this) {
      case TERMINAL -> KeyPurposeId.id_kp_clientAuth;
      case GATEWAY -> KeyPurposeId.id_kp_serverAuth;
      case SIGNER -> KeyPurposeId.id_kp_codeSigning;
    };
  }

  /// The word for it on the command line and in the index, in lower case.
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /// The kind that has this word.
  ///
  /// @throws PkiException if `word` names none
  public static CertificateKind of(String word) throws PkiException {
    for (CertificateKind kind : values()) {
      if (kind.word().equals(word)) {
        return kind;
      }
    }
    throw new PkiException(
        "there is no kind of certificate '%s'; allowed are %s"
            .formatted(
                word,
                Arrays.stream(values())
                    .map(CertificateKind::word)
                    .collect(Collectors.joining(", "))));
  }
}
