package dev.sluice.runtime.pki;

import java.util.Arrays;
import java.util.stream.Collectors;
import org.bouncycastle.asn1.x509.CRLReason;

/// Why a certificate was revoked (RFC 5280, 5.3.1), as far as a holder's certificate goes. Hold is
/// left out: a revoked certificate never comes back.
public enum RevocationReason {
  UNSPECIFIED("unspecified", CRLReason.unspecified),
  KEY_COMPROMISE("keyCompromise", CRLReason.keyCompromise),
  AFFILIATION_CHANGED("affiliationChanged", CRLReason.affiliationChanged),
  SUPERSEDED("superseded", CRLReason.superseded),
  CESSATION_OF_OPERATION("cessationOfOperation", CRLReason.cessationOfOperation),
  PRIVILEGE_WITHDRAWN("privilegeWithdrawn", CRLReason.privilegeWithdrawn);

  private final String word;
  private final int code;

  RevocationReason(String word, int code) {
    this.word = word;
    this.code = code;
  }

  /// The RFC's word for it.
  public String word() {
    return word;
  }

  int code() {
    return code;
  }

  /// The reason that has this word.
  ///
  /// @throws PkiException if `word` names none
  public static RevocationReason of(String word) throws PkiException {
    for (RevocationReason reason : values()) {
      if (reason.word.equals(word)) {
        return reason;
      }
    }
    throw new PkiException(
        "there is no reason '%s' to revoke; allowed are %s"
            .formatted(
                word,
                Arrays.stream(values())
                    .map(RevocationReason::word)
                    .collect(Collectors.joining(", "))));
  }
}
