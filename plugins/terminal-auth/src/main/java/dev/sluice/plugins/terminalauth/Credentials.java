package dev.sluice.plugins.terminalauth;

import dev.sluice.plugin.SettingsException;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.Signature;
import java.security.SignatureException;
import java.security.cert.X509Certificate;
import java.util.List;

/// What the gateway proves itself with to terminals.
///
/// @param chain the gateway's certificate first, then those that issued it
record Credentials(List<X509Certificate> chain, PrivateKey key) {

  /// Puts a chain and a key together.
  ///
  /// @throws SettingsException if the two do not belong together, or the key is of a kind that the
  ///   handshake does not use
  static Credentials of(PemFile certificates, PemFile key, Provider provider)
      throws SettingsException {
    List<X509Certificate> chain = certificates.certificates();
    try {
      KeyRules.requireStrongEcKey(chain.getFirst());
    } catch (Refused e) {
      throw new SettingsException(
          certificates.name() + ": " + e.getMessage() + ": allowed: an EC key, P-256 or P-384");
    }
    PrivateKey secret = key.privateKey();
    if (!belong(chain.getFirst(), secret, provider)) {
      throw new SettingsException(
          key.name() + ": not the key of " + certificates.name() + ": allowed: the key it names");
    }
    return new Credentials(List.copyOf(chain), secret);
  }

  private static boolean belong(X509Certificate certificate, PrivateKey key, Provider provider)
      throws SettingsException {
    byte[] probe = {1, 2, 3};
    try {
      Signature signature = Signature.getInstance("SHA256withECDSA", provider);
      signature.initSign(key);
      signature.update(probe);
      byte[] signed = signature.sign();
      signature.initVerify(certificate.getPublicKey());
      signature.update(probe);
      return signature.verify(signed);
    } catch (SignatureException e) {
      return false;
    } catch (GeneralSecurityException e) {
      throw new SettingsException(
          "gateway-key: the key cannot sign (" + e.getMessage() + "): allowed: an EC key");
    }
  }

  /// Names the certificate, never the key.
  @Override
  public String toString() {
    X509Certificate own = chain.getFirst();
    return own.getSubjectX500Principal() + " until " + own.getNotAfter().toInstant();
  }
}
