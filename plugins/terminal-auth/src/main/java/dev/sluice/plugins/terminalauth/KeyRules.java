package dev.sluice.plugins.terminalauth;

import java.security.PublicKey;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.util.List;

/// What is asked of a certificate's key and of its declared usage.
final class KeyRules {
  private static final String CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";
  private static final int DIGITAL_SIGNATURE = 0;
  private static final int MIN_RSA_BITS = 2048;
  private static final int MIN_EC_BITS = 256;

  private KeyRules() {}

  /// Asks for what a terminal's own certificate must be: no authority's, usable for signatures, and
  /// meant for the client's side of a handshake.
  static void requireTerminalUsage(X509Certificate leaf) throws Refused {
    if (leaf.getBasicConstraints() >= 0) {
      throw new Refused(Cause.WRONG_USAGE, "the certificate is an authority's");
    }
    boolean[] usage = leaf.getKeyUsage();
    if (usage == null || !usage[DIGITAL_SIGNATURE]) {
      throw new Refused(Cause.WRONG_USAGE, "key usage lacks digitalSignature");
    }
    if (!extendedUsage(leaf).contains(CLIENT_AUTH)) {
      throw new Refused(Cause.WRONG_USAGE, "extended key usage lacks clientAuth");
    }
  }

  private static List<String> extendedUsage(X509Certificate leaf) throws Refused {
    try {
      List<String> usage = leaf.getExtendedKeyUsage();
      return usage == null ? List.of() : usage;
    } catch (CertificateParsingException e) {
      throw new Refused(Cause.BAD_CERTIFICATE, "unreadable extended key usage");
    }
  }

  /// Asks for an EC key on P-256 or P-384, the only ones that the handshake signs with.
  static void requireStrongEcKey(X509Certificate certificate) throws Refused {
    if (!(certificate.getPublicKey() instanceof ECPublicKey key)) {
      throw new Refused(Cause.WEAK_KEY, certificate.getPublicKey().getAlgorithm() + " key");
    }
    int bits = key.getParams().getOrder().bitLength();
    if (bits != 256 && bits != 384) {
      throw new Refused(Cause.WEAK_KEY, "EC key of " + bits + " bits");
    }
  }

  /// Asks for a key that an authority may sign with: EC of 256 bits or more, RSA of 2048 or more.
  static void requireAuthorityKey(X509Certificate authority) throws Refused {
    PublicKey key = authority.getPublicKey();
    boolean strong =
        switch (key) {
          case ECPublicKey ec -> ec.getParams().getOrder().bitLength() >= MIN_EC_BITS;
          case RSAPublicKey rsa -> rsa.getModulus().bitLength() >= MIN_RSA_BITS;
          default -> false;
        };
    if (!strong) {
      throw new Refused(Cause.WEAK_KEY, "an authority's " + key.getAlgorithm() + " key is weak");
    }
  }
}
